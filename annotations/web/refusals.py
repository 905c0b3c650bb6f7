"""The one place where a refusal becomes a page, or a message on a form.

A plain form gets a page with the sentence and everything the person typed, ready to be sent again. An
htmx request gets the same sentence in a panel over the page, whose fields stay as they are.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from annotations.domain.errors import (
    Duplicate,
    Invalid,
    LeaseLost,
    Missing,
    NotAllowed,
    Refused,
    StaleEdit,
    WrongState,
)
from annotations.web.requests import own_address

_STATUS: tuple[tuple[type[Refused], int, str], ...] = (
    (Missing, 404, "Not here"),
    (NotAllowed, 403, "Not for you to do"),
    (StaleEdit, 409, "Someone was faster"),
    (LeaseLost, 409, "No longer in your hands"),
    (WrongState, 409, "Not possible right now"),
    (Duplicate, 409, "Already there"),
    (Invalid, 422, "That cannot be used as it is"),
    (Refused, 422, "That was not possible"),
)
# Fields that say which version a form rests on, and what the refusal calls the newer version.
_VERSIONS = {"version": "version", "base_number": "number"}
# Fields with these words in their name are never shown again.
# The code of `context.NoDesk`.
_NO_DESK = "no_desk"
_SECRET = ("password", "token", "secret")
_NO_SECRET = frozenset({"lease_token"})


@dataclass(frozen=True)
class Typed:
    """One field of the refused form: what was sent, and what stands there now if someone changed it."""

    name: str
    values: list[str]
    newer: str | None
    problem: str

    @property
    def label(self) -> str:
        """The field's name as people read it."""
        return self.name.replace("_", " ").replace("-", " ").capitalize()

    @property
    def worth_showing(self) -> bool:
        """Whether it is long, wrong or newer elsewhere. The other fields are sent along unseen."""
        return bool(self.problem) or self.newer is not None or any(len(value) > 40 for value in self.values)


def status_of(refused: Refused) -> int:
    """Return the HTTP status of a refusal on a page."""
    return next(status for kind, status, _ in _STATUS if isinstance(refused, kind))


def _typed(request: HttpRequest, refused: Refused) -> list[Typed]:
    current = refused.current if isinstance(refused, StaleEdit) else {}
    fields = []
    for name, values in request.POST.lists():
        if name not in _NO_SECRET and any(word in name.lower() for word in _SECRET):
            continue
        if name in _VERSIONS:
            # The person has now seen the newer version, so that is the one the form rests on.
            fields.append(Typed(name, [str(current.get(_VERSIONS[name], values[-1]))], None, ""))
            continue
        newer = str(current[name]) if name in current and str(current[name]) != values[-1] else None
        fields.append(Typed(name, [str(value) for value in values], newer, refused.fields.get(name, "")))
    return fields


def _others(refused: Refused, fields: list[Typed]) -> list[tuple[str, str]]:
    """Return the newer values that the form has no field for, such as who wrote them."""
    if not isinstance(refused, StaleEdit):
        return []
    named = {field.name for field in fields} | set(_VERSIONS.values())
    return [
        (name.replace("_", " ").capitalize(), str(value))
        for name, value in refused.current.items()
        if name not in named and value not in (None, "")
    ]


def way_back(request: HttpRequest) -> str:
    """Return the address the person came from if it is one of ours, else the queue's."""
    return own_address(request, request.headers.get("Referer", ""), otherwise=reverse("queue"))


def refusal_page(request: HttpRequest, refused: Refused) -> HttpResponse:
    """Return the page, for htmx the panel, that shows a refusal and keeps what was typed."""
    status, title = next((status, title) for kind, status, title in _STATUS if isinstance(refused, kind))
    fields = _typed(request, refused) if request.method == "POST" else []
    context = {
        "title": title,
        "sentence": refused.sentence,
        "code": refused.code,
        "problems": [problem for name, problem in refused.fields.items() if problem != refused.sentence],
        "fields": fields,
        "shown": [field for field in fields if field.worth_showing],
        "others": _others(refused, fields),
        # A file has to be chosen once more, and a lease that has ended cannot be used again.
        "can_send_again": bool(fields)
        and not request.FILES
        and status in (409, 422)
        and not isinstance(refused, LeaseLost),
        "back": way_back(request),
    }
    return render_refusal(request, context, status=status)


def render_refusal(request: HttpRequest, context: dict[str, Any], *, status: int) -> HttpResponse:
    """Return the page, for htmx the panel, of a refusal.

    `context` has title, sentence, code and back, and may have problems and what was typed.
    """
    htmx = bool(getattr(request, "htmx", False))
    context = dict.fromkeys(("problems", "fields", "shown", "others"), ()) | context
    response = render(request, "refusal_panel.html" if htmx else "refused.html", context, status=status)
    if htmx:
        response["HX-Retarget"] = "#refusal"
        response["HX-Reswap"] = "innerHTML"
    response["Cache-Control"] = "no-store"
    return response


def not_a_page(request: HttpRequest, *, allowed: list[str]) -> HttpResponse:
    """Return the 405 page of an address that only takes what a button sends, with a link to its claim."""
    named = request.resolver_match.kwargs if request.resolver_match else {}
    back = reverse("claim", args=[named["claim_id"]]) if "claim_id" in named else reverse("queue")
    context = {
        "title": "Nothing to read here",
        "sentence": "This address takes what a button sends and shows nothing by itself.",
        "code": "method_not_allowed",
        "back": back,
    }
    response = render(request, "refused.html", context, status=405)
    response["Allow"] = ", ".join(allowed)
    return response


def put_on_form(form: forms.Form, refused: Refused) -> None:
    """Show a refusal on a bound form: each field's problem beside it, the sentence above all of them.

    The sentence is left out when the fields already say the same. Raises the refusal again where no
    other input would help: the thing is not the person's, or they may not do this to it.
    """
    if isinstance(refused, Missing | NotAllowed):
        raise refused
    shown = set()
    for name, problem in refused.fields.items():
        form.add_error(name if name in form.fields else None, problem)
        shown.add(problem)
    if refused.sentence not in shown:
        form.add_error(None, refused.sentence)


class RefusedMiddleware:
    """Turns every Refused that the view of a page raises into its page. The API handles its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the page of a Refused; leave every other exception to Django."""
        if isinstance(exception, Refused):
            if exception.code == _NO_DESK and request.method == "GET" and request.path != reverse("start"):
                # Every page of a desk leads there: it says what somebody without a desk can do.
                return redirect("start")
            return refusal_page(request, exception)
        return None
