"""The place of a claim in a text: exact characters with the words around them.

An anchor names a place by its code points and carries the words themselves, so that a wrong place is always
noticed. Every stored anchor satisfies `text[start:end] == exact`.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from annotations.domain.documents.text import Span, cuts_character
from annotations.domain.errors import Invalid

CONTEXT_LENGTH = 32
MAX_CONTEXT_LENGTH = 256
MAX_EXACT_LENGTH = 10_000
"""The longest stretch that one claim can cover, in code points."""


class AnchorState(StrEnum):
    """How certain the recorded place of a claim is in one version of the text."""

    EXACT = "exact"
    MOVED = "moved"
    EDITED = "edited"
    AMBIGUOUS = "ambiguous"
    ORPHANED = "orphaned"
    CONFIRMED = "confirmed"


class AnchorOutOfRange(Invalid):
    """Start and end do not name a stretch of this text."""

    code = "anchor_out_of_range"


class AnchorBlank(Invalid):
    """The stretch holds no words."""

    code = "anchor_blank"


class AnchorCutsCharacter(Invalid):
    """One end parts what people see as one character."""

    code = "anchor_cuts_character"


class AnchorTooLong(Invalid):
    """The stretch is longer than `MAX_EXACT_LENGTH`."""

    code = "anchor_too_long"


class AnchorMismatch(Invalid):
    """The words given are not the words at that place."""

    code = "anchor_mismatch"


class Quote(NamedTuple):
    """A stretch `[start, end)` of a text in code points, its words, and the words before and after."""

    start: int
    end: int
    exact: str
    prefix: str
    suffix: str


def anchor_at(text: str, start: int, end: int, exact: str | None = None) -> Quote:
    """Return the anchor for `[start, end)` of a normalised text.

    The context is 32 code points on each side. It is lengthened, to 256 at most, until prefix, words and
    suffix together occur once. Raises AnchorOutOfRange, AnchorBlank, AnchorTooLong and AnchorCutsCharacter.
    Raises AnchorMismatch when `exact` is given and differs from the words at that place.
    """
    return _anchor(text, start, end, exact, {})


def anchors_at(text: str, places: Iterable[tuple[int, int]]) -> list[Quote]:
    """Return the anchors for many stretches of one normalised text, with the results of `anchor_at`.

    A stretch that `anchor_at` refuses is refused here too, in the same way.
    """
    pieces = Counter(text.split())
    return [_anchor(text, start, end, None, pieces) for start, end in places]


def _anchor(text: str, start: int, end: int, exact: str | None, pieces: Mapping[str, int]) -> Quote:
    if not 0 <= start < end <= len(text):
        raise AnchorOutOfRange(
            f"A claim stands on a stretch of the article, which has {len(text)} characters. Select it again."
        )
    if end - start > MAX_EXACT_LENGTH:
        raise AnchorTooLong(f"A claim can stand on at most {MAX_EXACT_LENGTH} characters. Select less.")
    words = text[start:end]
    if exact is not None and exact != words:
        raise AnchorMismatch("These are not the words at that place in the article. Select them again.")
    if not any(map(str.isalnum, words)):
        raise AnchorBlank("There are no words in the selection. Select the words of the claim.")
    plain = text.isascii()
    if not plain and (cuts_character(text, start) or cuts_character(text, end)):
        raise AnchorCutsCharacter("The selection parts a character in two. Select the whole character.")
    alone = _holds_what_occurs_once(words, pieces) or _occurs_once(text, words, start)
    length = CONTEXT_LENGTH
    while True:
        opening, closing = max(0, start - length), min(len(text), end + length)
        if not plain:
            while cuts_character(text, opening):
                opening -= 1
            while cuts_character(text, closing):
                closing += 1
        all_there = opening == 0 and closing == len(text)
        if (
            alone
            or all_there
            or length >= MAX_CONTEXT_LENGTH
            or _occurs_once(text, text[opening:closing], opening)
        ):
            return Quote(start, end, words, text[opening:start], text[end:closing])
        length *= 2


def _holds_what_occurs_once(words: str, pieces: Mapping[str, int]) -> bool:
    """Return whether a piece between blanks occurs once in the text, and so the words themselves do.

    The first and last piece do not count, because in the text they may be parts of longer words.
    """
    return bool(pieces) and min(map(pieces.__getitem__, words.split()[1:-1]), default=0) == 1


def _occurs_once(text: str, piece: str, at: int) -> bool:
    return text.find(piece) == at and text.find(piece, at + 1) == -1


# Each character is replaced by exactly one, so offsets in the folded text are offsets in the text itself.
_FOLDING = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»＂", '"'),
        **dict.fromkeys("‘’‚‛‹›´`′", "'"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\u00a0\u2007\u202f\u2009\u200a\u3000\t\n", " "),
    }
)
_UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff]")


def fold_marks(text: str) -> str:
    """Return the text with quotation marks, dashes and blanks made alike. Offsets stay the same."""
    return text.translate(_FOLDING)


def find_words(text: str, words: str) -> list[Span]:
    """Return every place of the words in a normalised text, in order; places may overlap.

    Blanks match line breaks, kinds of quotation marks and dashes match each other, `…` matches three full
    stops, and composed letters match decomposed ones. Upper and lower case do not match. Empty without words.
    """
    pieces = fold_marks(unicodedata.normalize("NFC", _UNSEEN.sub("", words))).split()
    if not any(character.isalnum() for character in words):
        return []
    pattern = re.compile(
        " +".join(re.escape(piece.replace("...", "…")).replace("…", r"(?:…|\.\.\.)") for piece in pieces)
    )
    folded = fold_marks(text)
    found: list[Span] = []
    match = pattern.search(folded)
    while match:
        if not (cuts_character(text, match.start()) or cuts_character(text, match.end())):
            found.append(Span(*match.span()))
        match = pattern.search(folded, match.start() + 1)
    return found
