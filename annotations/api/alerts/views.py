"""Alerts: listed, shown, decided on."""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.alerts import serializers
from annotations.api.endpoint import Endpoint, paging, single
from annotations.api.operations import listing, operation
from annotations.models import Alert
from annotations.queries.alerts import alert_page, alerts_of_desk
from annotations.workflow.alerts.decide import amend_alert, confirm_alert, dismiss_alert

TAG = "alerts"


class Alerts(Endpoint):
    """The alerts of a desk."""

    @listing(
        "list_alerts",
        TAG,
        "List the changed sources of a desk",
        serializers.AlertRowOut,
        serializers.ALERT_ROW,
        about="Newest first: those that wait for a decision, or those decided on.",
        query=serializers.AlertQuery,
    )
    def get(self, request: Request) -> Response:
        """List them."""
        asked = self.query(serializers.AlertQuery)
        self.check_desk(asked["desk"])
        page = alerts_of_desk(
            self.person, asked["desk"], mine=asked["mine"], decided=asked["decided"], **paging(asked)
        )
        return self.page(serializers.AlertRowOut, page)


class OneAlert(Endpoint):
    """An alert."""

    @operation(
        "get_alert",
        TAG,
        "Show what changed",
        response=serializers.AlertOut,
        response_example=serializers.ALERT,
        refuses=(404,),
        versioned=True,
    )
    def get(self, request: Request, alert_id: int) -> Response:
        """Show it."""
        return _alert(self, alert_id)


def _alert(endpoint: Endpoint, alert_id: int) -> Response:
    found = alert_page(endpoint.person, alert_id)
    return single(serializers.AlertOut, found, version=found.row.alert.version)


def _decision(name: str, summary: str, about: str, decide: Callable[..., Alert], note: str) -> Any:
    class Decision(Endpoint):
        @operation(
            name,
            TAG,
            summary,
            about=about,
            body=serializers.AlertNote,
            body_example={"note": note},
            response=serializers.AlertOut,
            response_example=serializers.DECIDED,
            refuses=(403, 404, 409, 422),
            edits=True,
        )
        def post(self, request: Request, alert_id: int) -> Response:
            """Decide."""
            version = self.version_read()
            decide(alert_id, version=version, by=self.person, **self.body(serializers.AlertNote))
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
