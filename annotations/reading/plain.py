"""Plain text."""

from typing import Any

from annotations.reading.charsets import decode
from annotations.reading.result import MAX_TEXT_LENGTH, Read


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
    )
