"""CSV for spreadsheets: RFC 4180, with a byte order mark for Excel, and without any cell that is a formula.

Each claim is one row. Its sources fill three cells, one line for each source, in the same order. The JSON
download is the lossless one. Here a cell that a spreadsheet would calculate gets an apostrophe in front.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from annotations.domain.reports.contents import ReportHead, ReportRow

BATCH = 500

_BLANKS = r"[ \u00a0\u200b-\u200f\u2060\ufeff\u3000\u0000]*"
_SIGNS = r"[=+\-@\uff1d\uff0b\uff0d\uff20]"
# A sign, plain or full-width, starts a formula at the start of a cell. It also does so after a semicolon, tab
# or line end, where a spreadsheet of another locale splits. Some spreadsheets skip blanks and invisible
# characters before it. Cells are first joined by a unit separator, so that one search covers a whole row in
# half the time.
_UNIT = "\u001f"
_LEAD = re.compile(rf"[\u001f;\t\r\n](?={_BLANKS}{_SIGNS})|\u001f(?=[\t\r\n\u0000])")

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
    """Yield the report as CSV, in pieces of some hundred rows."""
    lines = ["\ufeff", _line(COLUMNS)]
    for number, row in enumerate(rows, 1):
        lines.append(_line(_cells(number, row, head)))
        if len(lines) >= BATCH:
            yield "".join(lines).encode()
            lines.clear()
    yield "".join(lines).encode()


def inert(text: str) -> str:
    """Return the text with an apostrophe before anything a spreadsheet might calculate.

    Several cells may be passed at once, joined by U+001F.
    """
    return _LEAD.sub(r"\g<0>'", _UNIT + text)[1:]


def _line(cells: Sequence[str]) -> str:
    joined = _UNIT.join(cells)
    if joined.count(_UNIT) != len(cells) - 1:
        joined = _UNIT.join(cell.replace(_UNIT, " ") for cell in cells)
    return '"' + inert(joined).replace('"', '""').replace(_UNIT, '","') + '"\r\n'


def _cells(number: int, row: ReportRow, head: ReportHead) -> tuple[str, ...]:
    claimant, rating, document, evidence = row["claimant"], row["rating"], row["document"], row["evidence"]
    return (
        str(number),
        row["claim"],
        head.claim_url(row),
        row["statement"],
        row["exact"],
        claimant["name"],
        claimant["kind"],
        claimant["role"],
        row["said_on"] or "",
        row["said_where"],
        row["chosen_because"],
        row["language"],
        ", ".join(row["tags"]),
        rating["label"],
        rating["slug"],
        _digits(rating["value"]),
        _digits(rating["worst"]),
        _digits(rating["best"]),
        rating["scale"],
        row["reasoning"],
        row["as_of"],
        str(row["verdict_number"]),
        row["verdict_by"],
        row["verdict_at"],
        row["reviewed_by"],
        row["reviewed_at"],
        document["title"],
        document["url"],
        document["outlet"],
        document["author"],
        document["published_on"] or "",
        str(document["version"]),
        document["sha256"],
        str(row["start"]),
        str(row["end"]),
        "\n".join(f"{source['stance']}: {_named(source['title'], source['site'])}" for source in evidence),
        "\n".join(source["url"] for source in evidence),
        "\n".join(_one_line(source["passage"]) for source in evidence),
        "\n".join(_one_line(source["note"]) for source in evidence),
    )


def _digits(number: int | None) -> str:
    return "" if number is None else str(number)


def _named(title: str, site: str) -> str:
    return _one_line(f"{title} ({site})" if title and site else title or site)


def _one_line(text: str) -> str:
    return " ".join(text.split())
