"""Plain text, and the words of markup without its tags."""

import io
import re
from html import unescape
from typing import Any

from annotations.extraction.charsets import LIBRARIES, decode
from annotations.extraction.result import MAX_TEXT_LENGTH, Extracted
from annotations.extraction.versions import extractor

EXTRACTOR = extractor(*LIBRARIES)
_WORD = re.compile(r"\S+")
_NAME = re.compile(r"/?[a-zA-Z!?]")
_UNSEEN = re.compile(
    r"(script|style|noscript|template|head|svg|iframe|object|select|textarea)(?=[\s>/])", re.IGNORECASE
)


def read(body: bytes, options: dict[str, Any]) -> Extracted:
    """Extract the text as it is; its first line, if short, is the title."""
    decoded = decode(body, options.get("charset_hint", ""))
    text = decoded.text.strip("\ufeff")
    first = text.strip().partition("\n")[0].strip()
    warnings = decoded.warnings + (("text_cut",) if len(text) > MAX_TEXT_LENGTH else ())
    return Extracted(
        text=text[:MAX_TEXT_LENGTH],
        title=first if 0 < len(first) <= 200 else "",
        media_type="text/plain",
        charset=decoded.charset,
        warnings=warnings,
        provenance={"title": "first line"} if 0 < len(first) <= 200 else {},
        extractor=EXTRACTOR,
    )


def stripped(markup: str) -> str:
    """Return the words of `markup` without tags, comments and scripts, in one pass, however broken it is.

    The result ends a little beyond `MAX_TEXT_LENGTH`, and making it takes little more memory than that.
    """
    words = io.StringIO()

    def say(start: int, end: int) -> None:
        for word in _WORD.finditer(unescape(markup[start : min(end, start + 2 * MAX_TEXT_LENGTH)])):
            words.write(word[0])
            words.write(" ")

    unclosed: set[str] = set()
    place = following = 0
    while (opening := markup.find("<", following)) >= 0 and words.tell() <= MAX_TEXT_LENGTH:
        is_comment = markup.startswith("<!--", opening)
        if not is_comment and not _NAME.match(markup, opening + 1):
            # Not a tag, only the character.
            following = opening + 1
            continue
        say(place, opening)
        if is_comment:
            end = markup.find("-->", opening)
            place = following = end + 3 if end >= 0 else len(markup)
            continue
        unseen = _UNSEEN.match(markup, opening + 1)
        name = unseen[1].lower() if unseen else ""
        closing = -1
        if name and name not in unclosed:
            found = re.compile(f"</{name}", re.IGNORECASE).search(markup, opening)
            closing = found.start() if found else -1
        if name and closing < 0:
            # The end of this tag is searched for once, never again.
            unclosed.add(name)
        end = markup.find(">", closing if closing >= 0 else opening)
        place = following = end + 1 if end >= 0 else len(markup)
    if words.tell() <= MAX_TEXT_LENGTH:
        say(place, len(markup))
    return words.getvalue().rstrip()
