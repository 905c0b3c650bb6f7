"""The watch over the pages that verdicts in force lean on: whose turn it is, and what a look is worth.

What is watched is not asked for by anyone; it follows from the verdicts and is brought up to date by the
sweep, so that no road to a verdict, a withdrawal or a new source can forget it.
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from annotations.domain.addresses import canonical, parse_address
from annotations.domain.errors import Refused
from annotations.domain.fetch_outcomes import Counts, outcome
from annotations.domain.page_changes import PageChange, PageReading, compare
from annotations.domain.soft_404 import looks_missing
from annotations.domain.watching import WatchVerdict, next_check
from annotations.fetching import Conditional, Fetched
from annotations.models import Capture, Reading, Reference, Watch
from annotations.reading import Read
from annotations.workflow.captures.passages import Shift, shifts
from annotations.workflow.captures.reextract import FAILED, reread
from annotations.workflow.captures.rows import plain
from annotations.workflow.fetches.enqueue import order_checks
from annotations.workflow.fetches.lease import database_time

ORDERED_AT_ONCE = 200
_FILES = ("image/", "application/pdf")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Watched:
    """What a sweep of the watch did: references taken up, let go, and looked at anew."""

    begun: int
    ended: int
    ordered: int


def keep_watch() -> Watched:
    """Bring the watch in line with the verdicts in force and order what is due. Safe twice at once."""
    begun, ended = _follow_verdicts()
    return Watched(begun, ended, _order_due())


_LEANED_ON = """
    SELECT evidence.reference_id
    FROM annotations_evidence evidence
    JOIN annotations_claim claim ON claim.id = evidence.claim_id
    WHERE evidence.withdrawn_at IS NULL AND claim.verdict_id IS NOT NULL AND claim.state <> 'dismissed'
"""
# The first look comes after the first interval of the schedule, spread by a tenth either way.
_BEGIN = f"""
    INSERT INTO annotations_watch
        (reference_id, since, next_check_at, verdict, verdict_since, moved_to, gone_count)
    SELECT reference.id, statement_timestamp(),
        statement_timestamp() + interval '6 hours' * (0.9 + 0.2 * random()),
        'live', statement_timestamp(), '', 0
    FROM annotations_reference reference
    LEFT JOIN annotations_watch watch ON watch.reference_id = reference.id
    WHERE reference.id IN ({_LEANED_ON}) AND NOT reference.is_file AND reference.latest_capture_id IS NOT NULL
        AND watch.next_check_at IS NULL
    ORDER BY reference.id
    ON CONFLICT (reference_id) DO UPDATE
    SET since = excluded.since, next_check_at = excluded.next_check_at,
        -- Looks from before the pause are no confirmations of today.
        gone_count = 0, gone_since = NULL
    WHERE annotations_watch.next_check_at IS NULL
"""  # noqa: S608 - put together from constants
_END = f"""
    UPDATE annotations_watch SET next_check_at = NULL
    WHERE next_check_at IS NOT NULL AND reference_id NOT IN ({_LEANED_ON})
"""  # noqa: S608 - put together from constants


@transaction.atomic(durable=True)
def _follow_verdicts() -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN)
        begun = cursor.rowcount
        cursor.execute(_END)
        return begun, cursor.rowcount


@transaction.atomic(durable=True)
def _order_due() -> int:
    due = Watch.objects.filter(next_check_at__lte=Now()).order_by("next_check_at", "pk")
    wanted = list(due.values_list("pk", flat=True)[:ORDERED_AT_ONCE])
    references = (
        Reference.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .filter(pk__in=wanted)
        .order_by("pk")
    )
    by_id = {reference.pk: reference for reference in references}
    # Skipped rather than waited for, so that two sweeps at once never wait on each other in a circle.
    watches = list(due.filter(pk__in=by_id).select_for_update(skip_locked=True))
    jobs = order_checks([by_id[watch.pk] for watch in watches])
    now = database_time()
    for watch in watches:
        # The look itself says when the next one is; this is for a look that is lost or called off.
        watch.next_check_at = next_check(since=watch.since, now=now)
    Watch.objects.bulk_update(watches, ["next_check_at"])
    return len(jobs)


def validators_of(reference_id: int) -> Conditional | None:
    """What to send along so that a page unchanged since its latest capture is not sent again.

    None where it would not be sure to be about the same page: after a redirect, or for a page that
    did not come whole.
    """
    capture = _latest(reference_id)
    if capture is None or capture.status != 200 or capture.outcome_code != "ok":
        return None
    if len(capture.hops) != 1 or FAILED & set(capture.warnings):
        return None
    headers = {name.lower(): value for name, value in reversed(capture.headers)}
    given = Conditional(headers.get("etag", ""), headers.get("last-modified", ""))
    return given if given.etag or given.last_modified else None


@dataclass(frozen=True)
class Look:
    """What a look at a page is worth: whether to keep what came, and what differs from the capture before."""

    keep: bool
    read: Read | None = None
    findings: dict[str, Any] = field(default_factory=dict)
    is_missing: bool = False


def look(reference_id: int, fetched: Fetched, read: Callable[[], Read]) -> Look:
    """Decide whether what a look brought is kept; `read` is only called where the text matters.

    Kept is a page on which something changed that people are told of, or words relied on came back, and
    the first answer of a site that has the page no longer. Runs between transactions and writes nothing.
    """
    before = _latest(reference_id)
    counts = outcome(fetched.code).counts
    if before is None or (counts is Counts.GONE and not _was_gone(reference_id)):
        return Look(keep=True, read=read())
    if fetched.code != "ok":
        return Look(keep=False)
    digest = hashlib.sha256(fetched.body).hexdigest()
    if digest == before.body_sha256:
        return Look(keep=False)
    found = read()
    failed = sorted(FAILED & set(found.warnings))
    if failed:
        return Look(keep=False, findings={"unread": failed[0]})
    if _says_missing(fetched, before, plain(found.title), found.text):
        return Look(keep=not _stands(reference_id, WatchVerdict.SOFT_404), read=found, is_missing=True)
    if before.uploaded_by_id is not None:
        # What a person saw in a browser is no measure for what programs are sent; from now on this is.
        return Look(keep=True, read=found)
    if before.reader != found.reader:
        _read_alike(before.pk, found.reader)
    after = _as_reading(found, digest if found.media_type.startswith(_FILES) else "")
    change = compare(_reading_of(before, found.reader) or after, after)
    moved = _shifts(reference_id, found)
    keep = change.level is not None or any(shift.matters or shift.is_restored for shift in moved)
    return Look(keep=keep, read=found, findings=change.as_json())


def _shifts(reference_id: int, read: Read) -> list[Shift]:
    """Where the passages stand, after what seems lost was read from the old bytes by the same reader."""
    found = shifts(reference_id, read.text, reader=read.reader)
    lost = {shift.evidence.capture for shift in found if shift.matters}
    old = [capture for capture in lost if capture is not None and capture.reader != read.reader]
    for capture in old:
        _read_alike(capture.pk, read.reader)
    return shifts(reference_id, read.text, reader=read.reader) if old else found


def _read_alike(capture_id: int, reader: str) -> None:
    """Have today's `reader` read a capture too, so that a new reader is not taken for a new page."""
    if Reading.objects.filter(capture=capture_id, reader=reader).exists():
        return
    try:
        reread(capture_id)
    except OSError:
        logger.exception("capture %s: its bytes could not be read again", capture_id)


def difference(before: Capture, after: Capture) -> PageChange:
    """What differs between two captures of one page, passages aside."""
    now = PageReading(after.text, after.title, after.site, after.author, after.published_on, _file_of(after))
    return compare(_reading_of(before, after.reader) or now, now)


def _reading_of(capture: Capture, reader: str) -> PageReading | None:
    """What a capture says, as `reader` reads it where that was done; None where no reader could.

    Nor is an upload compared: it may be a picture, or a print of the page.
    """
    row: Capture | Reading = capture
    if reader and capture.reader != reader:
        row = Reading.objects.filter(capture=capture, reader=reader).first() or capture
    if capture.uploaded_by_id is not None or FAILED & set(row.warnings):
        return None
    return PageReading(row.text, row.title, row.site, row.author, row.published_on, _file_of(capture))


def _file_of(capture: Capture) -> str:
    """The hash of an image or a scan; the bytes of a page change with every look and say nothing."""
    return capture.body_sha256 if capture.media_type.startswith(_FILES) else ""


def moved_for_good(fetched: Fetched, before: Capture, reference: Reference) -> str:
    """The address to which a page was moved since `before`, by permanent redirects only; else empty."""
    *redirects, last = fetched.hops
    if not redirects or any(hop.status not in _PERMANENT for hop in redirects):
        return ""
    known = {_canonical(reference.url), _canonical(before.final_url)}
    return "" if _canonical(last.url) in known else plain(last.url)


_PERMANENT = frozenset({301, 308})


def is_missing(capture: Capture, before: Capture) -> bool:
    """Whether a page that came is a friendly “not found”, which the capture before it was not."""
    return _says_missing(capture, before, capture.title, capture.text)


def _says_missing(answer: Capture | Fetched, before: Capture, title: str, text: str) -> bool:
    url = before.reference.url
    seen = looks_missing(title=title, text=text, status=answer.status, url=url, final_url=answer.final_url)
    return bool(seen) and seen != looks_missing(
        title=before.title, text=before.text, status=before.status, url=url, final_url=before.final_url
    )


def _canonical(url: str) -> str:
    try:
        return canonical(parse_address(url, open_networks=settings.FETCH_ALLOWED_NETWORKS))
    except Refused:
        return url


def _as_reading(read: Read, file_sha256: str) -> PageReading:
    names = plain(read.title), plain(read.site)[:300], plain(read.author)[:500]
    return PageReading(read.text, *names, read.published_on, file_sha256)


def _latest(reference_id: int) -> Capture | None:
    return Capture.objects.filter(
        pk__in=Reference.objects.filter(pk=reference_id).values("latest_capture")
    ).first()


def _was_gone(reference_id: int) -> bool:
    return Watch.objects.filter(pk=reference_id, gone_count__gt=0).exists()


def _stands(reference_id: int, verdict: WatchVerdict) -> bool:
    return Watch.objects.filter(pk=reference_id, verdict=verdict.value).exists()
