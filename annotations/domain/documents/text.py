"""The text of an article in one normal form, so that a character's place means the same for ever.

All code that anchors, hashes or searches text works on the result of `clean_text` and counts in Unicode code
points.
"""

import hashlib
import re
import unicodedata
from typing import NamedTuple

from annotations.domain.errors import Invalid

MAX_TEXT_BYTES = 2_000_000
"""The largest article text, in bytes of UTF-8 after normalising."""


class Span(NamedTuple):
    """A half-open range `[start, end)` of Unicode code points."""

    start: int
    end: int


class TextEmpty(Invalid):
    """There are no words in the text."""

    code = "text_empty"


class TextTooLarge(Invalid):
    """The text is longer than `MAX_TEXT_BYTES`."""

    code = "text_too_large"

    def __init__(self) -> None:
        super().__init__("The text is larger than 2 MB. Split it, and load the parts that are to be checked.")


class TextBinary(Invalid):
    """What was given is a file's bytes read as text."""

    code = "text_binary"


# Most texts hold nothing that the patterns below look for, and pass after one search instead of five.
_UNUSUAL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b\u2028\u2029\u202a-\u202e\u2060\ud800-\udfff\ufeff]"
)
_LINE_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028]")

# Soft hyphens, zero-width spaces, word joiners and byte order marks cannot be seen, yet part a word
# from the same word in another source. Embeddings and overrides of direction can make a text show
# other words than it holds. Joiners, marks and isolates stay: Arabic, Indic scripts and emoji need them.
_REMOVED = re.compile("[\x00-\x08\x0e-\x1f\x7f\x80-\x84\x86-\x9f\u00ad\u200b\u2060\ufeff\u202a-\u202e]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_BLANKS = re.compile("[ \t]{2,}|\t")
_BLANK_LINES = re.compile("\n{3,}")
_PARAGRAPH = re.compile(r"[^\n]+(?:\n[^\n]+)*")
_NOT_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffd]")
_FILE_MARKS = ("%PDF-", "PK\x03\x04", "{\\rtf", "\x89PNG", "GIF8", "\xff\xd8\xff")


def normalise_text(raw: str) -> str:
    """Bring text into the one form in which it is stored. A second pass changes nothing.

    The form is Unicode NFC, and every line break is a newline. Exactly one empty line separates paragraphs,
    and single line breaks inside a paragraph stay. Blanks at the ends of lines are removed and runs of blanks
    become one. Non-breaking spaces inside a line stay. Invisible characters that change no letter (soft
    hyphen, zero-width space, byte order mark, control characters, direction overrides) are removed. Joiners
    and direction marks stay. Half of a surrogate pair becomes U+FFFD.
    """
    text = raw
    if _UNUSUAL.search(raw):
        text = _LINE_BREAKS.sub("\n", text).replace("\u2029", "\n\n")
        text = _SURROGATES.sub("\ufffd", text)
        # Removal comes before composition, because a soft hyphen may separate a letter from its accent.
        text = _REMOVED.sub("", text)
    text = unicodedata.normalize("NFC", text)
    if "  " in text or "\t" in text:
        text = _BLANKS.sub(" ", text)
    text = "\n".join(map(str.strip, text.split("\n")))
    return _BLANK_LINES.sub("\n\n", text).strip()


def check_text(text: str) -> None:
    """Refuse a text that cannot be an article.

    Raises TextTooLarge, TextBinary or TextEmpty, each with a sentence that says what to do.
    """
    if len(text) > MAX_TEXT_BYTES or len(text.encode("utf-8", "replace")) > MAX_TEXT_BYTES:
        raise TextTooLarge
    if text.lstrip("\ufeff").startswith(_FILE_MARKS) or 50 * len(_NOT_TEXT.findall(text)) > len(text) > 0:
        raise TextBinary(
            "This is a file's raw content, not readable text. Upload the file itself, or paste the words."
        )
    if not any(character.isalnum() for character in text):
        raise TextEmpty("There are no words in the text. Paste or upload the text of the article.")


def clean_text(raw: str) -> str:
    """Check and normalise a text; raises as `check_text` does."""
    # The byte cap on the raw text prevents a long normalisation of hostile input.
    if len(raw) > 2 * MAX_TEXT_BYTES:
        raise TextTooLarge
    if _NOT_TEXT.search(raw) or raw.startswith(_FILE_MARKS):
        check_text(raw)
    text = normalise_text(raw)
    check_text(text)
    return text


def text_sha256(text: str) -> str:
    """Return the SHA-256 of the UTF-8 bytes, in lower-case hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def paragraphs(text: str) -> list[Span]:
    """Return the spans of the paragraphs of a normalised text, in order, without the lines between them."""
    return [Span(*match.span()) for match in _PARAGRAPH.finditer(text)]


def parts(text: str, size: int) -> list[Span]:
    """Return a long text as spans of about `size` code points, cut between paragraphs; none if it is empty.

    A paragraph longer than two parts is cut at a blank, or between two characters if it has none. Only white
    space lies between two parts.
    """
    found: list[Span] = []
    start = 0
    while len(text) - start > 2 * size:
        end = text.find("\n\n", start + size, start + 2 * size)
        if end < 0:
            end = max(text.rfind(blank, start + size, start + 2 * size) for blank in " \n")
        if end < 0:
            end = start + 2 * size
            while cuts_character(text, end):
                end -= 1
        found.append(Span(start, end))
        start = end
        while start < len(text) and text[start].isspace():
            start += 1
    return [*found, Span(start, len(text))] if start < len(text) else found


def cuts_character(text: str, offset: int) -> bool:
    """Return whether a cut before `text[offset]` would split what people see as one character.

    This covers combining marks, joined and coloured emoji, flags, keycaps and Hangul syllables.
    """
    if not 0 < offset < len(text):
        return False
    before, after = text[offset - 1], text[offset]
    if after < "\u0300":
        return False
    if unicodedata.category(after)[0] == "M":
        return not before.isspace()
    if (
        after in "\u200c\u200d"
        or "\U0001f3fb" <= after <= "\U0001f3ff"
        or "\U000e0020" <= after <= "\U000e007f"
    ):
        return not before.isspace()
    if before == "\u200d" and unicodedata.category(after) == "So":
        return True
    if _is_flag_half(after):
        halves = 0
        while halves < offset and _is_flag_half(text[offset - 1 - halves]):
            halves += 1
        return halves % 2 == 1
    return "\u1160" <= after <= "\u11ff" and "\u1100" <= before <= "\u11ff"


def whole_characters(text: str, span: Span) -> Span:
    """Return the span widened until neither end splits a character as people see it."""
    start, end = span
    while cuts_character(text, start):
        start -= 1
    while cuts_character(text, end):
        end += 1
    return Span(start, end)


def words_before(text: str, place: int, length: int) -> str:
    """Return up to `length` code points before `text[place]`, from a whole word on.

    A cut is marked with “…”. If no blank separates words, the first character is whole.
    """
    start = max(0, place - length)
    if not start:
        return text[:place]
    while start < place and cuts_character(text, start):
        start += 1
    cut = text[start:place]
    return "…" + cut[max(0, cut.find(" ")) :]


def words_after(text: str, place: int, length: int) -> str:
    """Return up to `length` code points from `text[place]`, up to a whole word.

    A cut is marked with “…”. If no blank separates words, the last character is whole.
    """
    end = place + length
    if end >= len(text):
        return text[place:]
    while end > place and cuts_character(text, end):
        end -= 1
    cut = text[place:end]
    return (cut[: cut.rfind(" ") + 1] or cut) + "…"


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
