"""A page as a row of paragraphs, and the headings and list items that extraction left out of an article.

Where a page marks its article in no way the extractor knows, it gathers loose paragraphs and drops every
heading and list between them. Their place is known: what stands right before a paragraph of the article, and
not in a menu or a footer, belongs to it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import lxml.etree

_BLANKS = re.compile(r"[ \t\r\n\f\v]+")
_BLOCKS = frozenset(
    {
        "p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "blockquote", "pre", "tr", "dt", "dd", "figcaption",
        "div", "section", "article", "header", "footer", "main", "aside", "nav", "ul", "ol", "dl", "table",
        "tbody", "thead", "figure", "address", "body", "html", "form", "fieldset", "caption", "summary",
        # the names trafilatura gives to the same things
        "head", "item", "list", "quote", "row",
    }
)  # fmt: skip
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_LISTS = frozenset({"ul", "ol", "dl"})
_ITEMS = frozenset({"li", "dt", "dd"})
_AROUND = frozenset({"nav", "aside", "footer"})
_INSIDE = frozenset({"article", "main"})
_PASSED_OVER = frozenset({"figure", "address"})
_NAVIGATING = frozenset({"navigation", "complementary", "contentinfo", "banner", "search"})
_MOSTLY = 0.5


@dataclass(frozen=True)
class Block:
    """One paragraph and the innermost element that opens or closes it."""

    text: str
    element: Any


def blocks(root: Any) -> list[Block]:
    """The text under `root`, one paragraph for each block element, walked without recursion."""
    found: list[Block] = []
    parts: list[str] = []
    owner = root

    def close(opener: Any) -> None:
        nonlocal owner
        text = _lines("".join(parts))
        if text:
            found.append(Block(text, owner))
        parts.clear()
        owner = opener

    for event, element in lxml.etree.iterwalk(root, events=("start", "end")):
        block = element.tag in _BLOCKS
        if event == "start":
            if block:
                close(element)
            if element.tag in ("br", "lb"):
                parts.append("\x00")
            elif element.tag in ("td", "th", "cell") and any(part.strip() for part in parts):
                parts.append(" | ")
            parts.append(element.text or "")
        else:
            if block:
                close(element.getparent())
            if element is not root:
                parts.append(element.tail or "")
    close(root)
    return found


def completed(article: Sequence[str], page: Sequence[Block]) -> list[str]:
    """The paragraphs of `article`, and between them the headings and list items of `page` that belong there.

    A heading belongs if it stands right before a paragraph of the article; an item if its list stands beside
    one and is not mostly links. What the article already has is not repeated; paragraphs that occur twice
    mark no place. A page that was run together into one paragraph becomes its paragraphs again.
    """
    own = proper(page)
    if len(article) == 1 < len(own) and _squeezed(own) in _squeezed(article):
        return own
    places = _places(article, page)
    beside = {block.element.getparent() for block in page if _key(block.text) in places}
    known = Counter(map(_key, article))
    added: dict[int, list[str]] = {}
    waiting: list[str] = []
    last = -1
    for block in page:
        place = places.get(_key(block.text), -1)
        if place > last:
            present = {_key(text) for text in article[last + 1 : place]}
            added.setdefault(place, []).extend(text for text in waiting if _key(text) not in present)
            waiting, last = [], place
        elif block.element.tag in _HEADINGS and not _aside(block.element):
            waiting.append(block.text)
        elif not known[_key(block.text)] and _list_beside(block.element, beside):
            added.setdefault(last + 1, []).extend([*waiting, block.text])
            waiting = []
        elif not _within(block.element, _PASSED_OVER):
            waiting = []
    whole = [text for place, own in enumerate(article) for text in (*added.get(place, []), own)]
    return [*whole, *added.get(len(article), [])]


def proper(page: Sequence[Block]) -> list[str]:
    """The paragraphs of a page less its menus, banners and footers; all of them if nothing else is there."""
    return [block.text for block in page if not _aside(block.element)] or [block.text for block in page]


def _squeezed(texts: Iterable[str]) -> str:
    return _BLANKS.sub("", "".join(texts))


def _places(article: Sequence[str], page: Sequence[Block]) -> dict[str, int]:
    here, there = Counter(map(_key, article)), Counter(_key(block.text) for block in page)
    return {
        _key(text): place
        for place, text in enumerate(article)
        if here[_key(text)] == 1 and there[_key(text)] == 1
    }


def _key(text: str) -> str:
    return _BLANKS.sub(" ", text)


def _within(element: Any, tags: frozenset[str]) -> bool:
    return element.tag in tags or next(element.iterancestors(*tags), None) is not None


def _aside(element: Any) -> bool:
    """Whether it stands in a menu, a footer, a column beside or the banner of a site (not of an article)."""
    if _within(element, _AROUND) or any(up.get("role") in _NAVIGATING for up in element.iterancestors()):
        return True
    return _within(element, frozenset({"header"})) and not _within(element, _INSIDE)


def _list_beside(element: Any, beside: set[Any]) -> bool:
    if element.tag not in _ITEMS or _aside(element):
        return False
    outermost = element
    while (parent := outermost.getparent()) is not None and parent.tag in _LISTS | _ITEMS:
        outermost = parent
    if outermost.getparent() not in beside:
        return False
    linked = sum(len("".join(link.itertext()).strip()) for link in outermost.iter("a"))
    return linked < _MOSTLY * len("".join(outermost.itertext()).strip())


def _lines(text: str) -> str:
    lines = (_BLANKS.sub(" ", line).strip() for line in text.split("\x00"))
    return "\n".join(line for line in lines if line)
