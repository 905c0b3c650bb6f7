"""The sources of a desk as a list, by state (failing, waiting, changed, gone) and by site."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import connection
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from annotations.domain.fetches.outcomes import sentence_of
from annotations.domain.fetches.states import FetchState
from annotations.domain.fetches.watch import PageStatus
from annotations.models import Evidence, Reference
from annotations.queries.fetches.totals import QueueView, ended_last_hour, queue_now
from annotations.queries.fetches.views import FetchView, fetch_of, newest_copy, rest_of_host
from annotations.queries.heartbeats import workers_now
from annotations.queries.paging import COUNT_CAP, PAGE_SIZE, BadCursor, CappedCount, Page, newest_first

LONGEST_SEARCH = 200
RETRYABLE = (FetchState.FAILED, FetchState.CANCELLED)


class Part(StrEnum):
    """A part of a desk's sources that people look through."""

    ALL = "all"
    FAILING = "failing"
    WAITING = "waiting"
    CHANGED = "changed"
    GONE = "gone"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS: dict[Part, str] = {
    Part.ALL: "All",
    Part.FAILING: "Failing",
    Part.WAITING: "Waiting",
    Part.CHANGED: "Changed or moved",
    Part.GONE: "Gone or closed",
}
_CONDITIONS: dict[Part, Q] = {
    Part.ALL: Q(),
    Part.FAILING: Q(fetch_state=FetchState.FAILED.value),
    Part.WAITING: Q(fetch_state__in=[FetchState.QUEUED.value, FetchState.FETCHING.value]),
    Part.CHANGED: Q(watch__page_status__in=[PageStatus.CHANGED.value, PageStatus.MOVED.value]),
    Part.GONE: Q(
        watch__page_status__in=[
            PageStatus.DEAD.value,
            PageStatus.SOFT_404.value,
            PageStatus.BLOCKED.value,
        ]
    ),
}


@dataclass(frozen=True)
class ReferenceFilter:
    """A filter on a desk's sources: a part, one site, and words in title, address, site or author.

    `state` narrows it to one state of fetching, and `page_status` to the present status of watched pages.
    """

    part: Part = Part.ALL
    host: str = ""
    words: str = ""
    state: FetchState | None = None
    page_status: PageStatus | None = None

    def apply(self, rows: QuerySet[Reference]) -> QuerySet[Reference]:
        """Keep the sources that match. Every word has to occur in one of the fields."""
        rows = rows.filter(_CONDITIONS[self.part])
        if self.host:
            rows = rows.filter(host=self.host)
        if self.state:
            rows = rows.filter(fetch_state=self.state.value)
        if self.page_status:
            rows = rows.filter(watch__page_status=self.page_status.value, watch__next_check_at__isnull=False)
        for word in self.words[:LONGEST_SEARCH].split():
            rows = rows.filter(
                Q(title__icontains=word)
                | Q(url__icontains=word)
                | Q(site__icontains=word)
                | Q(author__icontains=word)
            )
        return rows


@dataclass(frozen=True)
class ReferenceRow:
    """One source in the list, with the state of its fetch and, if it is watched, of its page."""

    reference: Reference
    fetch: FetchView
    use_count: int
    watch: PageStatus | None

    @property
    def is_retryable(self) -> bool:
        """Return whether a bulk retry would fetch it again."""
        retry = self.fetch.state in RETRYABLE or self.fetch.next_at is not None
        return retry and not self.reference.is_file


@dataclass(frozen=True)
class Progress:
    """The progress of a desk's fetches: the queue, the number of live workers, the last hour's results."""

    queue: QueueView
    workers: int
    fetched: int
    failed: int

    @property
    def worker_missing(self) -> bool:
        """Return whether fetches are due and no worker is there to make them."""
        return not self.workers and bool(self.queue.due or self.queue.fetching)


@dataclass(frozen=True)
class SiteRow:
    """A site with the sources of a desk on it. Counts stop at a thousand. Times in the past are empty."""

    host: str
    sources: CappedCount
    failing: CappedCount
    waiting: CappedCount
    problem: str
    failures: int
    free_at: datetime | None
    open_until: datetime | None


def references_page(
    desk_id: int, chosen: ReferenceFilter, *, after: str = "", size: int | None = None
) -> Page[ReferenceRow]:
    """Return one page of a desk's sources, newest first; one query. Raises BadCursor.

    The caller has checked that the desk may be read.
    """
    rows = chosen.apply(Reference.objects.filter(desk_id=desk_id))
    page = newest_first(_joined(rows), after=after, size=size)
    return Page([_row(row) for row in page.rows], page.after)


def reference_rows(desk_id: int, reference_ids: list[int]) -> list[ReferenceRow]:
    """Return the sources of a desk with these ids, newest first; one query. Other desks' ids are ignored."""
    rows = Reference.objects.filter(desk_id=desk_id, pk__in=reference_ids)
    return [_row(row) for row in _joined(rows).order_by("-pk")]


def matching_ids(desk_id: int, chosen: ReferenceFilter) -> list[int]:
    """Return the ids of the sources that match, newest first and at most COUNT_CAP; one query."""
    rows = chosen.apply(Reference.objects.filter(desk_id=desk_id))
    return list(rows.order_by("-pk").values_list("pk", flat=True)[:COUNT_CAP])


def count_of(desk_id: int, chosen: ReferenceFilter) -> CappedCount:
    """Return how many sources match, counted up to COUNT_CAP; one query."""
    rows = chosen.apply(Reference.objects.filter(desk_id=desk_id)).order_by()
    return CappedCount(rows.values("pk")[:COUNT_CAP].count())


def part_counts(desk_id: int) -> dict[Part, CappedCount]:
    """Return the number of sources in each part except ALL, up to COUNT_CAP; one query for each part."""
    parts = [part for part in Part if part is not Part.ALL]
    return {part: count_of(desk_id, ReferenceFilter(part)) for part in parts}


def progress_of(desk_id: int) -> Progress:
    """Return the progress of a desk's fetches; three queries."""
    ended = ended_last_hour(desk_id=desk_id)
    fetched = sum(number for code, number in ended.items() if code in ("ok", "not_modified"))
    return Progress(
        queue=queue_now(desk_id=desk_id),
        workers=sum(worker.alive for worker in workers_now()),
        fetched=fetched,
        failed=sum(ended.values()) - fetched,
    )


# Each step jumps to the first row of the next site, so a page of sites costs the same on a desk of any size.
_SITES = """
    WITH RECURSIVE site(host) AS (
        (SELECT host FROM annotations_reference WHERE desk_id = %(desk)s AND host > %(after)s
            ORDER BY host LIMIT 1)
        UNION ALL
        SELECT (SELECT row.host FROM annotations_reference row
            WHERE row.desk_id = %(desk)s AND row.host > site.host ORDER BY row.host LIMIT 1)
        FROM site WHERE site.host IS NOT NULL
    )
    SELECT found.host,
        (SELECT count(*) FROM (SELECT FROM annotations_reference row
            WHERE row.desk_id = %(desk)s AND row.host = found.host LIMIT %(cap)s) counted),
        (SELECT count(*) FROM (SELECT FROM annotations_reference row
            WHERE row.desk_id = %(desk)s AND row.host = found.host AND row.fetch_state = 'failed'
            LIMIT %(cap)s) counted),
        (SELECT count(*) FROM (SELECT FROM annotations_reference row
            WHERE row.desk_id = %(desk)s AND row.host = found.host
            AND row.fetch_state IN ('queued', 'fetching') LIMIT %(cap)s) counted),
        coalesce(known.last_code, ''), coalesce(known.failures, 0),
        CASE WHEN known.free_at > statement_timestamp() + interval '5 seconds' THEN known.free_at END,
        CASE WHEN known.open_until > statement_timestamp() THEN known.open_until END
    FROM (SELECT host FROM site WHERE host IS NOT NULL LIMIT %(size)s) found
    LEFT JOIN annotations_host known ON known.name = found.host
    ORDER BY found.host
"""


def sites_of(desk_id: int, *, after: str = "", size: int = PAGE_SIZE) -> Page[SiteRow]:
    """Return one page of the sites of a desk's sources, by name; one query, whatever the desk's size.

    Raises BadCursor.
    """
    if "\0" in after:
        raise BadCursor("This link to a later page is damaged. Start from the first page.")
    given: dict[str, int | str] = {"desk": desk_id, "after": after, "cap": COUNT_CAP, "size": size + 1}
    with connection.cursor() as cursor:
        cursor.execute(_SITES, given)
        found = cursor.fetchall()
    rows = [
        SiteRow(
            host=host,
            sources=CappedCount(sources),
            failing=CappedCount(failing),
            waiting=CappedCount(waiting),
            problem="" if code in ("", "ok", "not_modified") else sentence_of(code),
            failures=failures,
            free_at=free_at,
            open_until=open_until,
        )
        for host, sources, failing, waiting, code, failures, free_at, open_until in found[:size]
    ]
    return Page(rows, rows[-1].host if len(found) > size else "")


def _joined(rows: QuerySet[Reference]) -> QuerySet[Reference]:
    used = (
        Evidence.objects.filter(reference=OuterRef("pk"), withdrawn_at__isnull=True)
        .order_by()
        .values("reference")
        .annotate(number=Count("pk"))
        .values("number")
    )
    counted = rows.select_related("watch").defer("excerpt")
    return counted.annotate(
        use_count=Coalesce(Subquery(used), 0), **rest_of_host("host"), **newest_copy("latest_capture")
    )


def _row(reference: Reference) -> ReferenceRow:
    watch = getattr(reference, "watch", None)
    return ReferenceRow(
        reference=reference,
        fetch=fetch_of(reference),
        use_count=int(getattr(reference, "use_count", 0)),
        watch=PageStatus(watch.page_status) if watch and watch.next_check_at else None,
    )
