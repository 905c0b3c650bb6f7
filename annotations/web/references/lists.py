"""The references of a desk: those that fail, wait, changed or are gone, site by site, and bulk retries."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode

from annotations.domain.background import BackgroundPart
from annotations.domain.desks.roles import Action
from annotations.domain.errors import Invalid
from annotations.domain.numbers import numbers_in
from annotations.permissions import can
from annotations.queries.fetches.totals import hosts_now
from annotations.queries.heartbeats import part_alive
from annotations.queries.paging import COUNT_CAP, PAGE_SIZE
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
from annotations.web.polling import Waiting, mark_of, waiting_for
from annotations.web.requests import SignedInRequest
from annotations.web.tabs import Tab
from annotations.workflow.fetches.request import Retried, retry_fetches

# Seconds. A list asks about many rows at once, so it asks less often than a card.
_SOON = 3
_MORE = " These were the newest thousand: do it once more for the rest."


class NothingChosen(Invalid):
    """A bulk retry of nothing."""

    code = "nothing_chosen"


@page("GET")
def references(request: SignedInRequest) -> HttpResponse:
    """List a page of the desk's sources, newest first, filtered by part, site and words."""
    desk = desk_in_hand(request)
    chosen = _chosen(request)
    after = request.GET.get("after", "")
    found = references_page(desk.pk, chosen, after=after)
    kept = _query(chosen)
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
        "newest": reverse("references", query=kept) if after else "",
        "older": reverse("references", query={**kept, "after": found.after}) if found.after else "",
        "cleared": reverse("references", query=_query(ReferenceFilter(chosen.part))),
    }
    return render(request, "references/list.html", context)


@page("GET")
def waiting(request: SignedInRequest) -> HttpResponse:
    """Answer a list that asks about the fetches under way: with the rows that changed, or with 204."""
    desk = desk_in_hand(request)
    seen = request.GET.get("seen", "").split(",")[: PAGE_SIZE + 1]
    known = numbers_in(mark.partition(".")[0] for mark in seen)
    rows = reference_rows(desk.pk, known)
    now = _waiting(rows, worker_missing=not part_alive(BackgroundPart.FETCHER))
    if now is not None and now.marks.split(",") == seen:
        return HttpResponse(status=204)
    changed = [row for row in rows if mark_of(row.reference.pk, row.fetch) not in seen]
    landed = sum(not row.fetch.waiting for row in changed)
    context = {
        "changed": changed,
        "waiting": now,
        "progress": progress_of(desk.pk),
        "may_retry": can(request.user, Action.ATTACH_EVIDENCE, desk.pk),
        "message": f"{landed} fetch{'es' if landed != 1 else ''} ended" if landed else "",
    }
    return render(request, "references/_rows_landed.html", context)


@page("GET")
def sites(request: SignedInRequest) -> HttpResponse:
    """List the sites of the desk's sources: what waits and fails there, and which sites are left alone."""
    desk = desk_in_hand(request)
    after = request.GET.get("after", "")
    found = sites_of(desk.pk, after=after)
    context = {
        "desk": desk,
        "rows": found.rows,
        "busy": [host for host in hosts_now(desk_id=desk.pk) if host.open_until or host.free_at],
        "tabs": _tabs(desk.pk, None),
        "progress": progress_of(desk.pk),
        "may_retry": can(request.user, Action.ATTACH_EVIDENCE, desk.pk),
        "newest": reverse("reference_sites") if after else "",
        "older": reverse("reference_sites", query={"after": found.after}) if found.after else "",
    }
    return render(request, "references/sites.html", context)


@page("POST")
def retry(request: SignedInRequest) -> HttpResponse:
    """Fetch again what is ticked, or all that matches; say how many were, and how many were passed over.

    At most a thousand at once, so that the page answers soon. The message says when there are more.
    """
    desk = desk_in_hand(request)
    chosen = _chosen(request)
    if request.POST.get("all_matching"):
        wanted = matching_ids(desk.pk, chosen)
    else:
        wanted = numbers_in(request.POST.getlist("source"))
        if not wanted:
            raise NothingChosen("Tick the sources that are to be fetched again.")
    retried = retry_fetches(desk.pk, by=request.user, reference_ids=wanted)
    more = len(wanted) == COUNT_CAP and bool(request.POST.get("all_matching"))
    messages.success(request, f"{_summary(retried)}{_MORE if more else ''}")
    if request.POST.get("back") == "sites":
        return redirect("reference_sites")
    return redirect(reverse("references", query=_query(chosen)))


def _summary(retried: Retried) -> str:
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
    counts = part_counts(desk_id)
    return [
        Tab(
            part.label,
            reverse("references", query=_query(ReferenceFilter(part))),
            part is current,
            counts.get(part),
        )
        for part in (Part.FAILING, Part.WAITING, Part.CHANGED, Part.GONE, Part.ALL)
    ] + [Tab("By site", reverse("reference_sites"), current is None)]


def _waiting(rows: Sequence[ReferenceRow], *, worker_missing: bool) -> Waiting | None:
    fetches = {row.reference.pk: row.fetch for row in rows}
    return waiting_for(fetches, worker_missing=worker_missing, soon=_SOON)


urlpatterns: list[URLPattern] = [
    path("sources/", references, name="references"),
    path("sources/waiting/", waiting, name="waiting_references"),
    path("sources/sites/", sites, name="reference_sites"),
    path("sources/fetch-again/", retry, name="retry_references"),
]
