"""Web pages: the main text, and title, author, date and the rest by a vote of all places that name them."""

from typing import Any, NamedTuple

import lxml.etree
import lxml.html
import trafilatura
from lxml.html import HtmlElement

from annotations.extraction.blocks import blocks, proper
from annotations.extraction.candidates import Found, candidates
from annotations.extraction.charsets import LIBRARIES, decode
from annotations.extraction.completing import completed, left_out
from annotations.extraction.metadata import vote
from annotations.extraction.plain import stripped
from annotations.extraction.result import MAX_TEXT_LENGTH, Extracted
from annotations.extraction.versions import extractor

# Wheels of one lxml version may differ in the parser that they bundle.
EXTRACTOR = (
    extractor("trafilatura", "htmldate", "lxml", *LIBRARIES)
    + " libxml2/"
    + ".".join(map(str, lxml.etree.LIBXML_VERSION))
)
# The latest date a page may have. A limit relative to today would give another result tomorrow.
LATEST = "2099-12-31"
MAX_MARKUP = 20 * 1024 * 1024
# Beyond these, trafilatura's fallbacks cost more than a page is worth; some take quadratic time.
_MANY_ELEMENTS = 12_000
_FAR_TOO_MANY_ELEMENTS = 30_000
_SHALLOW = 200
_DEEP_TEXT_LOSS = 50
_ENOUGH_TEXT = 200
_KEPT_SHARE = 0.5
_UNSEEN = ("script", "style", "noscript", "template", "head", "svg", "iframe", "object", "select", "textarea")


def read(body: bytes, options: dict[str, Any]) -> Extracted:
    """Extract the article of a page as text, and what the page says about itself."""
    decoded = decode(body[:MAX_MARKUP], options.get("charset_hint", ""), markup=True)
    warnings = [*decoded.warnings, *(["text_cut"] if len(body) > MAX_MARKUP else [])]
    tree, size = _parse(decoded.text)
    dropped = size.depth > _SHALLOW and _shallower_loses(decoded.text, tree)
    url = options.get("url") or ""
    found = candidates(tree, url)
    simple = size.depth > _SHALLOW or size.elements > _MANY_ELEMENTS
    document = trafilatura.bare_extraction(
        _copy(tree),
        url=url or None,
        fast=simple,
        include_comments=False,
        include_tables=True,
        with_metadata=size.depth <= _SHALLOW and size.elements <= _FAR_TOO_MANY_ELEMENTS,
        date_extraction_params={"original_date": True, "extensive_search": True, "max_date": LATEST},
    )
    page = blocks(_seen(tree))
    article = _article(document)
    text = "\n\n".join(completed(article, page))
    fuller = "\n\n".join(proper(page))
    if len(text) < _ENOUGH_TEXT and len(fuller) > 2 * len(text):
        text, extra = fuller, ["whole_page"] if len(fuller) > 10 * _ENOUGH_TEXT else []
        warnings.extend(extra)
    elif left_out(text, article, page):
        warnings.append("text_left_out")
    if size.depth > _SHALLOW:
        # Even the huge-tree parser drops what is nested deeper still: then plain words are better than none.
        words = stripped(decoded.text)
        if sum(len(block.text) for block in page) < _KEPT_SHARE * len(words) - _DEEP_TEXT_LOSS:
            text, dropped = words if len(text) < len(words) / 2 else text, True
    if dropped:
        warnings.append("text_dropped")
    return _result(text, document, found, warnings, decoded.charset)


def read_plainly(body: bytes, options: dict[str, Any]) -> Extracted:
    """Extract all words of a page in their order, in time and memory linear in its size."""
    decoded = decode(body[:MAX_MARKUP], options.get("charset_hint", ""), markup=True)
    text = stripped(decoded.text)
    warnings = [*decoded.warnings, "whole_page", *([] if text else ["no_text"])]
    if len(text) > MAX_TEXT_LENGTH or len(body) > MAX_MARKUP:
        warnings.append("text_cut")
    return Extracted(
        text=text[:MAX_TEXT_LENGTH],
        media_type="text/html",
        charset=decoded.charset,
        warnings=tuple(warnings),
        extractor=EXTRACTOR,
    )


def _result(text: str, document: Any, found: Found, warnings: list[str], charset: str) -> Extracted:
    elected = vote(found, document)
    if found.paywalled:
        warnings.append("paywall")
    if not text.strip():
        warnings.append("no_text")
    if len(text) > MAX_TEXT_LENGTH:
        warnings.append("text_cut")
    return Extracted(
        text=text[:MAX_TEXT_LENGTH],
        media_type="text/html",
        charset=charset,
        warnings=tuple(dict.fromkeys(warnings)),
        provenance=elected.provenance,
        confidence=elected.confidence,
        extractor=EXTRACTOR,
        **elected.fields,
    )


class _Size(NamedTuple):
    elements: int
    depth: int


def _parse(markup: str) -> tuple[HtmlElement, _Size]:
    tree = _tree(markup, huge=True)
    elements = depth = deepest = 0
    for event, _ in lxml.etree.iterwalk(tree, events=("start", "end")):
        if event == "start":
            elements += 1
            depth += 1
            deepest = max(deepest, depth)
        else:
            depth -= 1
    return tree, _Size(elements, deepest)


def _shallower_loses(markup: str, tree: HtmlElement) -> bool:
    """Whether an ordinary parser loses text that the huge-tree parser of `tree` keeps.

    libxml2 drops whatever is nested deeper than 256 elements and says nothing.
    """
    return len(_characters(tree)) - len(_characters(_tree(markup, huge=False))) > _DEEP_TEXT_LOSS


def _tree(markup: str, *, huge: bool) -> HtmlElement:
    raw = markup.encode("utf-8", "replace")
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=huge, remove_comments=True, remove_pis=True)
    try:
        tree = lxml.html.document_fromstring(raw or b"<html></html>", parser=parser)
    except lxml.etree.ParserError:
        tree = lxml.html.document_fromstring(b"<html><body></body></html>", parser=parser)
    return tree


def _characters(tree: HtmlElement) -> str:
    return "".join(tree.itertext())


def _copy(tree: HtmlElement) -> HtmlElement:
    # trafilatura prunes the tree it is given, and lxml's deepcopy recurses in C on deep pages.
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
    return lxml.html.document_fromstring(lxml.html.tostring(tree, encoding="utf-8"), parser=parser)


def _seen(tree: HtmlElement) -> HtmlElement:
    body = tree.find(".//body")
    seen = tree if body is None else body
    lxml.etree.strip_elements(seen, *_UNSEEN, with_tail=False)
    return seen


def _article(document: Any) -> list[str]:
    body = getattr(document, "body", None)
    return [] if body is None else [block.text for block in blocks(body)]
