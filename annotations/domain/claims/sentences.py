"""The sentences of a text, cut only where it is sure that one ends.

A cut too few makes a claim wait for a person once too often. A cut too many would hide a change in the rest
of the sentence, so in doubt there is none.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator

from annotations.domain.documents.text import Span

# A closing quotation mark ends no sentence but the last of a line: who said so may follow it.
_CLOSING = r"[\"'”’»)\]）】」』》〉]"
_END = re.compile(
    r"[.!?。！？؟।…]++"
    rf"(?:[)\]）】]*+\s+|(?<=[。！？])(?!{_CLOSING})|{_CLOSING}*+$)"
)
_CLOSED = re.compile(rf"[.!?。！？؟।…]{_CLOSING}*$")
_LISTED = re.compile(r"(?:[-–—•*·▪◦]|\d{1,3}[.)])\s")
_MOST_HEADINGS = 8
_LAST_WORD = re.compile(r"[\w.]+$")
# A full stop after so few letters often shortens a word: "dr.", "gem.", "J.".
_SHORT = 3
_SHORTENED = frozenset(
    "abgek approx appt assoc bijl bijv bldg capt cnel dept depto dipl dott evtl febr ggfs govt gral hist ibid"
    " incl insp jhdt jonkh lieut mevr mill miljd notm oorspr prof profa prov resp sept sogen supt telef vert"
    " vgls zogen".split()
)


class Sentences:
    """The sentences of a normalised text in order, headings and list lines among them, without outer blanks.

    `spans` holds the places of these `words` in code points, `blocks` the number of the paragraph or list
    line each stands in. A paragraph may be broken into lines anywhere, also within a sentence.
    """

    def __init__(self, text: str) -> None:
        self.spans: list[Span] = []
        self.blocks: list[int] = []
        for number, (offset, block) in enumerate(_blocks(text)):
            for start, end in _cut(block):
                self.spans.append(Span(offset + start, offset + end))
                self.blocks.append(number)
        self.words = [text[span.start : span.end] for span in self.spans]
        self._starts = [span.start for span in self.spans]
        self._places: dict[str, list[int]] = defaultdict(list)
        self._headings: list[tuple[str, ...]] = []
        heading: tuple[str, ...] = ()
        follows = False
        for index, words in enumerate(self.words):
            self._places[words].append(index)
            self._headings.append(heading)
            alone = self.opens(index) and self.closes(index)
            is_heading = alone and not _CLOSED.search(words) and not _LISTED.match(words)
            if is_heading:
                heading = (*heading, words)[-_MOST_HEADINGS:] if follows else (words,)
            follows = is_heading
        self._heading_words = frozenset().union(*self._headings, heading)

    def places(self, words: list[str]) -> list[int]:
        """Return the index of each sentence where these sentences begin, one after the other."""
        found = self._places.get(words[0], [])
        return [at for at in found if self.words[at : at + len(words)] == words]

    def before(self, index: int) -> str | None:
        """Return the sentence before the one at `index`, in whatever paragraph; None before the first."""
        return self.words[index - 1] if index > 0 else None

    def after(self, index: int) -> str | None:
        """Return the sentence after the one at `index`, in whatever paragraph; None after the last."""
        return self.words[index + 1] if index + 1 < len(self.words) else None

    def around(self, first: int, last: int) -> tuple[str | None, str | None, bool, bool]:
        """Return what stands before and after, and whether a paragraph begins and ends with them."""
        return self.before(first), self.after(last), self.opens(first), self.closes(last)

    def opens(self, index: int) -> bool:
        """Return whether the sentence at `index` is the first of its paragraph."""
        return index == 0 or self.blocks[index - 1] != self.blocks[index]

    def closes(self, index: int) -> bool:
        """Return whether the sentence at `index` is the last of its paragraph."""
        return index + 1 == len(self.words) or self.blocks[index + 1] != self.blocks[index]

    def heading(self, index: int) -> tuple[str, ...]:
        """Return the nearest lines above the sentence that read as headings, at most eight.

        Each is a line by itself without a full stop, such as "Almere" or "The facts:", and none of a list.
        The cells of a table read like that, too.
        """
        return self._headings[index]

    def is_heading(self, words: str) -> bool:
        """Return whether some line reads as a heading with these words."""
        return words in self._heading_words

    def is_once(self, words: str) -> bool:
        """Return whether a sentence stands in the text exactly once."""
        return len(self._places.get(words, ())) == 1

    def holds(self, words: str) -> bool:
        """Return whether a sentence stands in the text."""
        return words in self._places

    def touched_by(self, span: Span) -> tuple[int, int]:
        """Return the first and the last of the sentences that a stretch of words touches, as indexes."""
        first = max(0, bisect_right(self._starts, span.start) - 1)
        last = max(first, bisect_right(self._starts, span.end - 1) - 1)
        return first, last


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """Yield each paragraph and each line of a list, with the place where it begins."""
    start = offset = 0
    for line in text.splitlines(keepends=True):
        if not line.strip() or _LISTED.match(line):
            yield start, text[start:offset]
            start = offset
        offset += len(line)
    yield start, text[start:]


def _cut(line: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _END.finditer(line):
        if _is_sure(line, match):
            yield from _without_blanks(line, start, match.end())
            start = match.end()
    yield from _without_blanks(line, start, len(line))


def _is_sure(line: str, match: re.Match[str]) -> bool:
    if match.end() == len(line):
        return True
    following = line[match.end() :].lstrip("\"'“‘«»¿¡([„‚—–- ")[:1]
    if not following or following.islower() or following in ",;:)":
        return False
    if not match[0].startswith(".") or match[0].startswith(".."):
        return True
    before = _LAST_WORD.search(line, 0, match.start())
    word = before[0] if before else ""
    if word.isdigit():
        # An ordinal in German or a number in a list: "am 3. Mai".
        return False
    letters = word.casefold()
    return len(letters) > _SHORT and "." not in letters and letters not in _SHORTENED


def _without_blanks(line: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    words = line[start:end]
    if words.strip():
        yield start + len(words) - len(words.lstrip()), start + len(words.rstrip())
