"""Compare what a look at a watched page brought with its latest capture, and decide whether to keep it."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from annotations.domain.captures.changes import PageChange, PageContent, compare
from annotations.domain.errors import Refused
from annotations.domain.fetches.outcomes import Counts, outcome
from annotations.domain.fetches.soft_404 import looks_missing
from annotations.domain.fetches.watch import PageStatus
from annotations.domain.references.addresses import canonical, parse_address
from annotations.extraction import Extracted
from annotations.fetching import Conditional, Fetched
from annotations.models import Capture, Extraction, Reference, Watch
from annotations.workflow.captures.passages import PassageMove, passage_moves
from annotations.workflow.captures.reextract import FAILED, reextract_capture
from annotations.workflow.captures.rows import plain

_FILES = ("image/", "application/pdf")

logger = logging.getLogger(__name__)


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
class KeepDecision:
    """What a look at a page is worth: whether to keep what came, and what differs from the capture before."""

    keep: bool
    extracted: Extracted | None = None
    findings: dict[str, Any] = field(default_factory=dict)
    is_missing: bool = False


def decide_keeping(reference_id: int, fetched: Fetched, extract: Callable[[], Extracted]) -> KeepDecision:
    """Decide whether to keep what a check of a page brought; `extract` is called only where the text matters.

    Keep a page when something changed that people are told about, when words relied on are back, and
    when a site says for the first time that the page is gone. Runs between transactions and changes no
    row. It writes one kind of row: where the extractor is newer than that of an old capture, what it
    makes of the old bytes is kept as an `Extraction`, so that it is made once and not at every check.
    """
    before = _latest(reference_id)
    counts = outcome(fetched.code).counts
    if before is None or (counts is Counts.GONE and not _was_gone(reference_id)):
        return KeepDecision(keep=True, extracted=extract())
    if fetched.code != "ok":
        return KeepDecision(keep=False)
    digest = hashlib.sha256(fetched.body).hexdigest()
    if digest == before.body_sha256:
        return KeepDecision(keep=False)
    found = extract()
    failed = sorted(FAILED & set(found.warnings))
    if failed:
        return KeepDecision(keep=False, findings={"unread": failed[0]})
    if _says_missing(fetched, before, plain(found.title), found.text):
        return KeepDecision(
            keep=not _stands(reference_id, PageStatus.SOFT_404), extracted=found, is_missing=True
        )
    if before.uploaded_by_id is not None:
        # What a person saw in a browser is no measure for what programs are sent; from now on this is.
        return KeepDecision(keep=True, extracted=found)
    if before.extractor != found.extractor:
        _extract_alike(before.pk, found.extractor)
    after = _as_content(found, digest if found.media_type.startswith(_FILES) else "")
    change = compare(_content_of(before, found.extractor) or after, after)
    moved = _moves_of(reference_id, found)
    keep = change.level is not None or any(move.matters or move.is_restored for move in moved)
    return KeepDecision(keep=keep, extracted=found, findings=change.as_json())


def _moves_of(reference_id: int, read: Extracted) -> list[PassageMove]:
    """Where the passages stand, after what seems lost was read from the old bytes by the same extractor."""
    found = passage_moves(reference_id, read.text, extractor=read.extractor)
    lost = {move.evidence.capture for move in found if move.matters}
    old = [capture for capture in lost if capture is not None and capture.extractor != read.extractor]
    for capture in old:
        _extract_alike(capture.pk, read.extractor)
    return passage_moves(reference_id, read.text, extractor=read.extractor) if old else found


def _extract_alike(capture_id: int, extractor: str) -> None:
    """Have today's `extractor` read a capture too, so that a new extractor is not taken for a new page."""
    if Extraction.objects.filter(capture=capture_id, extractor=extractor).exists():
        return
    try:
        reextract_capture(capture_id)
    except OSError:
        logger.exception("capture %s: its bytes could not be read again", capture_id)


def difference(before: Capture, after: Capture) -> PageChange:
    """What differs between two captures of one page, passages aside."""
    now = PageContent(after.text, after.title, after.site, after.author, after.published_on, _file_of(after))
    return compare(_content_of(before, after.extractor) or now, now)


def _content_of(capture: Capture, extractor: str) -> PageContent | None:
    """What a capture says, as `extractor` reads it where that was done; None where no extractor could.

    Nor is an upload compared: it may be a picture, or a print of the page.
    """
    row: Capture | Extraction = capture
    if extractor and capture.extractor != extractor:
        row = Extraction.objects.filter(capture=capture, extractor=extractor).first() or capture
    if capture.uploaded_by_id is not None or FAILED & set(row.warnings):
        return None
    return PageContent(row.text, row.title, row.site, row.author, row.published_on, _file_of(capture))


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


def _as_content(read: Extracted, file_sha256: str) -> PageContent:
    names = plain(read.title), plain(read.site)[:300], plain(read.author)[:500]
    return PageContent(read.text, *names, read.published_on, file_sha256)


def _latest(reference_id: int) -> Capture | None:
    return Capture.objects.filter(
        pk__in=Reference.objects.filter(pk=reference_id).values("latest_capture")
    ).first()


def _was_gone(reference_id: int) -> bool:
    return Watch.objects.filter(pk=reference_id, gone_count__gt=0).exists()


def _stands(reference_id: int, page_status: PageStatus) -> bool:
    return Watch.objects.filter(pk=reference_id, page_status=page_status.value).exists()
