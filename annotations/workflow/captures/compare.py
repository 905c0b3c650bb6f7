"""Compare a check of a watched page with the page's latest capture, and decide whether to keep it."""

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
    """Return the validators with which a site need not send again a page that has not changed.

    None if they might belong to another page: after a redirect, or if the capture is incomplete.
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
    """Whether to keep what a check brought, and what differs from the capture before.

    `extracted` is empty if nothing was extracted to decide. `is_missing` says that the page is a
    friendly “not found”."""

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
        # An upload shows what a browser is sent, which may differ; from now on this page is the measure.
        return KeepDecision(keep=True, extracted=found)
    if before.extractor != found.extractor:
        _extract_alike(before.pk, found.extractor)
    after = _as_content(found, digest if found.media_type.startswith(_FILES) else "")
    change = compare(_content_of(before, found.extractor) or after, after)
    moved = _moves_of(reference_id, found)
    keep = change.level is not None or any(move.matters or move.is_restored for move in moved)
    return KeepDecision(keep=keep, extracted=found, findings=change.as_json())


def _moves_of(reference_id: int, read: Extracted) -> list[PassageMove]:
    """Return where each passage is; if one seems lost, after extracting the old bytes alike."""
    found = passage_moves(reference_id, read.text, extractor=read.extractor)
    lost = {move.evidence.capture for move in found if move.matters}
    old = [capture for capture in lost if capture is not None and capture.extractor != read.extractor]
    for capture in old:
        _extract_alike(capture.pk, read.extractor)
    return passage_moves(reference_id, read.text, extractor=read.extractor) if old else found


def _extract_alike(capture_id: int, extractor: str) -> None:
    """Extract an old capture with today's `extractor`, so that its progress is not taken for a change."""
    if Extraction.objects.filter(capture=capture_id, extractor=extractor).exists():
        return
    try:
        reextract_capture(capture_id)
    except OSError:
        logger.exception("capture %s: its bytes could not be read again", capture_id)


def difference(before: Capture, after: Capture) -> PageChange:
    """Return what differs between two captures of a page, apart from passages."""
    now = PageContent(after.text, after.title, after.site, after.author, after.published_on, _file_of(after))
    return compare(_content_of(before, after.extractor) or now, now)


def _content_of(capture: Capture, extractor: str) -> PageContent | None:
    """Return what a capture says, by `extractor` if it ever extracted it; None if no extractor could.

    None for an upload too: it may be a picture or a print of the page.
    """
    row: Capture | Extraction = capture
    if extractor and capture.extractor != extractor:
        row = Extraction.objects.filter(capture=capture, extractor=extractor).first() or capture
    if capture.uploaded_by_id is not None or FAILED & set(row.warnings):
        return None
    return PageContent(row.text, row.title, row.site, row.author, row.published_on, _file_of(capture))


def _file_of(capture: Capture) -> str:
    """Return the hash of an image or a scan; empty for a page, whose bytes change at every check."""
    return capture.body_sha256 if capture.media_type.startswith(_FILES) else ""


def moved_for_good(fetched: Fetched, before: Capture, reference: Reference) -> str:
    """Return the address that permanent redirects have led to since `before`; empty if there is none."""
    *redirects, last = fetched.hops
    if not redirects or any(hop.status not in _PERMANENT for hop in redirects):
        return ""
    known = {_canonical(reference.url), _canonical(before.final_url)}
    return "" if _canonical(last.url) in known else plain(last.url)


_PERMANENT = frozenset({301, 308})


def is_missing(capture: Capture, before: Capture) -> bool:
    """Whether a capture is a friendly “not found” and the capture before it was not."""
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
