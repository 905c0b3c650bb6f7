"""CSV for spreadsheets: RFC 4180, a byte order mark for Excel, and no cell that is a formula.

One row a claim. Its sources stand in three cells, one line a source, in the same order. The
JSON download is the lossless one; here a cell that a spreadsheet would calculate gets an apostrophe in front.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator

from annotations.domain.report import ReportHead, ReportRow

BATCH = 500

_BLANKS = r"[ \u00a0\u200b-\u200f\u2060\ufeff\u3000\u0000]*"
_SIGNS = r"[=+\-@\uff1d\uff0b\uff0d\uff20]"
# A sign, plain or full-width, starts a formula at the start of a cell, and after a semicolon, tab or line
# end where a spreadsheet of another locale splits there. Some skip blanks and invisible characters before it.
_FORMULA = re.compile(rf"^(?={_BLANKS}{_SIGNS}|[\t\r\n\u0000])|(?<=[;\t\r\n])(?={_BLANKS}{_SIGNS})")

COLUMNS = (
    "number",
    "claim",
    "url",
    "statement",
    "exact_words",
    "claimant",
    "claimant_kind",
    "claimant_role",
    "said_on",
    "said_where",
    "chosen_because",
    "language",
    "tags",
    "rating",
    "rating_slug",
    "rating_value",
    "rating_worst",
    "rating_best",
    "rating_scale",
    "reasoning",
    "as_of",
    "verdict_number",
    "verdict_by",
    "verdict_at",
    "reviewed_by",
    "reviewed_at",
    "document",
    "document_url",
    "document_outlet",
    "document_author",
    "document_published_on",
    "document_version",
    "document_sha256",
    "start",
    "end",
    "sources",
    "source_urls",
    "source_passages",
    "source_notes",
)


def csv_bytes(head: ReportHead, rows: Iterable[ReportRow]) -> Iterator[bytes]:
    """The report as CSV, in pieces of some hundred rows."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    buffer.write("\ufeff")
    writer.writerow(COLUMNS)
    for number, row in enumerate(rows, 1):
        writer.writerow([inert(cell) for cell in _cells(number, row, head)])
        if number % BATCH == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def inert(cell: str | int | None) -> str:
    """The cell as text that no spreadsheet calculates; an apostrophe stands before what one might.

    Numbers stay numbers, even negative ones.
    """
    if cell is None:
        return ""
    if isinstance(cell, int):
        return str(cell)
    return _FORMULA.sub("'", cell)


def _cells(number: int, row: ReportRow, head: ReportHead) -> tuple[str | int | None, ...]:
    claimant, rating, document, evidence = row["claimant"], row["rating"], row["document"], row["evidence"]
    return (
        number,
        row["claim"],
        head.claim_url(row),
        row["statement"],
        row["exact"],
        claimant["name"],
        claimant["kind"],
        claimant["role"],
        row["said_on"],
        row["said_where"],
        row["chosen_because"],
        row["language"],
        ", ".join(row["tags"]),
        rating["label"],
        rating["slug"],
        rating["value"],
        rating["worst"],
        rating["best"],
        rating["scale"],
        row["reasoning"],
        row["as_of"],
        row["verdict_number"],
        row["verdict_by"],
        row["verdict_at"],
        row["reviewed_by"],
        row["reviewed_at"],
        document["title"],
        document["url"],
        document["outlet"],
        document["author"],
        document["published_on"],
        document["version"],
        document["sha256"],
        row["start"],
        row["end"],
        "\n".join(f"{source['stance']}: {_named(source['title'], source['site'])}" for source in evidence),
        "\n".join(source["url"] for source in evidence),
        "\n".join(_one_line(source["passage"]) for source in evidence),
        "\n".join(_one_line(source["note"]) for source in evidence),
    )


def _named(title: str, site: str) -> str:
    return _one_line(f"{title} ({site})" if title and site else title or site)


def _one_line(text: str) -> str:
    return " ".join(text.split())
