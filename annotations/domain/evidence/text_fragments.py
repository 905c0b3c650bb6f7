"""Links that open a live page at certain words.

They follow the text directive of "URL Fragment Text Directives" (WICG scroll-to-text-fragment):
`#:~:text=[prefix-,]start[,end][,-suffix]`. A comma, an ampersand and a hyphen inside the words are
percent-encoded. A browser searches for whole words and ignores case and runs of white space. A term never
crosses the edge of a paragraph; two terms with a comma between them span paragraphs.
"""

import re
import unicodedata
from urllib.parse import quote, urlsplit

# A longer passage is named by its beginning and end, because an address should not hold pages of text.
WHOLE_UP_TO = 300
EDGE_WORDS = 6
CONTEXT_WORDS = 4
_DIRECTIVE = ":~:"
_SPACE = re.compile(r"\s+")
# In scripts written without spaces a "word" is cut at a mark, or by length.
_LONGEST_WORD = 40
# One of these between two letters or two digits does not separate words.
_WITHIN_WORDS = "'’.:·‧"
_WITHIN_NUMBERS = "'’.,;"


def link_to_words(url: str, text: str, start: int, end: int, *, is_cut: bool = False) -> str:
    """Return `url` so that a browser opens it at `text[start:end]`, with offsets in code points.

    Words cut at either edge are completed. The words before and after are named too if the same words occur
    in `text` more than once, or if `is_cut` says that there is more text than is given. Returns an empty
    string for an address that is not http or https and for a passage without words. The fragment of `url`
    itself is kept.
    """
    if not text[start:end].strip() or not _is_web(url):
        return ""
    start, end = _whole_words(text, start, end)
    passage = text[start:end].strip()
    start = text.index(passage, start)
    head, tail = _edges(passage)
    terms = [_encoded(head)] + ([_encoded(tail)] if tail else [])
    if is_cut or not _is_found_alone(text, start, passage, head, tail):
        before, after = _before(text[:start]), _after(text[start + len(passage) :])
        terms = [f"{_encoded(before)}-"] * bool(before) + terms + [f"-{_encoded(after)}"] * bool(after)
    base, _, fragment = url.partition("#")
    return f"{base}#{fragment.partition(_DIRECTIVE)[0]}{_DIRECTIVE}text={','.join(terms)}"


def _is_web(url: str) -> bool:
    try:
        return urlsplit(url).scheme in ("http", "https")
    except ValueError:
        return False


def _is_found_alone(text: str, start: int, passage: str, head: str, tail: str) -> bool:
    """Return whether a browser can find only this passage without being given its neighbours."""
    spoken = _flat(text)
    if spoken.count(_flat(head)) > 1:
        return False
    # The browser takes the first end after the beginning, so it must not occur earlier within the passage.
    inside, ending = _flat(passage), _flat(tail)
    return not tail or inside.find(ending, len(_flat(head))) == len(inside) - len(ending)


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    left, right = start, end
    while left > 0 and start - left < _LONGEST_WORD and _joined(text, left):
        left -= 1
    while right < len(text) and right - end < _LONGEST_WORD and _joined(text, right):
        right += 1
    # A very long run of letters is not a word, so that edge stays where it was.
    return (start if _joined(text, left) else left), (end if _joined(text, right) else right)


def _joined(text: str, at: int) -> bool:
    """Return whether the position `at` lies inside a word."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if _in_word(before) and _in_word(after):
        return True
    if not _in_word(after):
        return at + 1 < len(text) and _is_link(before, after, text[at + 1])
    return at > 1 and _is_link(text[at - 2], before, after)


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_" or unicodedata.category(character)[0] == "M"


def _is_link(before: str, between: str, after: str) -> bool:
    if before.isdigit() and after.isdigit():
        return between in _WITHIN_NUMBERS
    return _in_word(before) and _in_word(after) and between in _WITHIN_WORDS


def _edges(passage: str) -> tuple[str, str]:
    """Return the whole passage and an empty string, or its beginning and its end."""
    paragraphs = [part.strip() for part in re.split(r"\n\s*", passage) if part.strip()]
    if len(paragraphs) == 1 and len(passage) <= WHOLE_UP_TO:
        return passage, ""
    first, last = paragraphs[0].split(), paragraphs[-1].split()
    if len(paragraphs) == 1 and len(first) < 2 * EDGE_WORDS:
        # Few words and many letters indicate a script without spaces.
        return _clause(passage), _clause(passage, from_end=True)
    return _cut(" ".join(first[:EDGE_WORDS])), _cut(" ".join(last[-EDGE_WORDS:]), from_end=True)


def _cut(words: str, *, from_end: bool = False) -> str:
    if len(words) <= WHOLE_UP_TO:
        return words
    return _clause(words, from_end=from_end)


def _clause(words: str, *, from_end: bool = False) -> str:
    """Return about as much as a long word, up to a mark if there is one: a browser finds whole words only."""
    piece = words[-_LONGEST_WORD:] if from_end else words[:_LONGEST_WORD]
    edges = [at for at in range(1, len(piece)) if not (_in_word(piece[at - 1]) and _in_word(piece[at]))]
    if not edges:
        return piece
    return piece[edges[0] :] if from_end else piece[: edges[-1]]


def _before(text: str) -> str:
    """Return the last words before the passage, from one paragraph."""
    paragraph = text.rstrip().rpartition("\n")[2]
    return _cut(" ".join(paragraph.split()[-CONTEXT_WORDS:]), from_end=True)


def _after(text: str) -> str:
    """Return the first words after the passage, from one paragraph."""
    paragraph = text.lstrip().partition("\n")[0]
    return _cut(" ".join(paragraph.split()[:CONTEXT_WORDS]))


def _flat(text: str) -> str:
    return _SPACE.sub(" ", text).casefold()


def _encoded(words: str) -> str:
    # quote() never encodes the hyphen, which has a meaning in the directive.
    return quote(_SPACE.sub(" ", words.strip()), safe="").replace("-", "%2D")
