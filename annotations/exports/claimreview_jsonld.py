"""ClaimReview JSON-LD: a plain list of self-contained objects.

A list and not a graph or a feed, since that is what most readers of this markup understand,
and each object may be cut out and pasted into a page as it stands.
"""

from collections.abc import Iterable, Iterator

from annotations.domain.claimreview import claim_review, to_script_json
from annotations.domain.report import ReportHead, ReportRow

BATCH = 200


def claimreview_bytes(head: ReportHead, rows: Iterable[ReportRow]) -> Iterator[bytes]:
    """The report's claims as JSON-LD, in pieces of some hundred claims, safe inside `<script>`."""
    pieces = [b"["]
    between = b"\n"
    for row in rows:
        pieces.append(between + to_script_json(claim_review(row, head)).encode())
        between = b",\n"
        if len(pieces) >= BATCH:
            yield b"".join(pieces)
            pieces.clear()
    pieces.append(b"\n]\n")
    yield b"".join(pieces)
