"""The content of a report, about each claim and about itself, and how it is hashed.

A report is frozen: each row is stored once as JSON and never built again, so every format presents the same
words. The types here describe that JSON, key for key.

Dates are ISO 8601 (`2019-04-30`), and times are UTC to the second (`2019-04-30T18:05:00Z`). An unknown value
is `""` or `None` and never omitted, so that all rows have the same keys.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import NotRequired, TypedDict

import orjson

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


class ReportedDocument(TypedDict):
    """The article, in the version that holds the claim."""

    id: str
    title: str
    url: str
    outlet: str
    author: str
    published_on: str | None
    version: int
    sha256: str


class ReportedClaimant(TypedDict):
    """The person or organization that made the claim. `kind` is `person`, `organization` or empty."""

    name: str
    kind: str
    role: str


class ReportedRating(TypedDict):
    """The rating as its scale defined it on the day of the freeze.

    `value`, `best` and `worst` are numbers only if `ordered`; a higher value is a truer claim. Ratings
    outside the order of their scale, such as “Unproven”, have none.
    """

    scale: str
    scale_version: int
    slug: str
    label: str
    definition: str
    position: int
    ordered: bool
    value: int | None
    best: int | None
    worst: int | None


class ReportedEvidence(TypedDict):
    """One source, as the desk relied on it. `body_sha256` is the hash of the bytes fetched."""

    stance: str
    title: str
    site: str
    url: str
    author: str
    published_on: str | None
    passage: str
    note: str
    fetched_at: str | None
    body_sha256: str


class ReportRow(TypedDict):
    """Everything a report says about one verified claim.

    `record` is the SHA-256 of the signed record that the row is made of; rows that were frozen before there
    were records have none. `start` and `end` count Unicode code points in the document version. `exact` is
    the text between them.
    """

    claim: str
    anchor: str
    record: NotRequired[str]
    statement: str
    exact: str
    start: int
    end: int
    document: ReportedDocument
    claimant: ReportedClaimant
    said_on: str | None
    said_where: str
    chosen_because: str
    language: str
    tags: list[str]
    rating: ReportedRating
    reasoning: str
    as_of: str
    verdict_number: int
    verdict_by: str
    verdict_at: str
    reviewed_by: str
    reviewed_at: str
    evidence: list[ReportedEvidence]


@dataclass(frozen=True, slots=True)
class RatingTally:
    """How many claims of a report have one rating, with the rating's definition."""

    label: str
    definition: str
    count: int


@dataclass(frozen=True, slots=True)
class ReportHead:
    """The report's information about itself. `url` is absolute; claims are fragments of it.

    A long report is read in pages. The address `claim_page` followed by a claim's number leads to the page
    with that claim. Older reports were frozen without `claim_page`, and their addresses are unchanged.
    """

    desk: str
    number: int
    title: str
    criteria: str
    frozen_at: datetime
    row_count: int
    content_hash: str
    url: str
    publisher: str
    publisher_url: str
    claim_page: str = ""
    tally: tuple[RatingTally, ...] = field(default=())

    def claim_url(self, row: ReportRow) -> str:
        """Return the address at which one claim of this report can be read."""
        page = f"{self.claim_page}{row['claim']}" if self.claim_page else self.url
        return f"{page}#{row['anchor']}"


def canonical(row: ReportRow) -> bytes:
    """Return the form of a row that is hashed: keys sorted, no spaces, UTF-8, one line.

    `jq -cS` prints the same, so anyone can compute a report's hash from its JSON download.
    """
    return orjson.dumps(row, option=orjson.OPT_SORT_KEYS)


def content_hash(rows: Iterable[ReportRow]) -> str:
    """Return the hexadecimal SHA-256 over the canonical rows in order, each followed by a line feed."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(canonical(row))
        digest.update(b"\n")
    return digest.hexdigest()


@lru_cache(maxsize=1024)
def day_in_words(day: str | None) -> str:
    """Return `30 April 2019` for an ISO date or time; empty for nothing. Independent of the locale."""
    if not day:
        return ""
    known = date.fromisoformat(day[:10])
    return f"{known.day} {_MONTHS[known.month - 1]} {known.year}"
