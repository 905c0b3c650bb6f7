"""Choose a page's title, author, date, site and language from all places that name them.

Each place has a weight, learnt from what publishers fill in with care: for authors and dates JSON-LD, for
titles the visible heading and what is meant for sharing. The weights of equal values add up, the heaviest
value wins, and its share of the total weight is how certain it is.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from rapidfuzz import fuzz

from annotations.extraction.candidates import Candidate, Day, Found
from annotations.extraction.days import day_of
from annotations.extraction.names import authors, is_site, key, plain, site_keys, without_site

_TITLES = {
    "h1": 1.25,
    "json-ld": 1.1,
    "opengraph": 1.1,
    "title": 0.8,
    "microdata": 0.8,
    "twitter": 0.5,
    "extractor": 0.5,
}
_AUTHORS = {
    "json-ld": 3.0, "microdata": 1.9, "rel author": 1.7, "byline": 1.6, "extractor": 1.4,
    "json-ld of the page": 0.9,
}  # fmt: skip
_DATES = {
    "json-ld": 3.0, "opengraph": 2.5, "microdata": 1.9, "time published": 1.6, "address": 1.6,
    "extractor": 1.6, "json-ld of the page": 1.5, "time": 0.9, "json-ld created": 0.7,
}  # fmt: skip
_SITES = {"opengraph": 2.0, "json-ld": 1.5, "meta application-name": 1.0, "extractor": 0.4}
_LANGUAGES = {"html lang": 1.5, "json-ld": 1.2}
_EXCERPTS = {"opengraph": 1.2, "meta description": 1.1}
_ELSEWHERE = 0.6
_META_AUTHOR = 1.7
_META_DATE = 1.9
_LIKE = 88
_NEIGHBOUR = 0.4
_LOCAL = 0.3
_ONE_WORD = 0.5
_CUT = ("…", "...")
_LIMITS = {"title": 500, "author": 300, "site": 200, "excerpt": 1000, "language": 10}


class Chosen(NamedTuple):
    """The value of one field, the place it came from, and its share of the weight, from 0 to 1."""

    value: Any
    place: str
    confidence: float


class Elected(NamedTuple):
    """The elected fields of a page, and for each its origin and how certain it is, in per cent."""

    fields: dict[str, Any]
    provenance: dict[str, str]
    confidence: dict[str, int]


_NOTHING = Chosen("", "", 0.0)


def vote(found: Found, document: Any) -> Elected:
    """Elect every field from what was `found` and what trafilatura says in `document`, which may be None."""
    _hear(found, document)
    sites = site_keys((site.value for site in found.sites), found.host)
    chosen = {
        "title": _title(found.titles, sites),
        "author": _author(found.authors, sites),
        "published_on": _day(found.dates),
        "site": _heaviest(found.sites, _SITES),
        "language": _heaviest(found.languages, _LANGUAGES),
        "excerpt": _heaviest(found.excerpts, _EXCERPTS),
    }
    fields = {
        name: one.value[: _LIMITS[name]] if name in _LIMITS else one.value for name, one in chosen.items()
    }
    said = {name: one for name, one in chosen.items() if one.value}
    return Elected(
        fields | {"published_on": chosen["published_on"].value or None},
        {name: one.place for name, one in said.items()},
        {name: round(100 * min(1.0, one.confidence)) for name, one in said.items()},
    )


def _hear(found: Found, document: Any) -> None:
    headings = {key(title.value) for title in found.titles}
    for name, values in (("title", found.titles), ("sitename", found.sites), ("description", found.excerpts)):
        value = plain(getattr(document, name, None))
        # trafilatura guesses the site from the title; then the title itself would pass for the site's name.
        if name != "sitename" or key(value) not in headings:
            found.add(values, "extractor", value)
    author = plain(getattr(document, "author", None))
    if author:
        found.authors.append(("extractor", [author]))
    day, _ = day_of(getattr(document, "date", None))
    # If only a year or a month is known, trafilatura says its first day.
    if day and (day.day > 1 or any(one.value == day for one in found.dates)):
        found.dates.append(Day("extractor", day))


def _heaviest(values: Sequence[Candidate], weights: dict[str, float]) -> Chosen:
    """Return the value with the most weight, as its heaviest place spells it."""
    once = [*dict.fromkeys(values)]
    return _by_weight(
        once, lambda one: key(one.value) or one.value, lambda one: weights.get(one.place, _ELSEWHERE)
    )


def _by_weight(
    values: Iterable[Candidate], same: Callable[[Candidate], Hashable], weight: Callable[[Candidate], float]
) -> Chosen:
    groups: dict[Hashable, list[Candidate]] = {}
    for one in values:
        groups.setdefault(same(one), []).append(one)
    if not groups:
        return _NOTHING
    heavy = {group: sum(map(weight, members)) for group, members in groups.items()}
    winner = max(groups, key=lambda group: heavy[group])
    best = max(groups[winner], key=weight)
    return Chosen(best.value, best.place, heavy[winner] / sum(heavy.values()))


def _title(titles: Sequence[Candidate], sites: frozenset[str]) -> Chosen:
    """Return the title with the most weight, without the site's name, as its heaviest place spells it."""
    # trafilatura cuts titles at every dash, so what it leaves is no evidence.
    others = [title.value for title in titles if title.place != "extractor"]
    once: dict[tuple[str, str], Candidate] = {}
    for place, value in titles:
        clean = without_site(value, sites, others)
        if key(clean) and not is_site(clean, sites):
            once.setdefault((place, key(clean)), Candidate(place, clean))
    candidates = _main_headings([*once.values()])
    if not candidates:
        return _NOTHING

    def weight(one: Candidate) -> float:
        return _TITLES.get(one.place, _ELSEWHERE)

    def support(one: Candidate) -> float:
        return sum(weight(other) for other in candidates if _alike(one.value, other.value))

    # Of the titles that agree, do not show one that was cut short.
    best = max(
        candidates, key=lambda one: (round(support(one), 3), not one.value.endswith(_CUT), weight(one))
    )
    return Chosen(best.value, best.place, support(best) / sum(map(weight, candidates)))


def _main_headings(candidates: list[Candidate]) -> list[Candidate]:
    """Leave, of several main headings as on a page of teasers, only one that another place has too."""
    headings = [one for one in candidates if one.place == "h1"]
    if len(headings) < 2:
        return candidates
    others = [one for one in candidates if one.place not in ("h1", "extractor")]
    known = [one for one in headings if any(_alike(one.value, other.value) for other in others)]
    return [*known[:1], *(one for one in candidates if one.place != "h1")] or headings[:1]


def _alike(one: str, other: str) -> bool:
    mine, theirs = key(one), key(other)
    shorter, longer = sorted((mine, theirs), key=len)
    return fuzz.ratio(mine, theirs) > _LIKE or (len(shorter) > 20 and longer.startswith(shorter))


def _author(given: Sequence[tuple[str, list[str]]], sites: frozenset[str]) -> Chosen:
    """Return the set of names with the most weight."""
    candidates = []
    for place, raw in given:
        names: dict[str, str] = {}
        for line in raw:
            for name in authors(line, sites):
                names.setdefault(key(name), name)
        if names:
            candidates.append(Candidate(place, ", ".join(names.values())))

    def weight(one: Candidate) -> float:
        full = _AUTHORS.get(one.place, _META_AUTHOR)
        # Where words are separated, people have two names; a single one is often a username or an agency.
        return full if " " in one.value.partition(",")[0] or not one.value.isascii() else full * _ONE_WORD

    once = {one.place: one for one in reversed(candidates)}
    return _by_weight(
        [*reversed(once.values())], lambda one: frozenset(map(key, one.value.split(", "))), weight
    )


def _day(days: Sequence[Day]) -> Chosen:
    """Return the day with the most weight; adjacent days add a little, since midnight differs by country."""
    once = [*{one.place: one for one in reversed(days)}.values()]

    def weight(one: Day) -> float:
        return _DATES.get(one.place, _META_DATE) + (_LOCAL if one.local else 0.0)

    def support(day: date) -> float:
        near = sum(weight(one) for one in once if abs((one.value - day).days) == 1)
        return sum(weight(one) for one in once if one.value == day) + _NEIGHBOUR * near

    if not once:
        return _NOTHING
    best = max(once, key=lambda one: (round(support(one.value), 3), weight(one)))
    return Chosen(best.value, best.place, support(best.value) / sum(map(weight, once)))
