"""One report's head and rows, made of plain values; `row(...)` changes what a test is about."""

from datetime import UTC, datetime
from typing import cast

from annotations.domain.reports.contents import (
    RatingTally,
    ReportedEvidence,
    ReportHead,
    ReportRow,
    content_hash,
)


def evidence(**changes: object) -> ReportedEvidence:
    plain: dict[str, object] = {
        "stance": "supports",
        "title": "Hospital counts the injured",
        "site": "Example News",
        "url": "https://news.example.org/injured?day=30&page=1",
        "author": "A. Reporter",
        "published_on": "2019-05-01",
        "passage": "“At least fifty people were brought in.”",
        "note": "The spokesperson is quoted by name.",
        "fetched_at": "2019-05-02T08:00:00Z",
        "body_sha256": "b" * 64,
    }
    return cast(ReportedEvidence, plain | changes)


def row(**changes: object) -> ReportRow:
    plain: dict[str, object] = {
        "claim": "7",
        "anchor": "claim-7",
        "statement": "At least fifty people were injured in Caracas on 30 April 2019.",
        "exact": "zeker vijftig gewonden binnengebracht",
        "start": 120,
        "end": 157,
        "document": {
            "id": "3",
            "title": "Onrust in Caracas",
            "url": "https://paper.example.com/onrust",
            "outlet": "The Paper",
            "author": "R. Edacteur",
            "published_on": "2019-04-30",
            "version": 2,
            "sha256": "a" * 64,
        },
        "claimant": {"name": "Maria Pérez", "kind": "person", "role": "hospital spokesperson"},
        "said_on": "2019-04-30",
        "said_where": "Caracas",
        "chosen_because": "Widely repeated.",
        "language": "nl",
        "tags": ["injured", "caracas"],
        "rating": {
            "scale": "Accuracy",
            "scale_version": 1,
            "slug": "mostly-true",
            "label": "Mostly true",
            "definition": "Right in the main; a detail is off.",
            "position": 2,
            "ordered": True,
            "value": 4,
            "best": 5,
            "worst": 1,
        },
        "reasoning": "Three sources agree.\n\nOne counts higher.",
        "as_of": "2019-05-03",
        "verdict_number": 1,
        "verdict_by": "Edith Or",
        "verdict_at": "2019-05-03T10:00:00Z",
        "reviewed_by": "Rev Iewer",
        "reviewed_at": "2019-05-03T11:00:00Z",
        "evidence": [evidence()],
    }
    return cast(ReportRow, plain | changes)


def head(*rows: ReportRow, **changes: object) -> ReportHead:
    plain: dict[str, object] = {
        "desk": "Foreign desk",
        "number": 12,
        "title": "30 April in Caracas",
        "criteria": "All verified claims of “Onrust in Caracas”.",
        "frozen_at": datetime(2019, 5, 4, 12, 30, tzinfo=UTC),
        "row_count": len(rows),
        "content_hash": content_hash(rows),
        "url": "https://checks.example.net/reports/12/",
        "publisher": "Example Checks",
        "publisher_url": "https://checks.example.net/",
        "tally": (RatingTally("Mostly true", "Right in the main; a detail is off.", len(rows)),),
    }
    return ReportHead(**cast(dict[str, object], plain | changes))  # type: ignore[arg-type]
