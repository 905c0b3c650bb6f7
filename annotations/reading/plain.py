"""Plain text, and the plain words of markup."""

import re
from html import unescape
from typing import Any

from annotations.reading.charsets import decode
from annotations.reading.result import MAX_TEXT_LENGTH, Read
from annotations.reading.versions import reader

READER = reader("charset-normalizer")
_BLANKS = re.compile(r"\s+")
_NAME = re.compile(r"/?[a-zA-Z!?]")
_UNSEEN = re.compile(
    r"(script|style|noscript|template|head|svg|iframe|object|select|textarea)(?=[\s>/])", re.IGNORECASE
)


def read(body: bytes, options: dict[str, Any]) -> Read:
    """The text as it stands; its first line, if short, as the title."""
    decoded = decode(body, options.get("charset_hint", ""))
    text = decoded.text.strip("\ufeff")
    first = text.strip().partition("\n")[0].strip()
    warnings = decoded.warnings + (("text_cut",) if len(text) > MAX_TEXT_LENGTH else ())
    return Read(
        text=text[:MAX_TEXT_LENGTH],
        title=first if 0 < len(first) <= 200 else "",
        media_type="text/plain",
        charset=decoded.charset,
        warnings=warnings,
        provenance={"title": "first line"} if 0 < len(first) <= 200 else {},
        reader=READER,
    )


def stripped(markup: str) -> str:
    """The words of `markup` without its tags, comments and scripts, however broken, in one pass.

    It ends a little beyond the longest text that is kept.
    """
    pieces: list[str] = []
    unclosed: set[str] = set()
    place = length = 0
    while (opening := markup.find("<", place)) >= 0 and length <= 2 * MAX_TEXT_LENGTH:
        length += opening - place
        if opening > place:
            pieces.append(markup[place:opening])
        if markup.startswith("<!--", opening):
            end = markup.find("-->", opening)
            place = end + 3 if end >= 0 else len(markup)
            continue
        if not _NAME.match(markup, opening + 1):
            pieces.append("<")
            place = opening + 1
            continue
        unseen = _UNSEEN.match(markup, opening + 1)
        name = unseen[1].lower() if unseen else ""
        closing = -1
        if name and name not in unclosed:
            found = re.compile(f"</{name}", re.IGNORECASE).search(markup, opening)
            closing = found.start() if found else -1
        if name and closing < 0:
            # Looked for once to the end of the page, never again.
            unclosed.add(name)
        end = markup.find(">", closing if closing >= 0 else opening)
        place = end + 1 if end >= 0 else len(markup)
        pieces.append(" ")
    pieces.append(markup[place : place + 2 * MAX_TEXT_LENGTH])
    return _BLANKS.sub(" ", unescape("".join(pieces))).strip()
