"""The differences between two texts, word by word, for people who compare them."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


class Kind(StrEnum):
    """What happened to a stretch of text."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch of text and what happened to it."""

    kind: Kind
    text: str


def changes(before: str, after: str) -> list[Change]:
    """Return the stretches that lead from `before` to `after`, in reading order.

    The stretches that are not ADDED join to form `before`, and those that are not REMOVED form `after`.
    """
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    result: list[Change] = []
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            result.append(Change(Kind.SAME, "".join(old[old_from:old_to])))
            continue
        if old_from < old_to:
            result.append(Change(Kind.REMOVED, "".join(old[old_from:old_to])))
        if new_from < new_to:
            result.append(Change(Kind.ADDED, "".join(new[new_from:new_to])))
    return result


def line_steps(
    old: Sequence[str], new: Sequence[str], *, most_pairs: int
) -> Iterator[tuple[str, int, int, int, int]]:
    """Return the steps from one list of lines to the other, as `SequenceMatcher.get_opcodes` does.

    If more than `most_pairs` pairs of lines are equal, as in a text of endless repeats, everything between
    the common beginning and the common end counts as replaced. Matching it would take minutes.
    """
    shorter = min(len(old), len(new))
    head = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    tail = next((at for at in range(shorter - head) if old[-1 - at] != new[-1 - at]), shorter - head)
    yield "equal", 0, head, 0, head
    inner_old, inner_new = old[head : len(old) - tail], new[head : len(new) - tail]
    there = Counter(inner_new)
    if sum(number * there[line] for line, number in Counter(inner_old).items()) > most_pairs:
        yield "replace", head, head + len(inner_old), head, head + len(inner_new)
    else:
        for tag, a, b, c, d in SequenceMatcher(None, inner_old, inner_new, autojunk=False).get_opcodes():
            yield tag, a + head, b + head, c + head, d + head
    yield "equal", len(old) - tail, len(old), len(new) - tail, len(new)
