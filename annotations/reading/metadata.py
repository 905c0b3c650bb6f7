"""What a page says about itself, from every place it may say it, and how to choose.

Publishers fill JSON-LD most carefully for authors, OpenGraph for titles; the visible heading
settles doubts between them. Every chosen value remembers where it came from.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import extruct
from lxml.html import HtmlElement
from rapidfuzz import fuzz

_ARTICLE = re.compile(r"article|posting|report|review|webpage|creativework", re.IGNORECASE)
_STRONG = re.compile(r"article|posting|report|review", re.IGNORECASE)
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_NO_AUTHOR = re.compile(
    r"https?:|www\.|@|^(?:admin|redactie|redaktion|editor|editors|staff|unknown|null|none|author)$",
    re.IGNORECASE,
)
_TITLE_TAIL = re.compile(r"\s+[|\-–—·•»:]+\s+[^|–—·•»]{1,60}$")
_BLANKS = re.compile(r"\s+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?=$|[-_])")


@dataclass
class Found:
    """Candidates by place. Titles in order of trust; other fields at most one a place."""

    titles: list[tuple[str, str]] = field(default_factory=list)
    authors: list[tuple[str, str]] = field(default_factory=list)
    dates: list[tuple[str, date]] = field(default_factory=list)
    sites: list[tuple[str, str]] = field(default_factory=list)
    excerpts: list[tuple[str, str]] = field(default_factory=list)
    languages: list[tuple[str, str]] = field(default_factory=list)
    paywalled: bool = False


def embedded(markup: str, tree: HtmlElement, url: str | None) -> Found:
    """All candidates a page embeds. Broken markup of one kind does not spoil the others."""
    found = Found()
    data = extruct.extract(
        markup, base_url=url, syntaxes=["json-ld", "opengraph", "microdata"], errors="ignore"
    )
    for node in _nodes(data.get("json-ld", [])):
        _from_json_ld(node, found)
    for graph in data.get("opengraph", []):
        _from_open_graph(dict(graph.get("properties", [])), found)
    for item in data.get("microdata", []):
        if _STRONG.search(str(item.get("type", ""))):
            _from_properties("microdata", item.get("properties", {}), found)
    _from_tree(tree, found)
    return found


def vote(found: Found, document: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """The chosen fields and where each came from. `document` is trafilatura's, or None."""
    for name, values in (("title", found.titles), ("author", found.authors), ("sitename", found.sites)):
        value = _clean(getattr(document, name, None))
        if value:
            values.append(("extractor", value))
    day = _day(getattr(document, "date", None))
    if day:
        found.dates.append(("extractor", day))
    excerpt = _clean(getattr(document, "description", None))
    if excerpt:
        found.excerpts.append(("extractor", excerpt))
    chosen: dict[str, tuple[str, Any]] = {
        "title": _title(found),
        "author": _first(found.authors),
        "published_on": _first(found.dates, empty=None),
        "site": _first(found.sites),
        "language": _first(found.languages),
        "excerpt": _first(found.excerpts),
    }
    limits = {"title": 500, "author": 300, "site": 200, "excerpt": 1000, "language": 10}
    fields = {name: value[: limits[name]] if name in limits else value for name, (_, value) in chosen.items()}
    return fields, {name: place for name, (place, value) in chosen.items() if value}


def _first(candidates: list[tuple[str, Any]], empty: Any = "") -> tuple[str, Any]:
    return candidates[0] if candidates else ("", empty)


def _title(found: Found) -> tuple[str, str]:
    """The candidate the others agree with most, without a trailing site name."""
    sites = {site.casefold() for _, site in found.sites}
    candidates = [(place, _without_site(title, sites)) for place, title in found.titles]
    candidates = [(place, title) for place, title in candidates if title]
    if not candidates:
        return "", ""
    weight = {"h1": 1.2, "json-ld": 1.1, "opengraph": 1.1, "extractor": 1.0, "microdata": 0.8, "title": 0.7}

    def support(candidate: tuple[str, str]) -> float:
        mine = candidate[1].casefold()
        if mine in sites:
            return 0.0
        agreeing = sum(
            weight.get(place, 0.5) for place, title in candidates if fuzz.ratio(mine, title.casefold()) > 85
        )
        return agreeing + 0.01 * weight.get(candidate[0], 0.5)

    return max(candidates, key=support)


def _without_site(title: str, sites: set[str]) -> str:
    tail = _TITLE_TAIL.search(title)
    if not tail:
        return title
    name = tail[0].strip(" |-–—·•»:").casefold()
    return title[: tail.start()].strip() if any(name in site or site in name for site in sites) else title


def _nodes(data: Any) -> Iterator[dict[str, Any]]:
    """Every object of the JSON-LD, articles first, without following it into the depths."""
    waiting = list(data) if isinstance(data, list) else [data]
    seen: list[dict[str, Any]] = []
    while waiting and len(seen) < 200:
        node = waiting.pop(0)
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            seen.append(node)
            waiting.extend(node[key] for key in ("@graph", "mainEntity", "mainEntityOfPage") if key in node)
    relevant = [node for node in seen if _ARTICLE.search(_kind(node))]
    yield from sorted(relevant, key=lambda node: not _STRONG.search(_kind(node)))


def _kind(node: dict[str, Any]) -> str:
    kind = node.get("@type", "")
    return " ".join(map(str, kind)) if isinstance(kind, list) else str(kind)


def _from_json_ld(node: dict[str, Any], found: Found) -> None:
    _from_properties("json-ld", node, found)
    if str(node.get("isAccessibleForFree", "")).lower() == "false":
        found.paywalled = True


def _from_properties(place: str, node: dict[str, Any], found: Found) -> None:
    title = _clean(node.get("headline") or (node.get("name") if _STRONG.search(_kind(node)) else ""))
    if title:
        found.titles.append((place, title))
    author = ", ".join(dict.fromkeys(_names(node.get("author"))))
    if author:
        found.authors.append((place, author))
    day = _day(node.get("datePublished")) or _day(node.get("dateCreated"))
    if day:
        found.dates.append((place, day))
    for site in _names(node.get("publisher")):
        found.sites.append((place, site))
    for values, key in ((found.excerpts, "description"), (found.languages, "inLanguage")):
        value = _clean(node.get(key))
        if value:
            values.append((place, _language(value) if key == "inLanguage" else value))


def _names(value: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(value, list) and depth < 3:
        for item in value[:20]:
            yield from _names(item, depth + 1)
    elif isinstance(value, dict) and depth < 3:
        yield from _names(value.get("name") or value.get("properties"), depth + 1)
    elif isinstance(value, str):
        name = _clean(value)
        if 2 <= len(name) <= 100 and not _NO_AUTHOR.search(name):
            yield name


def _from_open_graph(properties: dict[str, Any], found: Found) -> None:
    for key, values in (("og:title", found.titles), ("og:description", found.excerpts)):
        value = _clean(properties.get(key))
        if value:
            values.append(("opengraph", value))
    site = _clean(properties.get("og:site_name"))
    if site:
        found.sites.insert(0, ("opengraph", site))
    author = ", ".join(_names(properties.get("article:author")))
    if author:
        found.authors.append(("opengraph", author))
    day = _day(properties.get("article:published_time"))
    if day:
        found.dates.append(("opengraph", day))
    locale = _language(_clean(properties.get("og:locale")))
    if locale:
        found.languages.append(("opengraph", locale))


def _from_tree(tree: HtmlElement, found: Found) -> None:
    headings = [_clean(heading.text_content()) for heading in tree.iter("h1")]
    headings = [heading for heading in headings if heading]
    # Several main headings are a page of teasers; then none of them is its title.
    if len(headings) == 1:
        found.titles.append(("h1", headings[0]))
    for element in tree.iter("title"):
        title = _clean(element.text_content())
        if title:
            found.titles.append(("title", title))
        break
    language = _language(_clean(tree.get("lang") or tree.get("xml:lang")))
    if language:
        found.languages.insert(0, ("html lang", language))


def _language(text: str) -> str:
    match = _LANGUAGE.match(text)
    return match[0].lower() if match else ""


def _day(value: Any) -> date | None:
    match = _DATE.match(value.strip()) if isinstance(value, str) else None
    try:
        day = date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None
    return day if day and day.year >= 1990 else None


def _clean(value: Any) -> str:
    if isinstance(value, list) and value:
        value = value[0]
    return _BLANKS.sub(" ", value).strip() if isinstance(value, str) else ""
