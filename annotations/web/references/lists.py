"""The sources of a desk: what fails, waits, changed or is gone, site by site, and fetched again at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode

from annotations.domain.desks.roles import Action
from annotations.domain.errors import Invalid
from annotations.domain.fetches.states import FetchState
from annotations.permissions import can
from annotations.queries.fetches.totals import hosts_now
from annotations.queries.fetches.views import worker_alive
from annotations.queries.paging import COUNT_CAP, PAGE_SIZE, CappedCount
from annotations.queries.references.lists import (
    Part,
    ReferenceFilter,
    ReferenceRow,
    matching_ids,
    part_counts,
    progress_of,
    reference_rows,
    references_page,
    sites_of,
)
from annotations.web.context import desk_in_hand
from annotations.web.decorators import page
from annotations.web.requests import SignedInRequest
from annotations.workflow.fetches.request import Retried, retry_fetches

_WAITING = (FetchState.QUEUED, FetchState.FETCHING)
SOON, LATER = 3, 15
_MORE = " These were the newest thousand: do it once more for the rest."


class NothingChosen(Invalid):
    """A bulk retry of nothing."""

    code = "nothing_chosen"


@dataclass(frozen=True)
class Tab:
    """One part of a list, with its own address."""

    label: str
    url: str
    current: bool
    count: CappedCount | None = None


@dataclass(frozen=True)
class Waiting:
    """The rows whose fetch is under way, as the poller on the page knows them."""

    marks: str
    seconds: int


@page("GET")
def references(request: SignedInRequest) -> HttpResponse:
    """List a part of the desk's sources, newest first, a page by key, narrowed by site and words."""
    desk = desk_in_hand(request)
    chosen = _chosen(request)
    after = request.GET.get("after", "")
    found = references_page(desk.pk, chosen, after=after)
    kept = _query(chosen)
    here = reverse("references")
    progress = progress_of(desk.pk)
    context = {
        "desk": desk,
        "rows": found.rows,
        "tabs": _tabs(desk.pk, chosen.part),
        "chosen": chosen,
        "query": urlencode(kept),
        "progress": progress,
        "waiting": _waiting(found.rows, worker_missing=not progress.workers),
        "may_retry": can(request.user, Action.ATTACH_EVIDENCE, desk.pk),
        "any_retryable": any(row.is_retryable for row in found.rows),
        "newest": f"{here}?{urlencode(kept)}" if after else "",
        "older": f"{here}?{urlencode({**kept, 'after': found.after})}" if found.after else "",
        "cleared": f"{here}?{urlencode(_query(ReferenceFilter(chosen.part)))}",
    }
    return render(request, "references/list.html", context)


@page("GET")
def waiting(request: SignedInRequest) -> HttpResponse:
    """Answer the list's question what became of the fetches under way: only the rows that changed."""
    desk = desk_in_hand(request)
    seen = request.GET.get("seen", "").split(",")[: PAGE_SIZE + 1]
    known = [int(number) for number in (mark.partition(".")[0] for mark in seen) if _is_number(number)]
    rows = reference_rows(desk.pk, known)
    now = _waiting(rows, worker_missing=not worker_alive())
    if now is not None and now.marks.split(",") == seen:
        return HttpResponse(status=204)
    changed = [row for row in rows if row.mark not in seen]
    landed = sum(row.fetch.state not in _WAITING for row in changed)
    context = {
        "changed": changed,
        "waiting": now,
        "progress": progress_of(desk.pk),
        "may_retry": can(request.user, Action.ATTACH_EVIDENCE, desk.pk),
        "told": f"{landed} fetch{'es' if landed != 1 else ''} ended" if landed else "",
    }
    return render(request, "references/_rows_landed.html", context)


@page("GET")
def sites(request: SignedInRequest) -> HttpResponse:
    """List the sites that the desk's sources stand on: what waits, fails, and is left in peace."""
    desk = desk_in_hand(request)
    after = request.GET.get("after", "")
    found = sites_of(desk.pk, after=after)
    here = reverse("reference_sites")
    context = {
        "desk": desk,
        "rows": found.rows,
        "busy": [host for host in hosts_now(desk_id=desk.pk) if host.open_until or host.free_at],
        "tabs": _tabs(desk.pk, None),
        "progress": progress_of(desk.pk),
        "may_retry": can(request.user, Action.ATTACH_EVIDENCE, desk.pk),
        "newest": here if after else "",
        "older": f"{here}?{urlencode({'after': found.after})}" if found.after else "",
    }
    return render(request, "references/sites.html", context)


@page("POST")
def retry(request: SignedInRequest) -> HttpResponse:
    """Fetch again what is ticked, or all that matches; say how many, and how many were passed over.

    A thousand at once at most, so that the page answers soon; it says when that was not all.
    """
    desk = desk_in_hand(request)
    chosen = _chosen(request)
    if request.POST.get("all_matching"):
        wanted = matching_ids(desk.pk, chosen)
    else:
        wanted = [int(number) for number in request.POST.getlist("source") if _is_number(number)]
        if not wanted:
            raise NothingChosen("Tick the sources that are to be fetched again.")
    retried = retry_fetches(desk.pk, by=request.user, reference_ids=wanted)
    more = len(wanted) == COUNT_CAP and bool(request.POST.get("all_matching"))
    messages.success(request, f"{_told(retried)}{_MORE if more else ''}")
    here = "reference_sites" if request.POST.get("back") == "sites" else "references"
    kept = urlencode(_query(chosen)) if here == "references" else ""
    return redirect(f"{reverse(here)}{'?' if kept else ''}{kept}")


def _told(retried: Retried) -> str:
    again = f"{retried.count} page{'s are' if retried.count != 1 else ' is'} fetched again."
    if not retried.passed_over:
        return again
    return f"{again} {retried.passed_over} passed over: fetched already, under way, or a file."


def _chosen(request: HttpRequest) -> ReferenceFilter:
    asked = request.GET.get("part", "")
    return ReferenceFilter(
        part=Part(asked) if asked in set(Part) else Part.ALL,
        host=request.GET.get("host", "").strip().lower(),
        words=request.GET.get("words", "").strip(),
    )


def _query(chosen: ReferenceFilter) -> dict[str, str]:
    part = "" if chosen.part is Part.ALL else chosen.part.value
    given = {"part": part, "host": chosen.host, "words": chosen.words}
    return {name: value for name, value in given.items() if value}


def _tabs(desk_id: int, current: Part | None) -> list[Tab]:
    here = reverse("references")
    counts = part_counts(desk_id)
    return [
        Tab(
            part.label,
            here if part is Part.ALL else f"{here}?{urlencode({'part': part.value})}",
            part is current,
            counts.get(part),
        )
        for part in (Part.FAILING, Part.WAITING, Part.CHANGED, Part.GONE, Part.ALL)
    ] + [Tab("By site", reverse("reference_sites"), current is None)]


def _waiting(rows: Sequence[ReferenceRow], *, worker_missing: bool) -> Waiting | None:
    under_way = [row for row in rows if row.fetch.state in _WAITING]
    if not under_way:
        return None
    soon = any(row.fetch.next_at is None for row in under_way)
    marks = ",".join([f"w{int(worker_missing)}", *(row.mark for row in under_way)])
    return Waiting(marks, SOON if soon or worker_missing else LATER)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


urlpatterns: list[URLPattern] = [
    path("sources/", references, name="references"),
    path("sources/waiting/", waiting, name="waiting_references"),
    path("sources/sites/", sites, name="reference_sites"),
    path("sources/fetch-again/", retry, name="retry_references"),
]
