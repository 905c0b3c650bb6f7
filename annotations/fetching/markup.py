"""Just enough of a look at a page to see whether it is one: tags and text in one pass, no tree.

Reading a page properly happens elsewhere, in a process that may be killed. This runs in the one that
fetches, on bytes nobody has checked, so every step is linear in their number.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

LOOKED_AT = 512 * 1024

_TAG = re.compile(r"<(?:(!--)|(/?)([A-Za-z][A-Za-z0-9]*)([^<>]*)>)")
_ATTRIBUTE = re.compile(r"([^\s=\"'/]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"']+)))?")
# Elements whose content is no markup, or not what a visitor sees.
_OPAQUE = frozenset({"script", "style", "noscript", "template", "textarea", "iframe", "svg", "title"})


@dataclass(frozen=True)
class Tag:
    """One tag; `content` is what stands inside when that is not markup, as in a script."""

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
    """The tags and the text between them, in order; comments are left out."""
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
    """The opening tags of the page that a visitor gets."""
    return (piece for piece in pieces(body) if isinstance(piece, Tag) and not piece.closing)


def _end_of(text: str, name: str, place: int) -> int:
    found = re.compile(f"</{name}", re.IGNORECASE).search(text, place)
    return found.start() if found else len(text)
