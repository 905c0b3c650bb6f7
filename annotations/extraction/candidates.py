"""Everything a page says about itself, and where it says it; `metadata` chooses between the values."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from annotations.extraction.days import day_in_address, day_of
from annotations.extraction.names import plain

_MAX_NODES = 300
_MAX_VALUE = 1500
_MAX_CANDIDATES = 40
_MAX_SCRIPT = 2_000_000
_ARTICLE = re.compile(r"article|posting|report|review|analysis|statement|webpage|creativework", re.IGNORECASE)
_STRONG = re.compile(r"(?:article|posting|report|claimreview|review|analysis)$", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x1f]+")
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_WRAPPING = re.compile(
    r"^\s*(?:<!--|/?\*?\s*<!\[CDATA\[\s*\*?/?|//<!\[CDATA\[)|(?:-->|(?://|/\*)?\s*\]\]>\s*(?:\*/)?)\s*;?\s*$"
)
_BYLINE = re.compile(
    r"(?:^|[\s_-])(?:byline|author|authors|autor|auteur|auteurs|autore)(?:$|[\s_-])", re.IGNORECASE
)
_NO_BYLINE = re.compile(r"comment|avatar|image|photo|bio|social|related|date|time", re.IGNORECASE)
_MAX_BYLINE = 150
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?=$|[-_])")

_AUTHOR_NAMES = {
    name: f"meta {name}"
    for name in (
        "author", "authors", "byl", "article:author", "article:author_name", "article.author",
        "parsely-author", "sailthru.author", "dc.creator", "dc.creator.aut", "dcterms.creator",
        "citation_author", "cxenseparse:author", "rbauthors",
        "dcsext.author", "shareaholic:article_author_name",
    )
}  # fmt: skip
_DATE_NAMES = (
    "article:published_time", "article:published", "article.published", "og:published_time",
    "og:article:published_time", "published_time", "datepublished", "date", "pubdate", "publishdate",
    "publish-date", "publish_date", "published", "publication_date", "originalpublicationdate",
    "date.published", "dc.date", "dc.date.issued", "dcterms.issued",
    "dcterms.date", "dcterms.created", "dc.date.created", "citation_publication_date", "citation_date",
    "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime", "rnews:datepublished", "bt:pubdate",
    "article_date_original", "displaydate", "ptime", "pdate", "iso-8601-publish-date", "creation_date",
)  # fmt: skip
_TITLE_NAMES = {
    "og:title": "opengraph",
    "twitter:title": "twitter",
    "parsely-title": "meta parsely-title",
    "sailthru.title": "meta sailthru.title",
    "dc.title": "meta dc.title",
    "citation_title": "meta citation_title",
    "hdl": "meta hdl",
}
_SITE_NAMES = {
    "og:site_name": "opengraph",
    "application-name": "meta application-name",
    "apple-mobile-web-app-title": "meta apple-mobile-web-app-title",
    "cre": "meta cre",
}
_EXCERPT_NAMES = {
    "og:description": "opengraph",
    "description": "meta description",
    "twitter:description": "twitter",
    "dc.description": "meta dc.description",
}


class Candidate(NamedTuple):
    """One value and the place that gave it."""

    place: str
    value: str


class Day(NamedTuple):
    """One day and the place that gave it; `local` says that it was written with a time zone offset."""

    place: str
    value: date
    local: bool = False


@dataclass
class Found:
    """Candidates by field, in the order they were found. Authors are lists of raw names."""

    titles: list[Candidate] = field(default_factory=list)
    authors: list[tuple[str, list[str]]] = field(default_factory=list)
    dates: list[Day] = field(default_factory=list)
    sites: list[Candidate] = field(default_factory=list)
    excerpts: list[Candidate] = field(default_factory=list)
    languages: list[Candidate] = field(default_factory=list)
    host: str = ""
    paywalled: bool = False

    def add(self, values: list[Candidate], place: str, value: object) -> None:
        """Add a value if it is text and not empty."""
        text = plain(value[0] if isinstance(value, list) and value else value)[:_MAX_VALUE]
        if text and len(values) < _MAX_CANDIDATES:
            values.append(Candidate(place, text))

    def add_day(self, place: str, value: object) -> None:
        """Add a value if it is a day."""
        day, local = day_of(value)
        if day and len(self.dates) < _MAX_CANDIDATES:
            self.dates.append(Day(place, day, local))


def candidates(tree: HtmlElement, url: str) -> Found:
    """Return all that the page says about itself; a broken place does not affect the others."""
    found = Found(host=urlsplit(url).hostname or "" if url else "")
    for node in _article_nodes(tree):
        _from_json_ld(node, found)
    _from_meta(tree, found)
    _from_microdata(tree, found)
    _from_visible(tree, found)
    day = day_in_address(url)
    if day:
        found.dates.append(Day("address", day))
    return found


def _article_nodes(tree: HtmlElement) -> list[dict[str, Any]]:
    """Return the JSON-LD objects that may describe the article, likeliest first, references resolved."""
    nodes: list[dict[str, Any]] = []
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower():
            nodes.extend(_objects(_parsed(script.text or ""), _MAX_NODES - len(nodes)))
    by_id = {str(node["@id"]): node for node in nodes if "@id" in node and len(node) > 1}
    for node in nodes:
        for name in ("author", "creator", "publisher"):
            if name in node:
                node[name] = _resolved(node[name], by_id)
    relevant = [node for node in nodes if _ARTICLE.search(_kind(node))]
    return sorted(relevant, key=lambda node: not _STRONG.search(_kind(node)))


def _parsed(text: str) -> Any:
    text = _WRAPPING.sub("", text[:_MAX_SCRIPT])
    for attempt in (text, _TRAILING_COMMA.sub("", _CONTROLS.sub(" ", text))):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _objects(data: Any, room: int) -> list[dict[str, Any]]:
    waiting = [data]
    objects: list[dict[str, Any]] = []
    while waiting and len(objects) < room:
        node = waiting.pop(0)
        if isinstance(node, list):
            waiting.extend(node[:_MAX_NODES])
        elif isinstance(node, dict):
            objects.append(node)
            waiting.extend(
                node[key] for key in ("@graph", "mainEntity", "mainEntityOfPage", "author") if key in node
            )
    return objects


def _resolved(value: Any, by_id: dict[str, dict[str, Any]]) -> Any:
    if isinstance(value, list):
        return [_resolved(item, by_id) for item in value[:50]]
    if isinstance(value, dict) and "name" not in value:
        return by_id.get(str(value.get("@id", "")), value)
    return value


def _kind(node: dict[str, Any]) -> str:
    kind = node.get("@type", "")
    return " ".join(map(str, kind)) if isinstance(kind, list) else str(kind)


def _from_json_ld(node: dict[str, Any], found: Found) -> None:
    strong = bool(_STRONG.search(_kind(node)))
    place = "json-ld" if strong else "json-ld of the page"
    found.add(found.titles, place, node.get("headline") or node.get("name"))
    people = list(_names(node.get("author"))) or list(_names(node.get("creator")))
    if people and len(found.authors) < _MAX_CANDIDATES:
        found.authors.append((place, people))
    found.add_day(place, node.get("datePublished"))
    found.add_day("json-ld created", node.get("dateCreated"))
    for site in _names(node.get("publisher")):
        found.add(found.sites, place, site)
    found.add(found.excerpts, place, node.get("description"))
    _add_language(found, place, node.get("inLanguage"))
    parts = node.get("hasPart")
    parts = parts if isinstance(parts, list) else [parts]
    for part in (node, *parts):
        if isinstance(part, dict) and str(part.get("isAccessibleForFree", "")).lower().endswith("false"):
            found.paywalled = True


def _names(value: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(value, list) and depth < 3:
        for item in value[:20]:
            yield from _names(item, depth + 1)
    elif isinstance(value, dict) and depth < 3:
        yield from _names(value.get("name"), depth + 1)
    elif isinstance(value, str) and value.strip():
        yield value


def _from_meta(tree: HtmlElement, found: Found) -> None:
    people: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        name = (
            (element.get("property") or element.get("name") or element.get("http-equiv") or "")
            .strip()
            .lower()
        )
        content = element.get("content")
        if not name or not content:
            continue
        for names, values in (
            (_TITLE_NAMES, found.titles),
            (_SITE_NAMES, found.sites),
            (_EXCERPT_NAMES, found.excerpts),
        ):
            if name in names:
                found.add(values, names[name], content)
        if name in _AUTHOR_NAMES:
            people.setdefault(_AUTHOR_NAMES[name], []).append(
                _turned(content) if "." in name or "_" in name else content
            )
        elif name in _DATE_NAMES:
            found.add_day("opengraph" if name.startswith(("article:", "og:")) else f"meta {name}", content)
        elif name in ("og:locale", "content-language", "dc.language", "inlanguage"):
            _add_language(found, "opengraph" if name == "og:locale" else f"meta {name}", content)
        elif name == "article:content_tier" and content.strip().lower() in ("locked", "metered"):
            found.paywalled = True
    found.authors.extend(people.items())


def _turned(name: str) -> str:
    """Turn "Vries, Sanne de", as libraries write it, round; leave anything with more commas as it is."""
    last, comma, first = name.partition(",")
    return (
        f"{first.strip()} {last.strip()}" if comma and "," not in first and " " not in last.strip() else name
    )


def _from_microdata(tree: HtmlElement, found: Found) -> None:
    people: list[str] = []
    for element in tree.iterfind(".//*[@itemprop]"):
        names = (element.get("itemprop") or "").lower().split()
        wanted = {"headline", "author", "datepublished", "inlanguage"}.intersection(names)
        if not wanted or not _STRONG.search(_item_type(element)):
            continue
        value = element.get("content") or element.get("datetime") or plain(element.text_content())[:500]
        if "headline" in wanted:
            found.add(found.titles, "microdata", value)
        elif "author" in wanted:
            name = element.find(".//*[@itemprop='name']")
            people.append(value if name is None else name.get("content") or plain(name.text_content())[:200])
        elif "datepublished" in wanted:
            found.add_day("microdata", value)
        else:
            _add_language(found, "microdata", value)
    if people:
        found.authors.append(("microdata", people))


def _item_type(element: HtmlElement) -> str:
    for above in element.iterancestors():
        if above.get("itemscope") is not None:
            return (above.get("itemtype") or "").rstrip("/")
    return ""


def _from_visible(tree: HtmlElement, found: Found) -> None:
    for element in tree.iter("h1"):
        found.add(found.titles, "h1", element.text_content())
    for element in tree.iter("title"):
        found.add(found.titles, "title", element.text_content())
        break
    _add_language(found, "html lang", tree.get("lang") or tree.get("xml:lang"))
    people = _linked_authors(tree)
    if people:
        found.authors.append(("rel author", people))
    byline = _byline(tree)
    if byline:
        found.authors.append(("byline", [byline]))
    for element in tree.iter("time"):
        if element.get("datetime") and not _within(element, ("aside", "footer", "nav")):
            marked = element.get("pubdate") is not None or "publi" in (element.get("class") or "").lower()
            found.add_day("time published" if marked else "time", element.get("datetime"))
            break


def _linked_authors(tree: HtmlElement) -> list[str]:
    links = [link for link in tree.iter("a") if "author" in (link.get("rel") or "").lower().split()]
    names = dict.fromkeys(
        plain(link.text_content()) for link in links if not _within(link, ("aside", "footer"))
    )
    # If there are more, it is a list of teasers.
    return [name for name in names if name] if len(names) <= 6 else []


def _byline(tree: HtmlElement) -> str:
    for element in tree.iter("div", "span", "p", "a", "address", "li", "em", "strong"):
        name = " ".join(element.get(named) or "" for named in ("class", "id", "data-testid")).strip()
        if not name or not _BYLINE.search(name) or _NO_BYLINE.search(name):
            continue
        if _within(element, ("aside", "footer", "nav", "form")):
            continue
        text = plain(" , ".join(part for part in element.itertext() if part.strip()))
        text = re.sub(r"(?i)\b(by|von|door|por|par)\s*,\s*", r"\1 ", text)
        if 4 <= len(text) <= _MAX_BYLINE:
            return text
    return ""


def _within(element: HtmlElement, tags: tuple[str, ...]) -> bool:
    return next(element.iterancestors(*tags), None) is not None


def _add_language(found: Found, place: str, value: object) -> None:
    if isinstance(value, dict):
        value = value.get("alternateName") or value.get("name")
    match = _LANGUAGE.match(plain(value[0] if isinstance(value, list) and value else value))
    if match:
        found.languages.append(Candidate(place, match[0].lower()))
