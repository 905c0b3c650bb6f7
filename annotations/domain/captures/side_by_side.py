"""Two captures of a page side by side, paragraph by paragraph, for people who compare them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from annotations.domain.differences import Change, Kind, changes, line_steps

SHOWN_PARAGRAPHS = 400
"""The largest number of differing paragraphs shown. People who need more compare the texts themselves."""

_MAX_PAIRS = 1_000_000
_MAX_PARAGRAPH = 6_000
_ALIKE = 0.4


class RowKind(StrEnum):
    """What happened to a paragraph."""

    SAME = "same"
    CHANGED = "changed"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the comparison: the text before, the text now, and the difference.

    A run of unchanged paragraphs is one row that holds only their number, in `count`.
    """

    kind: RowKind
    before: tuple[Change, ...] = ()
    after: tuple[Change, ...] = ()
    count: int = 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """The rows in reading order. `is_cut` says that there were more than can be shown."""

    rows: tuple[Row, ...]
    is_cut: bool


def side_by_side(before: str, after: str) -> Comparison:
    """Compare two normalised texts. It is fast even for long texts and for texts built to be slow."""
    old, new = _paragraphs(before), _paragraphs(after)
    rows: list[Row] = []
    shown = 0
    for tag, a, b, c, d in line_steps(old, new, most_pairs=_MAX_PAIRS):
        if tag == "equal":
            if b > a:
                rows.append(Row(RowKind.SAME, count=b - a))
            continue
        for row in _pairs(old[a:b], new[c:d]):
            if shown == SHOWN_PARAGRAPHS:
                return Comparison(tuple(rows), is_cut=True)
            rows.append(row)
            shown += 1
    return Comparison(tuple(rows), is_cut=False)


def halves(before: str, after: str) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """Return the word-by-word differences of two stretches, one list for each column."""
    if max(len(before), len(after)) > _MAX_PARAGRAPH:
        return (Change(Kind.REMOVED, before),), (Change(Kind.ADDED, after),)
    steps = changes(before, after)
    return (
        tuple(step for step in steps if step.kind is not Kind.ADDED),
        tuple(step for step in steps if step.kind is not Kind.REMOVED),
    )


def _paragraphs(text: str) -> list[str]:
    return [line for line in text.split("\n") if line]


def _pairs(old: list[str], new: list[str]) -> Iterator[Row]:
    """Pair replaced paragraphs with those that took their place, in order; the rest remain alone."""
    at = 0
    added: list[str] = []
    for paragraph in new:
        partner = next((n for n in range(at, min(at + 3, len(old))) if _alike(old[n], paragraph)), None)
        if partner is None:
            added.append(paragraph)
            continue
        yield from _alone(old[at:partner], added)
        left, right = halves(old[partner], paragraph)
        yield Row(RowKind.CHANGED, before=left, after=right)
        at, added = partner + 1, []
    yield from _alone(old[at:], added)


def _alone(removed: list[str], added: list[str]) -> Iterator[Row]:
    for paragraph in removed:
        yield Row(RowKind.REMOVED, before=(Change(Kind.REMOVED, paragraph),))
    for paragraph in added:
        yield Row(RowKind.ADDED, after=(Change(Kind.ADDED, paragraph),))


def _alike(one: str, other: str) -> bool:
    """Return whether two paragraphs share enough words to be one paragraph that was edited."""
    first, second = Counter(one.split()), Counter(other.split())
    return 2 * (first & second).total() >= 2 * _ALIKE * max(first.total(), second.total())
