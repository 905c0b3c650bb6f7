"""The tags and the text of a page in one pass, without a tree: enough to see whether it is the page.

The text of a page is extracted elsewhere, in a process that may be killed. This code runs in the process
that fetches, on bytes that nobody has checked. So every step takes time linear in their number.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

LOOKED_AT = 512 * 1024

_TAG = re.compile(r"<(?:(!--)|(/?)([A-Za-z][A-Za-z0-9]*)([^<>]*)>)")
_ATTRIBUTE = re.compile(r"([^\s=\"'/]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"']+)))?")
# Elements whose content is not markup, or is not shown to a visitor.
_OPAQUE = frozenset({"script", "style", "noscript", "template", "textarea", "iframe", "svg", "title"})


@dataclass(frozen=True)
class Tag:
    """One tag. `content` is the text inside an element whose content is not markup, such as a script."""

    name: str
    closing: bool
    written: str
    content: str = ""

    def attribute(self, name: str) -> str:
        """The value of the attribute, or an empty string."""
        for key, double, single, bare in _ATTRIBUTE.findall(self.written):
            if key.lower() == name:
                return html.unescape(double or single or bare)
        return ""


def pieces(body: bytes) -> Iterator[Tag | str]:
    """The tags and the text between them, in order and without comments.

    Looks at the first `LOOKED_AT` bytes only.
    """
    text = body[:LOOKED_AT].decode("utf-8", "replace")
    place = 0
    while (match := _TAG.search(text, place)) is not None:
        if match.start() > place:
            yield text[place : match.start()]
        comment, closing, name, written = match.groups()
        place = match.end()
        if comment:
            end = text.find("-->", place)
            place = len(text) if end < 0 else end + 3
            continue
        name = name.lower()
        content = ""
        if not closing and name in _OPAQUE:
            end = _end_of(text, name, place)
            content, place = text[place:end], end
        yield Tag(name, bool(closing), written, content)
    if place < len(text):
        yield text[place:]


def live_tags(body: bytes) -> Iterator[Tag]:
    """The opening tags that count for a visitor: none from comments, scripts or templates."""
    return (piece for piece in pieces(body) if isinstance(piece, Tag) and not piece.closing)


def _end_of(text: str, name: str, place: int) -> int:
    found = re.compile(f"</{name}", re.IGNORECASE).search(text, place)
    return found.start() if found else len(text)
