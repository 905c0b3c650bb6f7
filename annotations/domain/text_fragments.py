"""Links that open a live page at certain words.

Follows the text directive of "URL Fragment Text Directives" (WICG scroll-to-text-fragment):
`#:~:text=[prefix-,]start[,end][,-suffix]`, where a comma, an ampersand and a hyphen inside the words
are percent-encoded. A browser looks for whole words, ignores case and runs of white space, and a term
never crosses the edge of a paragraph; two terms with a comma between them span paragraphs.
"""

import re
from urllib.parse import quote, urlsplit

# A longer passage is named by how it begins and ends: an address is not the place for pages of text.
WHOLE_UP_TO = 200
EDGE_WORDS = 6
CONTEXT_WORDS = 4
_DIRECTIVE = ":~:"
_SPACE = re.compile(r"\s+")
# Scripts written without spaces: there a "word" is cut by length.
_LONGEST_WORD = 40


def link_to_words(url: str, text: str, start: int, end: int) -> str:
    """Return `url` so that a browser opens it at `text[start:end]`; offsets in code points.

    Words cut at either edge are made whole. Where the same words stand in `text` more than once, those
    before and after are named too. Returns an empty string for an address that is not http or https and
    for an empty passage. What `url` itself has as its fragment is kept.
    """
    if start >= end or urlsplit(url).scheme not in ("http", "https"):
        return ""
    start, end = _whole_words(text, start, end)
    passage = text[start:end].strip()
    if not passage:
        return ""
    head, tail = _edges(passage)
    spoken = _flat(text)
    # With an end named, the pair decides where the range lies; the beginning alone must be the right one.
    unique = spoken.count(_flat(head if tail else passage)) <= 1
    terms = [_encoded(head)] + ([_encoded(tail)] if tail else [])
    if not unique:
        before, after = _before(text[:start]), _after(text[end:])
        terms = [f"{_encoded(before)}-"] * bool(before) + terms + [f"-{_encoded(after)}"] * bool(after)
    base, _, fragment = url.partition("#")
    return f"{base}#{fragment.partition(_DIRECTIVE)[0]}{_DIRECTIVE}text={','.join(terms)}"


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    left, right = start, end
    while left > 0 and start - left < _LONGEST_WORD and _joined(text, left):
        left -= 1
    while right < len(text) and right - end < _LONGEST_WORD and _joined(text, right):
        right += 1
    # A run of letters that goes on and on is no word: leave that edge where it was.
    return (start if _joined(text, left) else left), (end if _joined(text, right) else right)


def _joined(text: str, at: int) -> bool:
    """Whether the position `at` lies inside a word."""
    return 0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum()


def _edges(passage: str) -> tuple[str, str]:
    """The whole passage and nothing, or how it begins and how it ends."""
    paragraphs = [part.strip() for part in re.split(r"\n\s*", passage) if part.strip()]
    if len(paragraphs) == 1 and len(passage) <= WHOLE_UP_TO:
        return passage, ""
    first, last = paragraphs[0].split(), paragraphs[-1].split()
    if len(paragraphs) == 1 and len(first) < 2 * EDGE_WORDS:
        # Few words and many letters: a script without spaces.
        return passage[:_LONGEST_WORD], passage[-_LONGEST_WORD:]
    return _cut(" ".join(first[:EDGE_WORDS])), _cut(" ".join(last[-EDGE_WORDS:]), from_end=True)


def _cut(words: str, *, from_end: bool = False) -> str:
    if len(words) <= WHOLE_UP_TO:
        return words
    return words[-_LONGEST_WORD:] if from_end else words[:_LONGEST_WORD]


def _before(text: str) -> str:
    """The last words before the passage, of one paragraph."""
    paragraph = text.rstrip().rpartition("\n")[2]
    return _cut(" ".join(paragraph.split()[-CONTEXT_WORDS:]), from_end=True)


def _after(text: str) -> str:
    """The first words after the passage, of one paragraph."""
    paragraph = text.lstrip().partition("\n")[0]
    return _cut(" ".join(paragraph.split()[:CONTEXT_WORDS]))


def _flat(text: str) -> str:
    return _SPACE.sub(" ", text).casefold()


def _encoded(words: str) -> str:
    # quote() never encodes the hyphen, which the directive uses as a mark of its own.
    return quote(_SPACE.sub(" ", words.strip()), safe="").replace("-", "%2D")
