"""JSON for programs: everything a report holds, one claim on each line, exactly as it was hashed.

`jq -cS '.claims[]' report.json | sha256sum` prints the report's content hash. `report.schema.json` beside
this module describes the file.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC

from annotations.domain.reports.contents import ReportHead, ReportRow, canonical

FORMAT = "factcheck-report/1"
BATCH = 500


def json_bytes(head: ReportHead, rows: Iterable[ReportRow]) -> Iterator[bytes]:
    """Yield the report as one JSON object, in pieces of some hundred claims."""
    about = json.dumps(_about(head), ensure_ascii=False, sort_keys=True, indent=1)
    opening = f'{{"format":"{FORMAT}",\n"report":{about},\n"claims":['
    pieces = [opening.encode()]
    between = b"\n"
    for row in rows:
        pieces.append(between + canonical(row))
        between = b",\n"
        if len(pieces) >= BATCH:
            yield b"".join(pieces)
            pieces.clear()
    pieces.append(b"\n]}\n")
    yield b"".join(pieces)


def _about(head: ReportHead) -> dict[str, object]:
    return {
        "desk": head.desk,
        "number": head.number,
        "title": head.title,
        "criteria": head.criteria,
        "frozen_at": head.frozen_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "row_count": head.row_count,
        "content_hash": head.content_hash,
        "url": head.url,
        "publisher": {"name": head.publisher, "url": head.publisher_url},
        "ratings": [
            {"label": tally.label, "definition": tally.definition, "count": tally.count}
            for tally in head.tally
        ],
    }
