"""Sources that changed behind a verdict: listed, shown, decided on."""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.endpoint import Endpoint, paging, single
from annotations.api.operations import listing, operation
from annotations.api.shapes import alerts as shapes
from annotations.models import SourceAlert
from annotations.queries.alerts import alert_page, alerts_of_desk
from annotations.queries.records import check_reads
from annotations.workflow.alerts.decide import amend_alert, confirm_alert, dismiss_alert

TAG = "alerts"


class Alerts(Endpoint):
    """The alerts of a desk."""

    @listing(
        "list_alerts",
        TAG,
        "List the changed sources of a desk",
        shapes.AlertRowOut,
        shapes.ALERT_ROW,
        about="Newest first: those that wait for a decision, or those decided on.",
        query=shapes.AlertQuery,
    )
    def get(self, request: Request) -> Response:
        """List them."""
        asked = self.query(shapes.AlertQuery)
        check_reads(self.person, asked["desk"])
        page = alerts_of_desk(
            self.person, asked["desk"], mine=asked["mine"], decided=asked["decided"], **paging(asked)
        )
        return self.page(shapes.AlertRowOut, page)


class OneAlert(Endpoint):
    """An alert."""

    @operation(
        "get_alert", TAG, "Show what changed", answer=shapes.AlertOut, gives=shapes.ALERT, refuses=(404,)
    )
    def get(self, request: Request, alert_id: int) -> Response:
        """Show it."""
        return _alert(self, alert_id)


def _alert(endpoint: Endpoint, alert_id: int) -> Response:
    found = alert_page(endpoint.person, alert_id)
    return single(shapes.AlertOut, found, version=found.row.alert.version)


def _decision(name: str, summary: str, about: str, decide: Callable[..., SourceAlert], note: str) -> Any:
    class Decision(Endpoint):
        @operation(
            name,
            TAG,
            summary,
            about=about,
            body=shapes.AlertNote,
            sends={"note": note},
            answer=shapes.AlertOut,
            gives=shapes.DECIDED,
            refuses=(403, 404, 409, 422),
            edits=True,
        )
        def post(self, request: Request, alert_id: int) -> Response:
            """Decide."""
            version = self.version_read()
            decide(alert_id, version=version, by=self.person, **self.body(shapes.AlertNote))
            return _alert(self, alert_id)

    Decision.__doc__ = f"{summary}."
    return Decision.as_view()


urlpatterns: list[URLPattern] = [
    path("alerts/", Alerts.as_view()),
    path("alerts/<int:alert_id>/", OneAlert.as_view()),
    path(
        "alerts/<int:alert_id>/confirm/",
        _decision(
            "confirm_alert",
            "Say that the verdict stands",
            "Although its source changed. A note may be added.",
            confirm_alert,
            "The count went up; at least fifty still holds.",
        ),
    ),
    path(
        "alerts/<int:alert_id>/amend/",
        _decision(
            "amend_alert",
            "Put the claim back to work",
            "A verified claim is reopened with the note as its reason, which takes the right to reopen.",
            amend_alert,
            "The hospital now says forty.",
        ),
    ),
    path(
        "alerts/<int:alert_id>/dismiss/",
        _decision(
            "dismiss_alert",
            "Say that the change does not matter",
            "With a note that says why.",
            dismiss_alert,
            "Only the menu changed.",
        ),
    ),
]
