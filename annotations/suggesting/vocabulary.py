"""What the words of a sentence count as, worked out once for each word, since articles repeat words.

Splitting, folding and classifying a word costs as much as twenty look-ups, so the result is kept for each
piece of text between two blanks.
"""

import re
from functools import cache
from typing import NamedTuple

from annotations.domain.claims.guarded_words import MONTHS_AND_DAYS, NUMBER_WORDS
from annotations.suggesting.lexicon import SPLIT_LANGUAGES, Lexicon, lexicon, without_elision

_MOST_PIECES = 20_000
_LONGEST_PIECE = 40
WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*")
HOUR = r"(?i:uur|h|Uhr|heures?|horas|o['’]clock|[ap]\.?m)\b"
"""A pattern for words that make the figure before them a time of day."""
_LETTERS = re.compile(r"[^\W\d]+")
_OPENS_WITH_HOUR = re.compile(HOUR)
# Number words that mostly mean something else.
_RARELY_NUMBERS = frozenset(
    "één uno um un eerste second first double doble dobro half null cero once".split()
)


class Piece(NamedTuple):
    """How many words a piece between two blanks has, and those that count for the score, in lower case.

    Each such word stands beside its kind, once for each kind: number, compound, date, percent, money, said,
    role, act, office, change, comparison, opinion. A piece with letters that name a month or a day also has
    `month`, and one that begins with what follows the figure of a time also has `hour`.
    """

    words: int
    marked: tuple[tuple[str, str], ...]


_NO_WORD = Piece(0, ())
_ONE_WORD = Piece(1, ())


class Vocabulary(dict[str, Piece]):
    """The pieces of one language met so far; a new one is classified when it is first read."""

    def __init__(self, words: Lexicon) -> None:
        super().__init__()
        self._kinds = {
            "number": NUMBER_WORDS - _RARELY_NUMBERS,
            "date": MONTHS_AND_DAYS,
            "percent": words.percent,
            "money": words.money,
            "said": words.said,
            "role": words.roles | words.organisations,
            "act": words.acts,
            "office": words.office,
            "change": words.change,
            "comparison": words.comparison,
            "opinion": words.opinion,
        }

    def __missing__(self, text: str) -> Piece:
        if text.isdecimal():
            return _NO_WORD
        piece = self._piece(text)
        # Figures and addresses rarely repeat; what is kept stays within a few megabytes.
        if len(text) <= _LONGEST_PIECE and not any(map(str.isdigit, text)):
            if len(self) >= _MOST_PIECES:
                self.clear()
            self[text] = piece
        return piece

    def _piece(self, text: str) -> Piece:
        words = WORD.findall(text)
        if not words:
            return _NO_WORD
        marked = []
        for word in map(lower, words):
            marked += [(kind, word) for kind, known in self._kinds.items() if word in known]
            if _is_number_compound(word):
                marked.append(("compound", word))
        if any(letters.casefold() in MONTHS_AND_DAYS for letters in _LETTERS.findall(text)):
            marked.append(("month", ""))
        if _OPENS_WITH_HOUR.match(text):
            marked.append(("hour", ""))
        if marked or len(words) > 1:
            return Piece(len(words), tuple(marked))
        return _ONE_WORD


def vocabulary(language: str) -> Vocabulary:
    """Return the vocabulary of a language (ISO 639, its region ignored); those without lists share one."""
    code = language.partition("-")[0].lower()
    return _vocabulary(code if code in SPLIT_LANGUAGES else "")


@cache
def _vocabulary(code: str) -> Vocabulary:
    return Vocabulary(lexicon(code))


def lower(word: str) -> str:
    """The word in the form in which the lists hold it."""
    return without_elision(word.casefold())


def _is_number_compound(word: str) -> bool:
    """Dutch and German write numbers as one word: zevenendertig, vierundfünfzig, tweehonderd."""
    return (
        len(word) > 7
        and word.endswith(_NUMBER_ENDINGS)
        and word.startswith(_NUMBER_STARTS)
        and any(joint in word for joint in _NUMBER_JOINTS)
    )


_NUMBER_ENDINGS = ("tig", "zig", "ßig", "honderd", "hundert", "duizend", "tausend")
_NUMBER_JOINTS = ("en", "ën", "und", "honderd", "hundert", "duizend", "tausend")
_NUMBER_STARTS = tuple(
    (
        "een één twee drie vier vijf zes zeven acht negen tien elf twaalf twin der veer vijft "
        "ein zwei drei fünf sechs sieben neun zehn zwölf hundert honderd"
    ).split()
)
