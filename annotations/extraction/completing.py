"""Put back what trafilatura left out of an article where its place is known, and notice what is missing.

If a page marks its article in no way that trafilatura knows, it collects loose paragraphs and drops
the headings, lists, tables, quotes and captions between them. What is between two paragraphs of the article,
and not in a menu or a footer, belongs to it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from annotations.extraction.blocks import Block, proper

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_LISTS = frozenset({"ul", "ol", "dl"})
_ITEMS = frozenset({"li", "dt", "dd"})
# Elements put back whole if they are beside a paragraph of the article, and what they may be part of.
_WHOLES = {
    **dict.fromkeys(_ITEMS, _LISTS | _ITEMS),
    **dict.fromkeys(
        ("tr", "caption", "td", "th"), frozenset({"table", "tbody", "thead", "tfoot", "tr", "figure"})
    ),
    "blockquote": frozenset({"blockquote", "figure"}),
    "figcaption": frozenset({"figure"}),
    "pre": frozenset({"figure"}),
}
_PASSED_OVER = frozenset({"figure", "address"})
_PARAGRAPHS = frozenset({"p", "div"})
_CELLS = frozenset({"tr", "td", "th"})
_QUOTING = frozenset({"blockquote", "figcaption"})
_NOT_ARTICLE = re.compile(
    r"comment|related|recommend|promo|newsletter|subscri|share|social|teaser|sidebar|widget|cookie|consent|outbrain"
    r"|taboola|most-?read|trending|breadcrumb|pagination|paywall|signup|kudos|toolbar|ranking"
    r"|(?:^|[\s_-])(?:tags?|meta|menu|nav|navigation|tools|byline|more)(?:$|[\s_-])",
    re.IGNORECASE,
)
# Not the number of a comment, nor a letter in place of a picture.
_HEADS_SOMETHING = re.compile(r"(?!#\d)(?:.*\w){2}", re.DOTALL)
_NOT_LETTERS = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_MOSTLY = 0.5
_LONG = 80
_BESIDE_PARAGRAPHS = 3
_MOST_OF_ARTICLE = 0.8
_FEW = 3
_MISSING_NUMBERS = 0.2
_MISSING_TEXT = 0.25


def completed(article: Sequence[str], page: Sequence[Block]) -> list[str]:
    """Return the paragraphs of `article`, with what belongs between them from `page`.

    A heading belongs if it is right before a paragraph of the article; a list, table, quote, caption or long
    paragraph belongs if it is beside some and is not mostly links. What the article already has is not
    repeated. Paragraphs that occur twice do not mark a place. A page that was run together into one
    paragraph is split into its paragraphs again.
    """
    own = proper(page)
    if len(article) == 1 < len(own) and _squeezed(own) in _squeezed(article):
        return own
    places = _places(article, page)
    beside = Counter(block.element.getparent() for block in page if _key(block.text) in places)
    has, links = _KnownText(article), _Links()
    added: dict[int, list[str]] = {}
    waiting: list[str] = []
    last = -1
    for block in page:
        place = places.get(_key(block.text), -1)
        if place > last:
            present = {_key(text) for text in article[last + 1 : place]}
            added.setdefault(place, []).extend(text for text in waiting if _key(text) not in present)
            waiting, last = [], place
        elif block.element.tag in _HEADINGS and not block.aside and _HEADS_SOMETHING.match(block.text):
            # A linked heading is the title of another article, unless it is the title of this one.
            if block.element.tag == "h1" or not links.fill(block.element):
                waiting = [*waiting[-1:], block.text]
        elif not block.aside and _belongs(block, beside, links) and not has(block.text):
            added.setdefault(last + 1, []).extend([*waiting, block.text])
            waiting = []
        elif (
            block.element.tag not in _PASSED_OVER
            and next(block.element.iterancestors(*_PASSED_OVER), None) is None
        ):
            waiting = []
    whole = [text for place, own in enumerate(article) for text in (*added.get(place, []), own)]
    return [*whole, *added.get(len(article), [])]


def left_out(text: str, article: Sequence[str], page: Sequence[Block]) -> bool:
    """Whether `text` lacks many of the numbers or long paragraphs of the article.

    The article is taken to be everything from its first to its last paragraph in the smallest part of the
    page that holds most of it.
    """
    places = _places(article, page)
    standing = [number for number, block in enumerate(page) if _key(block.text) in places]
    if len(standing) < _FEW:
        return False
    body = _body([page[number] for number in standing])
    links = _Links()
    inner = [
        block
        for block in page[standing[0] : standing[-1] + 1]
        if not block.aside and _in_article(block.element, body) and not links.fill(block.element)
    ]
    telling = [block.text for block in inner if block.element.tag in _CELLS or len(block.text) >= _LONG // 2]
    numbers = {number for one in telling for number in _NUMBER.findall(one)}
    missing = numbers - set(_NUMBER.findall(text))
    if len(missing) >= _FEW and len(missing) > _MISSING_NUMBERS * len(numbers):
        return True
    has = _KnownText([text])
    long = [one for one in telling if len(one) >= _LONG]
    lost = [one for one in long if not has(one)]
    return len(lost) > 1 and sum(map(len, lost)) > _MISSING_TEXT * sum(map(len, long))


class _KnownText:
    """Tells whether a text is there already."""

    def __init__(self, texts: Iterable[str]) -> None:
        texts = list(texts)
        self._known = set(map(_bare, texts))
        self._all = "\n".join(map(_bare, texts))

    def __call__(self, text: str) -> bool:
        bare = _bare(text)
        return not bare or bare in self._known or bare in self._all


def _bare(text: str) -> str:
    """Return letters and digits only: extractors change blanks, dashes and the bars between cells."""
    return _NOT_LETTERS.sub("", text)


def _squeezed(texts: Iterable[str]) -> str:
    return _bare("".join(texts))


def _places(article: Sequence[str], page: Sequence[Block]) -> dict[str, int]:
    here, there = Counter(map(_key, article)), Counter(_key(block.text) for block in page)
    return {
        _key(text): place
        for place, text in enumerate(article)
        if here[_key(text)] == 1 and there[_key(text)] == 1
    }


def _key(text: str) -> str:
    return _bare(text) or text


def _belongs(block: Block, beside: Counter[Any], links: "_Links") -> bool:
    element = block.element
    parent = element.getparent()
    if element.tag == "p" and parent is not None and parent.tag in _QUOTING:
        element = parent
    if element.tag in _PARAGRAPHS:
        near = beside[parent] >= _BESIDE_PARAGRAPHS and len(block.text) >= _LONG
        return near and not _named_otherwise(element) and not links.fill(element)
    reach = _WHOLES.get(element.tag)
    if reach is None or (element.tag == "figcaption" and not _says_something(block.text)):
        return False
    outermost = element
    while (parent := outermost.getparent()) is not None and parent.tag in reach:
        outermost = parent
    return outermost.getparent() in beside and not _named_otherwise(outermost) and not links.fill(outermost)


def _hidden(element: Any) -> bool:
    style = (element.get("style") or "").replace(" ", "")
    return element.get("hidden") is not None or "display:none" in style


def _says_something(text: str) -> bool:
    """Whether a caption says more than whose picture it is."""
    return len(text) >= _LONG // 2 or bool(_NUMBER.search(text))


def _named_otherwise(element: Any) -> bool:
    return bool(_NOT_ARTICLE.search(f"{element.get('class') or ''} {element.get('id') or ''}"))


class _Links:
    """Tells which elements are mostly links; computes it once for each, however many paragraphs ask."""

    def __init__(self) -> None:
        self._weighed: dict[Any, bool] = {}

    def fill(self, element: Any) -> bool:
        if element not in self._weighed:
            # A link within the page is an anchor or a footnote.
            leaving = [link for link in element.iter("a") if not link.get("href", "#").startswith("#")]
            linked = sum(len(_bare("".join(link.itertext()))) for link in leaving)
            self._weighed[element] = linked > 0 and linked >= _MOSTLY * len(
                _bare("".join(element.itertext()))
            )
        return self._weighed[element]


def _body(standing: Sequence[Block]) -> Any:
    """Return the smallest element that holds most of these paragraphs."""
    weights: Counter[Any] = Counter()
    for block in standing:
        for element in (block.element, *block.element.iterancestors()):
            weights[element] += len(block.text)
    whole = sum(len(block.text) for block in standing)
    holding = [element for element, weight in weights.items() if weight >= _MOST_OF_ARTICLE * whole]
    # Inner elements were counted before outer ones, so the first with the least weight is the smallest.
    return min(holding, key=weights.__getitem__)


def _in_article(element: Any, body: Any) -> bool:
    for up in (element, *element.iterancestors()):
        if up is body:
            return True
        if up.tag == "form" or _named_otherwise(up) or _hidden(up):
            return False
    return False
