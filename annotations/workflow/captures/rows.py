"""The immutable row of one fetch or upload, and a passage's place in it; private to this package."""

from typing import Any

from annotations.domain.claims.anchoring import find_words
from annotations.domain.documents.text import normalise_text, text_sha256
from annotations.extraction import Extracted
from annotations.models import Capture, Evidence, Reference
from annotations.workflow.captures.storage import Kept, count_kept


def capture_of(
    reference: Reference,
    read: Extracted,
    *,
    outcome_code: str,
    body: Kept,
    wire: Kept | None = None,
    text: Kept | None = None,
    **facts: Any,
) -> Capture:
    """Write the immutable row of a capture: its kept files and what was extracted from them.

    The running transaction has to end with `proof.chain.sign_capture`, or nobody vouches for the row.
    """
    count_kept(file for file in (body, wire, text) if file is not None)
    return Capture.objects.create(
        reference=reference,
        outcome_code=outcome_code,
        body_sha256=body.sha256,
        body_key=body.key,
        body_size=body.size,
        wire_sha256=wire.sha256 if wire else "",
        wire_key=wire.key if wire else "",
        wire_size=wire.size if wire else 0,
        media_type=read.media_type[:120],
        charset=read.charset[:40],
        **columns_of(read),
        **facts,
    )


def columns_of(read: Extracted) -> dict[str, Any]:
    """Return the columns of a `KeptExtraction` except `warnings`, cut to their width; facts on one line."""
    words = normalise_text(read.text)
    return {
        "extractor": read.extractor[:200],
        "text": words,
        "text_sha256": text_sha256(words) if words else "",
        "title": plain(read.title),
        "site": plain(read.site)[:300],
        "author": plain(read.author)[:500],
        "published_on": read.published_on,
        "language": plain(read.language)[:12],
        "excerpt": plain(read.excerpt),
        "provenance": read.told,
    }


def plain(text: str) -> str:
    """Return the text on one line, without the one character that the database cannot store."""
    return " ".join(text.replace("\x00", "").split())


def place_passage(evidence: Evidence, capture: Capture | None) -> None:
    """Set where the passage of `evidence` is in the text of `capture`; do not save it."""
    evidence.passage_start = evidence.passage_end = None
    if capture is not None:
        evidence.passage_start, evidence.passage_end = _place_of(evidence.passage, capture.text)


def _place_of(passage: str, text: str) -> tuple[int | None, int | None]:
    """Return the first occurrence of the passage in the text, in code points; None twice if there is none."""
    found = find_words(text, passage) if passage and text else []
    return (found[0].start, found[0].end) if found else (None, None)
