"""ClaimReview JSON-LD: a plain list of self-contained objects.

It is a list and not a graph or a feed, because most readers of this markup understand a list. Each object can
be copied into a page on its own.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from annotations.domain.reports.claimreview import claim_review, host_of, to_script_json
from annotations.domain.reports.claimreview_lint import Place, Problem, lint_all
from annotations.domain.reports.contents import ReportHead, ReportRow

BATCH = 200


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault that readers of the markup would meet, and the fragments of the claims that have it."""

    problem: Problem
    anchors: tuple[str, ...]


def claimreview_bytes(head: ReportHead, rows: Iterable[ReportRow]) -> Iterator[bytes]:
    """Yield the report's claims as JSON-LD, in pieces of some hundred claims, safe inside `<script>`."""
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


def findings(head: ReportHead, rows: Iterable[ReportRow], *, today: date) -> list[Finding]:
    """Return the faults of the markup of these claims, grouped by kind, errors first."""
    place = Place(today=today, host=host_of(head.url), labels=[line.label for line in head.tally])
    fragments: list[str] = []

    def markups() -> Iterator[dict[str, object]]:
        for row in rows:
            fragments.append(row["anchor"])
            yield claim_review(row, head)

    anchors: dict[str, list[str]] = {}
    first: dict[str, Problem] = {}
    for index, problem in lint_all(markups(), place):
        first.setdefault(problem.code, problem)
        anchors.setdefault(problem.code, []).append(fragments[index])
    found = [Finding(problem, tuple(anchors[code])) for code, problem in first.items()]
    return sorted(found, key=lambda finding: finding.problem.warning)
