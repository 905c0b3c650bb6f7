"""What changed between two texts, word by word, for people who compare them."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


class Kind(StrEnum):
    """What became of a stretch of text."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch of text and what became of it."""

    kind: Kind
    text: str


def changes(before: str, after: str) -> list[Change]:
    """Return the stretches that lead from `before` to `after`, in reading order.

    The stretches that are not ADDED join up to `before`, those not REMOVED to `after`.
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
