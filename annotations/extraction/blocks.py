"""A page as a list of paragraphs, and which of them are around the article rather than in it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import lxml.etree

_BLANKS = re.compile(r"[ \t\r\n\f\v]+")
_BLOCKS = frozenset(
    {
        "p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "blockquote", "pre", "tr", "dt", "dd", "figcaption",
        "div", "section", "article", "header", "footer", "main", "aside", "nav", "ul", "ol", "dl", "table",
        "tbody", "thead", "figure", "address", "body", "html", "form", "fieldset", "caption", "summary",
        # what trafilatura calls the same elements
        "head", "item", "list", "quote", "row",
    }
)  # fmt: skip
_AROUND = frozenset({"nav", "aside", "footer"})
_INSIDE = frozenset({"article", "main"})
_NAVIGATING = frozenset({"navigation", "complementary", "contentinfo", "banner", "search"})


@dataclass(frozen=True)
class Block:
    """One paragraph and the innermost element that opens or closes it.

    `aside` says that it is in a menu, a footer, a sidebar or the banner of the site (not of an article).
    """

    text: str
    element: Any
    aside: bool = False


def blocks(root: Any) -> list[Block]:
    """Return the text under `root`, one paragraph for each block element; walks without recursion."""
    found: list[Block] = []
    parts: list[str] = []
    owner, owner_aside = root, False
    # For each open element: whether it is aside, and whether it is inside an article.
    standing = [(False, False)]

    def close(opener: Any) -> None:
        nonlocal owner, owner_aside
        text = _lines("".join(parts))
        if text:
            found.append(Block(text, owner, owner_aside))
        parts.clear()
        owner, owner_aside = opener, standing[-1][0]

    for event, element in lxml.etree.iterwalk(root, events=("start", "end")):
        block = element.tag in _BLOCKS
        if event == "start":
            standing.append(_stands(element, *standing[-1]))
            if block:
                close(element)
            if element.tag in ("br", "lb"):
                parts.append("\x00")
            elif element.tag in ("td", "th", "cell") and any(part.strip() for part in parts):
                parts.append(" | ")
            parts.append(element.text or "")
        else:
            standing.pop()
            if block:
                close(element.getparent())
            if element is not root:
                parts.append(element.tail or "")
    close(root)
    return found


def proper(page: Sequence[Block]) -> list[str]:
    """Return the paragraphs of a page without menus, banners and footers; all if none would be left."""
    return [block.text for block in page if not block.aside] or [block.text for block in page]


def _stands(element: Any, aside: bool, inside: bool) -> tuple[bool, bool]:
    inside = inside or element.tag in _INSIDE
    beside = element.tag in _AROUND or element.get("role") in _NAVIGATING
    return aside or beside or (element.tag == "header" and not inside), inside


def _lines(text: str) -> str:
    lines = (_BLANKS.sub(" ", line).strip() for line in text.split("\x00"))
    return "\n".join(line for line in lines if line)
