"""An article cut at the edges of its claims, so that highlights are plain markup made on the server."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from annotations.domain.documents.text import Span, paragraphs


class Mark(NamedTuple):
    """A claim's place in a text."""

    claim_id: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text under the same claims from start to end.

    `begins` names the claims that have their first stretch here. Each of them gets its keyboard stop here,
    however many claims overlap.
    """

    start: int
    end: int
    text: str
    claim_ids: tuple[int, ...]
    begins: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph and its segments, which join to form exactly its text."""

    start: int
    end: int
    segments: tuple[Segment, ...]


def segments(text: str, marks: Iterable[Mark]) -> list[Paragraph]:
    """Cut a normalised text into paragraphs and segments.

    The claims of a segment are in the order in which they begin, longer ones first. A mark may cross
    paragraphs. Empty marks and parts outside the text are omitted.
    """
    ordered = sorted(
        (mark for mark in marks if mark.start < mark.end), key=lambda mark: (mark.start, -mark.end)
    )
    result: list[Paragraph] = []
    begun: set[int] = set()
    active: list[Mark] = []
    following = 0
    for paragraph in paragraphs(text):
        active = [mark for mark in active if mark.end > paragraph.start]
        while following < len(ordered) and ordered[following].start < paragraph.end:
            if ordered[following].end > paragraph.start:
                active.append(ordered[following])
            following += 1
        result.append(Paragraph(paragraph.start, paragraph.end, tuple(_cut(text, paragraph, active, begun))))
    return result


def _cut(text: str, paragraph: Span, marks: Sequence[Mark], begun: set[int]) -> list[Segment]:
    """Return the segments of one paragraph; adds to `begun` the claims that have had their first segment."""
    edges = {paragraph.start, paragraph.end}
    for mark in marks:
        edges.add(max(mark.start, paragraph.start))
        edges.add(min(mark.end, paragraph.end))
    cuts = sorted(edges)
    pieces: list[Segment] = []
    under: list[Mark] = []
    following = 0
    for start, end in itertools.pairwise(cuts):
        under = [mark for mark in under if mark.end > start]
        while following < len(marks) and marks[following].start <= start:
            if marks[following].end > start:
                under.append(marks[following])
            following += 1
        fresh = tuple(mark.claim_id for mark in under if mark.claim_id not in begun)
        begun.update(fresh)
        pieces.append(Segment(start, end, text[start:end], tuple(mark.claim_id for mark in under), fresh))
    return pieces
