"""The sources of a desk: every address and file once, what was fetched of it, and which claims rest on it."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode

from annotations.domain.states import FetchState
from annotations.models import Reference
from annotations.queries.references import (
    FetchView,
    captures_of,
    fetch_of,
    reference_for,
    references_of_desk,
    uses_of,
    worker_alive,
)
from annotations.web.context import desk_in_hand
from annotations.web.decorators import page
from annotations.web.requests import SignedInRequest


@dataclass(frozen=True)
class Tab:
    """One state of fetching to narrow the list to."""

    label: str
    url: str
    current: bool
    count: int | None = None


@dataclass(frozen=True)
class Row:
    """One source of the list with where its fetch stands."""

    reference: Reference
    fetch: FetchView


@page("GET")
def references(request: SignedInRequest) -> HttpResponse:
    """List the desk's sources, newest first, a page by key, one state of fetching on demand."""
    desk = desk_in_hand(request)
    asked = request.GET.get("state", "")
    state = asked if asked in set(FetchState) else ""
    found = references_of_desk(desk.pk, state=state, after=request.GET.get("after", ""))
    rows = [Row(reference, fetch_of(reference)) for reference in found.rows]
    here = reverse("references")
    kept = {"state": state} if state else {}
    tabs = [
        Tab("All", here, not state),
        *(Tab(one.label, f"{here}?{urlencode({'state': one.value})}", state == one) for one in FetchState),
    ]
    context = {
        "desk": desk,
        "rows": rows,
        "tabs": tabs,
        "state": state,
        "newest": f"{here}?{urlencode(kept)}" if request.GET.get("after") else "",
        "older": f"{here}?{urlencode({**kept, 'after': found.after})}" if found.after else "",
        "worker_missing": any(row.fetch.waiting for row in rows) and not worker_alive(),
    }
    return render(request, "references/list.html", context)


@page("GET")
def reference(request: SignedInRequest, reference_id: int) -> HttpResponse:
    """Show one source: what is known of it, each time it was fetched, and the claims that rest on it."""
    found = reference_for(request.user, reference_id)
    context = {
        "reference": found,
        "fetch": fetch_of(found),
        "captures": captures_of(found.pk),
        "uses": uses_of(found.pk),
    }
    return render(request, "references/reference.html", context)


urlpatterns: list[URLPattern] = [
    path("sources/", references, name="references"),
    path("sources/<int:reference_id>/", reference, name="reference"),
]
