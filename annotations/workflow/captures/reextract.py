"""Extract the text of kept pages again with today's extractor; what was extracted before stays."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from annotations.extraction import Extracted, extract_page
from annotations.models import Capture, Extraction
from annotations.workflow.captures.rows import columns_of
from annotations.workflow.captures.storage import kept_body

LISTED_AT_ONCE = 500
# The machine failed, not the page: another try may succeed.
FAILED = frozenset({"read_timeout", "read_memory", "read_failed"})
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([A-Za-z0-9_.:\-]{1,40})", re.IGNORECASE)


def reextract_capture(capture_id: int) -> Extraction | None:
    """Extract again from the kept bytes of a capture, and write what today's extractor makes of them.

    Returns None and writes nothing if the capture or an extraction by this extractor says the same, or
    if extracting failed. Do not call it inside a transaction: it reads files. Raises Capture.DoesNotExist,
    FileNotFoundError or StorageFailed.
    """
    capture = Capture.objects.get(pk=capture_id)
    said = _content_type(capture)
    charset = _CHARSET.search(said)
    read = extract_page(
        kept_body(capture.body_key),
        said.partition(";")[0].strip().lower(),
        charset[1].lower() if charset else "",
        capture.final_url,
    )
    if FAILED & set(read.warnings):
        return None
    return _write(capture, replace(read, language=read.language or capture.language))


def captures_to_reextract(*, desk_id: int | None = None, since: datetime | None = None) -> Iterator[int]:
    """Yield the captures of a desk, or of all desks, fetched since `since`; the oldest first."""
    rows = Capture.objects.order_by("pk")
    if desk_id is not None:
        rows = rows.filter(reference__desk_id=desk_id)
    if since is not None:
        rows = rows.filter(fetched_at__gte=since)
    last = 0
    while some := list(rows.filter(pk__gt=last).values_list("pk", flat=True)[:LISTED_AT_ONCE]):
        yield from some
        last = some[-1]


@transaction.atomic(durable=True)
def _write(capture: Capture, read: Extracted) -> Extraction | None:
    columns = columns_of(read)
    if all(getattr(capture, name) == value for name, value in columns.items() if name != "provenance"):
        return None
    extraction, is_new = Extraction.objects.get_or_create(
        capture=capture,
        extractor=columns.pop("extractor"),
        defaults={**columns, "warnings": list(read.warnings)},
    )
    return extraction if is_new else None


def _content_type(capture: Capture) -> str:
    """Return the content type that the site sent; empty for an uploaded file."""
    for name, value in capture.headers:
        if name.lower() == "content-type":
            return str(value)
    return ""
