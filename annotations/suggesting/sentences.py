"""Find the sentences of an article, as places in the text; the text itself never changes.

nupunkt finds their ends. This module adds what it does not know: abbreviations and initials of six
languages, quotations with their speaker, lines, full stops without a blank after them, and the sentence
marks of Arabic and Chinese.
"""

import itertools
import re

import nupunkt

from annotations.domain.claims.guarded_words import MONTHS_AND_DAYS
from annotations.domain.documents.text import Span, paragraphs
from annotations.suggesting.lexicon import Lexicon, lexicon

LONGEST_SENTENCE = 1_200
"""In code points; a longer stretch without an end is cut at a blank."""

_LONGEST_QUOTATION = 400
# Copying a whole paragraph for each of its sentences would make long ones slow.
_NEAR = 80
_CLOSING = "\"'”’»)）」』"
_OPENING = "\"'“‘„«‹(「『¿¡—– \u00a0-"
_UNSPACED_END = re.compile(f"[。！？][{_CLOSING}]*")
_ARABIC_END = re.compile(f"[؟۔][{_CLOSING}]*")
# The mark comes first in the pattern, then what stands before it, so only the marks of a text are tried.
_GLUED = re.compile(r"[.!?](?<=[^\W\d_]{3}.)(?=[^\W\d_]{2,}[ ,])")
_BEFORE_CAPITAL = re.compile(rf"[.!?](?<=[^\W\d_]{{2}}.)[{_CLOSING}]*\s+(?=[{_OPENING}]*[^\W\d_a-zß-öø-ÿ])")
# One after another, since one kind can stand inside another: “ … ‘ … ’ … ”.
_QUOTATIONS = tuple(
    (opening, re.compile(pattern))
    for opening, pattern in (
        ("“", "“[^“”]*”"),
        ("„", "„[^„“”]*[“”]"),
        ("«", "«[^«»]*»"),
        ('"', '"[^"]*"'),
        ("‘", r"(?<!\w)‘(?:[^‘’]|(?<=\w)’(?=\w))*’(?!\w)"),
    )
)
_APOSTROPHE_START = re.compile(r"[’'][a-z]\b")
_ENDS_SENTENCE = re.compile(f"[.!?…。！？؟۔:][{_CLOSING}]*$")
_LAST_WORD = re.compile(r"(\S+)\.$")
_INITIALS = re.compile(r"^(?:[^\W\d_]\.-?)*[^\W\d_]$")


def sentence_spans(text: str, language: str) -> list[Span]:
    """Places of the sentences of a normalised text, in order, without the blanks between them.

    A sentence never crosses a paragraph. A quotation of at most 400 characters stays whole, with the
    words that say who spoke; a heading on a line of its own is a sentence of its own.
    """
    code = language.partition("-")[0].lower()
    words = lexicon(code)
    spans: list[Span] = []
    for paragraph in paragraphs(text):
        for line in _blocks(text, paragraph):
            spans += _sentences(text, line, code, words)
    return spans


def _blocks(text: str, paragraph: Span) -> list[Span]:
    """Join lines that were only wrapped; a short line before a capital stays alone."""
    if "\n" not in text[paragraph.start : paragraph.end]:
        return [paragraph]
    lines: list[Span] = []
    at = paragraph.start
    for words in text[paragraph.start : paragraph.end].split("\n"):
        lines.append(Span(at, at + len(words)))
        at += len(words) + 1
    widest = max(line.end - line.start for line in lines)
    blocks = [lines[0]]
    for before, line in itertools.pairwise(lines):
        first = text[line.start : line.end].lstrip(_OPENING)[:1]
        short = before.end - before.start < 0.7 * widest
        if _ENDS_SENTENCE.search(text[before.start : before.end]) or (short and not first.islower()):
            blocks.append(line)
        else:
            blocks[-1] = Span(blocks[-1].start, line.end)
    return blocks


def _sentences(text: str, block: Span, language: str, words: Lexicon) -> list[Span]:
    passage = text[block.start : block.end]
    ends = [end for _, end in nupunkt.sent_spans(passage)]
    if not passage.isascii():
        for pattern in (_UNSPACED_END, _ARABIC_END):
            ends += [match.end() for match in pattern.finditer(passage)]
    ends += [match.end() for match in _GLUED.finditer(passage) if passage[match.end()].isupper()]
    if language != "en" and words.titles:
        # nupunkt knows English abbreviations; in other languages they are words ("ook al.", "sin.").
        ends += [match.end() for match in _BEFORE_CAPITAL.finditer(passage)]
    quotations = _quotations(passage, words)
    kept = [
        end
        for end in sorted({*ends, len(passage)})
        if end == len(passage)
        or not (_runs_on(passage, end, words) or any(start < end < stop for start, stop in quotations))
    ]
    spans: list[Span] = []
    start = 0
    for end in kept:
        spans += _pieces(passage, start, end)
        start = end
    return [Span(block.start + start, block.start + end) for start, end in spans]


def _runs_on(passage: str, end: int, words: Lexicon) -> bool:
    """Whether what looks like the end of a sentence at `end` is not one."""
    before, after = _before(passage, end), _after(passage, end)
    if not before or not after:
        return True
    opening = after.lstrip(_OPENING)[:1]
    lower = opening.islower() and not _APOSTROPHE_START.match(after)
    last = _LAST_WORD.search(before[-40:])
    if last:
        word = last.group(1).lstrip(_OPENING).casefold()
        if word in words.titles:
            return True
        if word in words.abbreviations and (
            lower or after[0] in "’'" or opening.isdigit() or opening in "€$£%"
        ):
            return True
        # "am 3. Mai": an ordinal, written so in German.
        if word.isdigit() and (lower or _first_word(after) in MONTHS_AND_DAYS):
            return True
        # "C. de Vries" and "J.P. Balkenende", but not the last letter of "vitamine B."
        if (
            _INITIALS.match(word)
            and last.group(1)[-1].isupper()
            and (lower or _is_initial(before, last.start()))
        ):
            return True
    return lower and before[-1] not in "。！？؟۔"


def _before(passage: str, at: int) -> str:
    """Return the text before, without blanks at its end, as far back as it matters here."""
    near = passage[max(0, at - _NEAR) : at].rstrip()
    return near if len(near) > _NEAR // 2 or at <= _NEAR else passage[:at].rstrip()


def _after(passage: str, at: int) -> str:
    """Return the text after, without blanks at its start, as far on as it matters here."""
    near = passage[at : at + _NEAR].lstrip()
    whole = len(near.lstrip(_OPENING)) > _NEAR // 4 or at + _NEAR >= len(passage)
    return near if whole else passage[at:].lstrip()


def _is_initial(before: str, at: int) -> bool:
    """Whether a single capital is part of a name: it opens the sentence or follows a small word or a name."""
    tail = before[-40:][:at].rstrip()
    if not tail or not tail[-1].isalnum():
        return True
    previous = tail.split()[-1]
    return previous[0].isupper() or len(previous) <= 4 or previous.endswith("s")


def _quotations(passage: str, words: Lexicon) -> list[Span]:
    """Quotations that stay whole, reaching on to the words that name who spoke."""
    found: list[Span] = []
    used = [pattern for opening, pattern in _QUOTATIONS if opening in passage]
    for start, end in (match.span() for pattern in used for match in pattern.finditer(passage)):
        if end - start > _LONGEST_QUOTATION:
            continue
        follows = passage[end : end + 60].lstrip(" ,–—-\u00a0")
        introduced = _before(passage, start).endswith((":", ","))
        attributed = follows[:1].islower() or introduced or _first_word(follows) in words.said_after
        if attributed:
            found.append(Span(start, end))
    return found


def _first_word(passage: str) -> str:
    return passage.split(maxsplit=1)[0].casefold().strip(".,:;") if passage.strip() else ""


def _pieces(passage: str, start: int, end: int) -> list[Span]:
    """Return the stretch without blanks at its ends, cut where it is longer than any sentence may be."""
    pieces: list[Span] = []
    while start < end:
        while start < end and passage[start].isspace():
            start += 1
        stop = end
        if stop - start > LONGEST_SENTENCE:
            blank = passage.rfind(" ", start + LONGEST_SENTENCE // 2, start + LONGEST_SENTENCE)
            stop = blank if blank > start else start + LONGEST_SENTENCE
        trimmed = stop
        while trimmed > start and passage[trimmed - 1].isspace():
            trimmed -= 1
        if trimmed > start:
            pieces.append(Span(start, trimmed))
        start = stop
    return pieces
