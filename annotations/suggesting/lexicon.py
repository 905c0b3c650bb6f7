"""The words of each language that splitting and scoring use, kept as data in `words/`."""

import re
import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files

SPLIT_LANGUAGES = ("nl", "en", "es", "de", "fr", "pt")
"""Languages with word lists; in any other, only figures, dates, quotations and names count."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words of one language in lower case, abbreviations without their last full stop."""

    titles: frozenset[str] = frozenset()
    abbreviations: frozenset[str] = frozenset()
    said: frozenset[str] = frozenset()
    acts: frozenset[str] = frozenset()
    office: frozenset[str] = frozenset()
    change: frozenset[str] = frozenset()
    comparison: frozenset[str] = frozenset()
    opinion: frozenset[str] = frozenset()
    money: frozenset[str] = frozenset()
    percent: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    organisations: frozenset[str] = frozenset()
    articles: frozenset[str] = frozenset()
    particles: frozenset[str] = frozenset()
    said_after: frozenset[str] = frozenset()
    according_to: frozenset[str] = frozenset()


@cache
def lexicon(language: str) -> Lexicon:
    """The words of a language (ISO 639-1, a region is ignored); an empty lexicon for others."""
    code = language.partition("-")[0].lower()
    if code not in SPLIT_LANGUAGES:
        return Lexicon()
    words = tomllib.loads((files("annotations.suggesting") / "words" / f"{code}.toml").read_text("utf-8"))
    return Lexicon(**{field.name: frozenset(words[field.name].split()) for field in fields(Lexicon)})


_ELISION = re.compile("^(?:[cdjlmnst]|qu)[’'](?=\\w)", re.IGNORECASE)


def without_elision(word: str) -> str:
    """The word without the French article or pronoun written onto it: l’hôpital, d’avril."""
    return _ELISION.sub("", word) if "’" in word or "'" in word else word
