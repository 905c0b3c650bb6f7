"""Web pages: main text, and title, author, date and the rest by a vote of all who claim to know."""

import re
from typing import Any

import lxml.etree
import lxml.html
import trafilatura
from lxml.html import HtmlElement

from annotations.reading.blocks import blocks, completed, proper
from annotations.reading.charsets import decode
from annotations.reading.metadata import Found, embedded, vote
from annotations.reading.result import MAX_TEXT_LENGTH, Read

MAX_MARKUP = 20 * 1024 * 1024
_DEEP_TEXT_LOSS = 50
_ENOUGH_TEXT = 200
_KEPT_SHARE = 0.5
_TAGS = re.compile(
    r"<(script|style|noscript|template|head|svg|iframe|object|select|textarea)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>",
    re.IGNORECASE | re.DOTALL,
)
_BLANKS = re.compile(r"[ \t\r\n\f\v]+")
_UNSEEN = ("script", "style", "noscript", "template", "head", "svg", "iframe", "object", "select", "textarea")


def read(body: bytes, options: dict[str, Any]) -> Read:
    """The article of a page as text, with what the page says about itself."""
    decoded = decode(body[:MAX_MARKUP], options.get("charset_hint", ""), markup=True)
    warnings = [*decoded.warnings, *(["text_cut"] if len(body) > MAX_MARKUP else [])]
    tree, dropped = _parse(decoded.text)
    url = options.get("url") or None
    found = embedded(decoded.text, tree, url)
    document = trafilatura.bare_extraction(
        _copy(tree), url=url, fast=False, include_comments=False, include_tables=True, with_metadata=True
    )
    page = blocks(_seen(tree))
    text = "\n\n".join(completed(_article(document), page))
    whole, fuller = "\n\n".join(block.text for block in page), "\n\n".join(proper(page))
    if len(text) < _ENOUGH_TEXT and len(fuller) > 2 * len(text):
        text, extra = fuller, ["whole_page"] if len(fuller) > 10 * _ENOUGH_TEXT else []
        warnings.extend(extra)
    stripped = _BLANKS.sub(" ", _TAGS.sub(" ", decoded.text)).strip()
    # Nested deeper still, even the patient parser keeps nothing: then plain words are better than none.
    if len(whole) < _KEPT_SHARE * len(stripped) - _DEEP_TEXT_LOSS:
        text, dropped = stripped if len(text) < len(stripped) / 2 else text, True
    if dropped:
        warnings.append("text_dropped")
    return _result(text, document, found, warnings, decoded.charset)


def _result(text: str, document: Any, found: Found, warnings: list[str], charset: str) -> Read:
    fields, provenance = vote(found, document)
    if found.paywalled:
        warnings.append("paywall")
    if not text.strip():
        warnings.append("no_text")
    if len(text) > MAX_TEXT_LENGTH:
        warnings.append("text_cut")
    return Read(
        text=text[:MAX_TEXT_LENGTH],
        media_type="text/html",
        charset=charset,
        warnings=tuple(dict.fromkeys(warnings)),
        provenance=provenance,
        **fields,
    )


def _parse(markup: str) -> tuple[HtmlElement, bool]:
    """The tree, and whether the ordinary parser would have lost text of it.

    libxml2 drops whatever is nested deeper than 256 elements and says nothing; the patient
    parser goes further, and comparing both shows what either lost.
    """
    raw = markup.encode("utf-8", "replace")
    plain = _tree(raw, huge=False)
    patient = _tree(raw, huge=True)
    lost = len(_characters(patient)) - len(_characters(plain)) > _DEEP_TEXT_LOSS
    return (patient if lost else plain), lost


def _tree(raw: bytes, *, huge: bool) -> HtmlElement:
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=huge, remove_comments=True, remove_pis=True)
    try:
        tree = lxml.html.document_fromstring(raw or b"<html></html>", parser=parser)
    except lxml.etree.ParserError:
        tree = lxml.html.document_fromstring(b"<html><body></body></html>", parser=parser)
    return tree


def _characters(tree: HtmlElement) -> str:
    return "".join(tree.itertext())


def _copy(tree: HtmlElement) -> HtmlElement:
    # Extraction prunes the tree it is given, and the deep copy of lxml recurses in C on deep pages.
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
