"""The signed record: what is in it, and how two of them differ.

A record is everything that a reviewer judges about a claim, as it was when the claim was submitted. It is
built by the function `annotations_record` of the database and kept as the text that was hashed. The types
here describe that JSON, key for key. Dates are ISO 8601 (`2019-04-30`), times are UTC to the second
(`2019-04-30T18:05:00Z`), offsets count Unicode code points.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypedDict, cast

import orjson


class RecordCause(StrEnum):
    """Why a record was made."""

    SUBMITTED = "submitted"
    # A page that was still being fetched at the submission has been read.
    READ = "read"
    # The claim was submitted before there were records; made of what was known at the upgrade.
    UPGRADED = "upgraded"

    @property
    def label(self) -> str:
        return self.value.capitalize()


class RecordPerson(TypedDict):
    """A person with the names of that day; `id` is the number of the account."""

    id: int
    username: str
    name: str


class RecordWords(TypedDict):
    """The exact words of the article, with those around them."""

    exact: str
    prefix: str
    suffix: str
    start: int
    end: int
    state: str


class RecordCapture(TypedDict):
    """What was read of a source. The hashes are those of its bytes and of the text extracted from them."""

    id: int
    fetched_at: str
    body_sha256: str
    text_sha256: str
    uploaded_by: RecordPerson | None


class RecordEvidence(TypedDict):
    """One source as relied on. Without a `capture`, `read` says “never read”."""

    id: int
    stance: str
    title: str
    site: str
    url: str
    author: str
    published_on: str | None
    passage: str
    passage_start: int | None
    passage_end: int | None
    note: str
    authors: list[int]
    capture: RecordCapture | None
    read: str


class Record(TypedDict):
    """All that a reviewer judges about one claim.

    `words` is null where the claim never stood in the article. `article` names the `version` that holds the
    words, and the `current_version` at the submission, which older records lack. `hands` are all people whose
    hand is in any of it; none of them may sign it. `tags` order the work and are not judged; they are here
    because reports show them.
    """

    format: int
    cause: str
    claim: int
    statement: str
    language: str
    claimant: dict[str, str]
    said_on: str | None
    said_where: str
    chosen_because: str
    tags: list[str]
    words: RecordWords | None
    article: dict[str, Any]
    verdict: dict[str, Any]
    rating: dict[str, Any]
    evidence: list[RecordEvidence]
    hands: list[RecordPerson]
    submitted_by: RecordPerson
    submitted_at: str


def read_record(body: str) -> Record:
    """Return what the text of a record says."""
    return cast(Record, orjson.loads(body))


class Part(StrEnum):
    """A part of a record that can differ from another record's."""

    STATEMENT = "statement"
    CLAIMANT = "claimant"
    SAID = "said"
    CHOSEN_BECAUSE = "chosen_because"
    WORDS = "words"
    ARTICLE = "article"
    RATING = "rating"
    REASONING = "reasoning"
    AS_OF = "as_of"
    EVIDENCE = "evidence"
    EVIDENCE_ADDED = "evidence_added"
    EVIDENCE_GONE = "evidence_gone"
    HANDS = "hands"


@dataclass(frozen=True)
class Difference:
    """One part that two records state differently. Either side may be empty."""

    part: Part
    before: str
    after: str


def differences(before: Record, after: Record) -> list[Difference]:
    """Return how `after` differs from `before` in what the page of the record shows, in its order.

    Records that differ only in other parts, such as who submitted them, give an empty list.
    """
    found = [
        Difference(part, old, new)
        for part, old, new in (
            (part, reads(before), reads(after)) for part, reads in _READS.items() if part != Part.HANDS
        )
        if old != new
    ]
    found += _evidence(before, after)
    old, new = _READS[Part.HANDS](before), _READS[Part.HANDS](after)
    return [*found, Difference(Part.HANDS, old, new)] if old != new else found


_READS: dict[Part, Callable[[Record], str]] = {
    Part.STATEMENT: lambda record: record["statement"],
    Part.CLAIMANT: lambda record: _joined(record["claimant"].get(name) for name in ("name", "role", "kind")),
    Part.SAID: lambda record: _joined((record["said_on"], record["said_where"])),
    Part.CHOSEN_BECAUSE: lambda record: record["chosen_because"],
    # With those around them: the same words elsewhere in the article are another claim.
    Part.WORDS: lambda record: (
        "".join(record["words"][name] for name in ("prefix", "exact", "suffix")) if record["words"] else ""
    ),
    Part.ARTICLE: lambda record: _joined(
        (record["article"]["title"], f"version {record['article']['version']}")
    ),
    Part.RATING: lambda record: _joined((record["rating"]["label"], record["rating"]["definition"]), ": "),
    Part.REASONING: lambda record: record["verdict"]["reasoning"],
    Part.AS_OF: lambda record: record["verdict"]["as_of"],
    Part.HANDS: lambda record: _joined(hand["name"] for hand in record["hands"]),
}


def _evidence(before: Record, after: Record) -> list[Difference]:
    old = {row["id"]: _source(row) for row in before["evidence"]}
    new = {row["id"]: _source(row) for row in after["evidence"]}
    gone = [Difference(Part.EVIDENCE_GONE, old[key], "") for key in old if key not in new]
    kept = [key for key in old if key in new and old[key] != new[key]]
    changed = [Difference(Part.EVIDENCE, old[key], new[key]) for key in kept]
    added = [Difference(Part.EVIDENCE_ADDED, "", new[key]) for key in new if key not in old]
    return [*gone, *changed, *added]


def _source(row: RecordEvidence) -> str:
    capture = row["capture"]
    read = f"read {capture['fetched_at']}, {capture['body_sha256'][:12]}" if capture else row["read"]
    passage = f"“{row['passage']}”" if row["passage"] else ""
    return _joined((row["stance"], row["title"], row["url"], passage, row["note"], read))


def _joined(words: Any, between: str = ", ") -> str:
    return between.join(str(word) for word in words if word)
