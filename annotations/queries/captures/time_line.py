"""The time line of an address, newest first: captures, checks that found no change, and failures.

Consecutive checks with the same result form one line, so that a page that is watched for years stays
readable.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db.models import QuerySet

from annotations.domain.fetches.outcomes import Counts, outcome, sentence_of
from annotations.domain.fetches.states import FetchKind, FetchState
from annotations.domain.fetches.watch import PageStatus
from annotations.models import Capture, FetchJob, Reference, User, WatchCheck
from annotations.queries.paging import Page, newest_first, numbers_of
from annotations.queries.proof.links import ProofView, proofs_of
from annotations.visibility import check_visible
from annotations.words.captures import (
    TRIFLES,
    CheckKind,
    check_words,
    differing_words,
    first_words,
    found_words,
)

CAPTURES_SHOWN = 25
_CHECKS = 1000
_FAILURES = 200


@dataclass(frozen=True)
class CaptureEntry:
    """One capture: the site's answer, what differs from the capture before, and how it is proved.

    `is_page` says that the page itself arrived, rather than an error or a wall. `before_id` is the capture to
    compare it with. `first` is the sentence for a page without such a capture, and empty otherwise.
    """

    at: datetime
    capture: Capture
    answer: str
    is_page: bool
    is_wall: bool
    differs: tuple[str, ...]
    warnings: tuple[str, ...]
    before_id: int | None
    first: str
    proof: ProofView


@dataclass(frozen=True)
class CheckEntry:
    """One or several consecutive checks with the same result that kept nothing. `at` is the last of them."""

    at: datetime
    first_at: datetime
    count: int
    kind: CheckKind
    words: str
    asked_by: str = ""


@dataclass(frozen=True)
class TimeLine:
    """A stretch of the time line. `older` is the cursor of the next one, and empty at the beginning."""

    entries: list[CaptureEntry | CheckEntry] = field(default_factory=list)
    older: str = ""

    @property
    def has_two(self) -> bool:
        """Return whether there are captures to compare."""
        return sum(isinstance(entry, CaptureEntry) for entry in self.entries) > 1


@dataclass(frozen=True)
class CheckRecord:
    """One check of a page by the watch, in words."""

    check: WatchCheck
    words: str


def time_line(reference_id: int, *, before: str = "") -> TimeLine:
    """Return a page of the time line; at most seven queries, whatever it holds. Raises BadCursor.

    The caller has checked that the reference may be read. No text of a page is loaded.
    """
    rows = Capture.objects.filter(reference_id=reference_id)
    newer: Capture | None = None
    if before:
        newer = rows.as_choices().filter(pk=numbers_of(before, length=1)[0]).first()
        rows = rows.filter(pk__lt=numbers_of(before, length=1)[0])
    found = list(rows.without_text().select_related("uploaded_by").order_by("-pk")[: CAPTURES_SHOWN + 1])
    shown, is_more = found[:CAPTURES_SHOWN], len(found) > CAPTURES_SHOWN
    until = newer.fetched_at if newer else None
    since = shown[-1].fetched_at if is_more else None
    within = _between(WatchCheck.objects.filter(reference_id=reference_id), "checked_at", since, until)
    checks = list(within.order_by("-pk")[:_CHECKS])
    of_capture = {check.capture_id: check for check in checks if check.capture_id is not None}
    proofs = proofs_of([capture.pk for capture in shown])
    entries: list[CaptureEntry | CheckEntry] = [
        _capture(capture, _page_before(found[place + 1 :]), of_capture.get(capture.pk), proofs[capture.pk])
        for place, capture in enumerate(shown)
    ]
    entries += [_check_entry(check) for check in checks if check.capture_id is None]
    entries += _failures(reference_id, since, until)
    return TimeLine(
        list(_folded(sorted(entries, key=lambda entry: entry.at, reverse=True))),
        str(shown[-1].pk) if is_more else "",
    )


def captures_page(
    user: User, reference_id: int, *, after: str = "", size: int | None = None
) -> Page[Capture]:
    """Return one page of the captures of a source, newest first, without texts; two queries.

    Raises Missing or BadCursor.
    """
    check_visible(user, Reference, reference_id)
    rows = Capture.objects.without_text().filter(reference_id=reference_id).select_related("uploaded_by")
    return newest_first(rows, after=after, size=size)


def checks_page(
    user: User, reference_id: int, *, after: str = "", size: int | None = None
) -> Page[CheckRecord]:
    """Return one page of the watch's checks of a source, newest first; two queries.

    Raises Missing or BadCursor.
    """
    check_visible(user, Reference, reference_id)
    page = newest_first(WatchCheck.objects.filter(reference_id=reference_id), after=after, size=size)
    rows = [
        CheckRecord(row, check_words(row.code, PageStatus(row.page_status), row.findings)[1])
        for row in page.rows
    ]
    return Page(rows, page.after)


def _between(
    rows: QuerySet[WatchCheck], name: str, since: datetime | None, until: datetime | None
) -> QuerySet[WatchCheck]:
    if since is not None:
        rows = rows.filter(**{f"{name}__gte": since})
    return rows.filter(**{f"{name}__lt": until}) if until is not None else rows


def _failures(reference_id: int, since: datetime | None, until: datetime | None) -> list[CheckEntry]:
    """Return the fetches that people asked for and that left nothing to keep."""
    rows = FetchJob.objects.filter(
        reference_id=reference_id,
        state=FetchState.FAILED.value,
        kind=FetchKind.ASKED.value,
        captures__isnull=True,
    )
    if since is not None:
        rows = rows.filter(finished_at__gte=since)
    if until is not None:
        rows = rows.filter(finished_at__lt=until)
    return [
        CheckEntry(
            at=job.finished_at,
            first_at=job.finished_at,
            count=1,
            kind=CheckKind.DOUBT,
            words=sentence_of(job.error_code),
            asked_by=job.requested_by.display_name if job.requested_by else "",
        )
        for job in rows.select_related("requested_by").order_by("-pk")[:_FAILURES]
        if job.finished_at is not None
    ]


def _page_before(earlier: Sequence[Capture]) -> Capture | None:
    """Return the last earlier capture in which the page itself arrived. Errors in between are skipped."""
    return next((one for one in earlier if outcome(one.outcome_code).succeeded), None)


def _capture(
    capture: Capture, earlier: Capture | None, check: WatchCheck | None, proof: ProofView
) -> CaptureEntry:
    row = outcome(capture.outcome_code)
    differs = found_words(check.findings) if check else ()
    compared = earlier if row.succeeded else None
    by = capture.uploaded_by
    return CaptureEntry(
        at=capture.fetched_at,
        capture=capture,
        answer=row.sentence,
        is_page=row.succeeded,
        is_wall=row.counts is Counts.BLOCKED,
        differs=differs or differing_words(vars(compared) if compared else None, vars(capture)),
        warnings=tuple(sentence_of(code) for code in capture.warnings if code != "tls_unverified"),
        before_id=compared.pk if compared else None,
        first=first_words(by.display_name if by else "") if row.succeeded and not compared else "",
        proof=proof,
    )


def _check_entry(check: WatchCheck) -> CheckEntry:
    kind, words = check_words(check.code, PageStatus(check.page_status), check.findings)
    return CheckEntry(check.checked_at, check.checked_at, 1, kind, words)


def _folded(entries: Iterable[CaptureEntry | CheckEntry]) -> Iterator[CaptureEntry | CheckEntry]:
    held: CheckEntry | None = None
    for entry in entries:
        if isinstance(entry, CheckEntry) and held is not None and _brought_the_same(held, entry):
            words = held.words if held.words == entry.words else TRIFLES
            held = replace(held, first_at=entry.at, count=held.count + 1, words=words)
            continue
        if held is not None:
            yield held
            held = None
        if isinstance(entry, CheckEntry):
            held = entry
        else:
            yield entry
    if held is not None:
        yield held


def _brought_the_same(one: CheckEntry, other: CheckEntry) -> bool:
    if one.kind is CheckKind.CALM and other.kind is CheckKind.CALM:
        return True
    return one.kind is other.kind and one.words == other.words and one.asked_by == other.asked_by
