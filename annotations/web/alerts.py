"""Sources that changed after a verdict: the list, the change side by side, and the decision."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse

from annotations.domain.errors import Invalid, StaleEdit, WrongState
from annotations.queries.alerts import alert_page, alerts_of_desk
from annotations.web.context import desk_in_hand
from annotations.web.decorators import page
from annotations.web.forms.alerts import AlertForm
from annotations.web.refusals import put_on_form
from annotations.web.requests import SignedInRequest
from annotations.web.tabs import Tab
from annotations.workflow.alerts.decide import amend_alert, confirm_alert, dismiss_alert

_SHOWN = {"mine": "For you", "": "All of the desk", "decided": "Decided"}


@page("GET")
def alerts(request: SignedInRequest) -> HttpResponse:
    """List the alerts of the desk, newest first: the person's own, all that are open, or the decided."""
    desk = desk_in_hand(request)
    asked = request.GET.get("show", "")
    show = asked if asked in _SHOWN else ""
    after = request.GET.get("after", "")
    found = alerts_of_desk(request.user, desk.pk, mine=show == "mine", decided=show == "decided", after=after)
    kept = {"show": show} if show else {}
    context = {
        "desk": desk,
        "rows": found.rows,
        "show": show,
        "marks_mine": show != "mine",
        "tabs": [
            Tab(label, reverse("alerts", query={"show": value} if value else {}), show == value)
            for value, label in _SHOWN.items()
        ],
        "newest": reverse("alerts", query=kept) if after else "",
        "older": reverse("alerts", query={**kept, "after": found.after}) if found.after else "",
    }
    return render(request, "alerts/list.html", context)


@page("GET")
def alert(request: SignedInRequest, alert_id: int) -> HttpResponse:
    """Show what changed, side by side, and ask for a decision."""
    return _show(request, alert_id)


@page("POST")
def confirm(request: SignedInRequest, alert_id: int) -> HttpResponse:
    """Decide that the verdict stands although its source changed."""
    return _decide(request, alert_id, confirm_alert, "The verdict stands. Your note is in the log.")


@page("POST")
def amend(request: SignedInRequest, alert_id: int) -> HttpResponse:
    """Put the claim back to work because of the change."""
    return _decide(request, alert_id, amend_alert, "")


@page("POST")
def dismiss(request: SignedInRequest, alert_id: int) -> HttpResponse:
    """Decide that the change has nothing to do with the claim."""
    return _decide(request, alert_id, dismiss_alert, "The change does not matter. Your note is in the log.")


def _decide(
    request: SignedInRequest, alert_id: int, decide: Callable[..., Any], message: str
) -> HttpResponse:
    form = AlertForm(request.POST)
    status = 422
    if form.is_valid():
        try:
            decided = decide(alert_id, by=request.user, **form.cleaned_data)
        except (Invalid, StaleEdit, WrongState) as refused:
            put_on_form(form, refused)
            status = 422 if isinstance(refused, Invalid) else 409
        else:
            if not message:
                messages.success(request, "The claim can be worked on again. Its source is marked below.")
                return redirect(
                    reverse("claim", args=[decided.claim_id], fragment=f"source-{decided.evidence_id}")
                )
            messages.success(request, message)
            return redirect("alert", alert_id)
    return _show(request, alert_id, form=form, status=status)


def _show(
    request: SignedInRequest, alert_id: int, *, form: AlertForm | None = None, status: int = 200
) -> HttpResponse:
    found = alert_page(request.user, alert_id)
    context = {"page": found, "alert": found.row.alert, "claim": found.row.alert.claim, "form": form}
    return render(request, "alerts/alert.html", context, status=status)


urlpatterns: list[URLPattern] = [
    path("alerts/", alerts, name="alerts"),
    path("alerts/<int:alert_id>/", alert, name="alert"),
    path("alerts/<int:alert_id>/confirm/", confirm, name="confirm_alert"),
    path("alerts/<int:alert_id>/amend/", amend, name="amend_alert"),
    path("alerts/<int:alert_id>/dismiss/", dismiss, name="dismiss_alert"),
]
