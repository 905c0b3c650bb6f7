"""Names as pages write them, made ready to compare and print: authors, sites, titles.

From the byline "By Sanne de Vries, political editor, and Omar Haddad | De Courant", only the two names
are wanted.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from html import unescape

MAX_AUTHORS = 12
_MAX_RAW = 5000
_BLANKS = re.compile(r"\s+")
_MARKUP = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
_NOT_NAMES = re.compile(r"https?:\S+|www\.\S+|\S+@\S+\.\S+|(?<!\w)@\w+", re.IGNORECASE)
_OPENING = re.compile(
    r"^(?:(?:written|posted|published|reported|reviewed|edited|story|words|text|photos?|analysis|opinion) by"
    r"|by|author|autor(?:in)?|auteur|autore|door|tekst|text|texte|texto|por|par|escrito por|publicado por"
    r"|geschrieben von|scritto da|da|av|af|автор|作者|记者|記者|撰文|文|بقلم|كتب|كتبت)(?:\s*[:：/]\s*|\s+)"
    r"|^Von\s+(?=\w+\s+\w)|^di\s+(?=[A-Z])",
    re.IGNORECASE,
)
_CAPITAL_VON = re.compile(r"^von\s")
_ENDING = re.compile(
    r"\s+[-–—|]\s.*$|\s*[(\[].*$|\s+(?:for|in|at|voor|für|para|pour)\s.*$"
    r"|\s*\b(?:updated|published|posted|last modified"
    r"|aktualisiert|bijgewerkt|actualizado|publié|mis à jour)\b.*$",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"\s*[;|•·\n،、，]\s*|\s*,\s+(?:and|und|en|y|et|e)\s+|\s*,\s*|\s+(?:&|and|und)\s+|\s+/\s+", re.IGNORECASE
)
# Small words that also occur inside names, as in Ortega y Gasset: they separate only full names.
_PERHAPS_BETWEEN = re.compile(r"(\S+\s+\S.*?)\s+(?:y|et|en|e|и)\s+(\S+\s+\S.*)")
_ROLES = re.compile(
    r"\b(?:editors?|reporters?|correspondents?|(?:staff|senior|sports?) writers?|writers?|staff|producers?"
    r"|contributors?|columnists?|journalists?|bureau|desk|newsroom|team|photographers?|editorial|newspaper"
    r"|redact(?:ie|eur|rice|ion)|redaktion|redakteur(?:in)?|korrespondent(?:in)?|autor(?:in)?|volontär(?:in)?"
    r"|correspondent[ea]?|verslaggever|nieuwsdienst|corresponsal|redacción|redacao|redação|redactora?|periodista"
    r"|rédaction|journaliste|correspondante?|envoyée?s?|redazione|giornalista|minutes?|ago|admin(?:istrator)?"
    r"|log(?:ged|in)?|account|unknown|anonymous|guest|author|null|none|undefined|user|webmaster|jr|phd|md)\b\.?"
    r"|记者|記者|编辑|編輯|编辑部|通讯员|محرر|مراسل",
    re.IGNORECASE,
)
_WHOLLY = re.compile(
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august|september"
    r"|october|november|december|print|submitted|share|follow|today|yesterday|e-?mail|twitter|facebook"
    r"|all rights reserved|read more|view profile|see all|advertisement|sponsored|account)$",
    re.IGNORECASE,
)
_AGENCIES = frozenset(
    (
        "ap|afp|anp|ansa|apa|belga|dpa|efe|lusa|ntb|pa|reuters|ritzau|sid|stt|tt|upi|xinhua|ap news"
        "|associated press|the associated press|agence france presse|press association"
    ).split("|")
)
_SUFFIX = re.compile(r"^(?:jr|sr|ii|iii|iv|phd|ph\.d|md|m\.d|mbe|obe)\.?$", re.IGNORECASE)
_LATIN_LOWER = re.compile(r"^[a-z0-9_.\-]+$")
_DIGITS = re.compile(r"\d")
# Chinese and Japanese titles have no blanks around what separates them from the site's name.
_PARTING = re.compile(
    r"\s+[|\-–—·•»«›‹:⁄~]+\s+|\s*[|｜»›]\s*|\s*：\s*|(?<=[\u3040-\u9fff」）】])[\-_—–]+(?=[\u3040-\u9fff])"
)
_BAR = re.compile(r"\s*[|｜]\s*")
_SHORT_TAIL = 30
_SITE_NOISE = re.compile(r"^www\.|\.(?:com|org|net|info|co|news|[a-z]{2})(?=\.|$)")


def plain(value: object) -> str:
    """Return one line of text without markup, with entities resolved; empty for anything but text."""
    if not isinstance(value, str):
        return ""
    value = value[:_MAX_RAW]
    for _ in range(2):
        # Surprisingly often, text is escaped once too often.
        value = unescape(value)
    return _BLANKS.sub(" ", _MARKUP.sub(" ", value)).replace("\u200b", "").strip()


@lru_cache(maxsize=2048)
def key(text: str) -> str:
    """Return what people would call the same: letters and digits without case, accents and punctuation."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(
        "".join(c if c.isalnum() else " " for c in letters if not unicodedata.combining(c)).split()
    )


def site_keys(sites: Iterable[str], host: str) -> frozenset[str]:
    """Return all names of the site: those given, and its host with and without its ending."""
    sites = list(sites)
    names = {key(site) for site in sites} | {key(_SITE_NOISE.sub("", site.casefold())) for site in sites}
    if host:
        bare = host.casefold().removeprefix("www.")
        label = _SITE_NOISE.sub("", bare).rpartition(".")[2]
        names |= {key(bare), key(label)}
    names |= {name.replace(" ", "") for name in names}
    return frozenset(name for name in names if len(name) > 1)


def is_site(text: str, sites: frozenset[str]) -> bool:
    """Whether `text` is only the name of the site."""
    name = key(text)
    bare = re.sub(r" (?:com|org|net|news|online|staff|the)$|^the ", "", name)
    return bool({name, bare, name.replace(" ", ""), bare.replace(" ", "")} & sites)


def authors(text: str, sites: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Return the names in a byline, each once, without roles, addresses and the site's own name."""
    line = plain(_NOT_NAMES.sub(" ", text))
    found: dict[str, str] = {}
    for piece in _pieces(_opened(line)):
        name = _ENDING.sub("", _opened(piece)).strip(" .,:;-–—|*\"'“”")
        if _SUFFIX.match(name) or not _may_be_name(name) or is_site(name, sites) or _names_site(name, sites):
            continue
        found.setdefault(key(name), name)
    persons = [name for bare, name in found.items() if bare not in _AGENCIES]
    # An agency beside people is their employer; alone it is the author.
    return tuple(persons or found.values())[:MAX_AUTHORS]


def _opened(text: str) -> str:
    if _CAPITAL_VON.match(text):
        return text
    return _OPENING.sub("", text.strip(" ,:;-–—|·•"))


def _pieces(line: str) -> list[str]:
    pieces: list[str] = []
    for piece in _BETWEEN.split(line):
        pair = _PERHAPS_BETWEEN.fullmatch(piece)
        pieces.extend(pair.groups() if pair else [piece])
    return pieces


def _may_be_name(name: str) -> bool:
    if (
        not 2 <= len(name) <= 60
        or _WHOLLY.match(name)
        or _DIGITS.search(name)
        or _ROLES.search(name)
        or "http" in name
    ):
        return False
    return len(name.split()) <= 6 and not _LATIN_LOWER.match(name) and any(map(str.isalpha, name))


def without_site(title: str, sites: frozenset[str], others: Iterable[str] = ()) -> str:
    """Return `title` without the names of the site before or after it.

    A part is dropped if it is the site's name, if the rest is one of `others`, or if it is a few words after
    a bar, which separates nothing else.
    """
    known = {key(other) for other in others} - {key(title)}
    while True:
        cuts = [*_PARTING.finditer(title)]
        if not cuts:
            return title
        head, tail = title[: cuts[-1].start()].strip(), title[cuts[-1].end() :].strip()
        barred = _BAR.fullmatch(cuts[-1][0]) and len(tail) <= _SHORT_TAIL < len(head) * 2
        if head and (is_site(tail, sites) or _names_site(tail, sites) or barred):
            title = head
            continue
        first, rest = title[: cuts[0].start()].strip(), title[cuts[0].end() :].strip()
        if rest and is_site(first, sites):
            title = rest
            continue
        heads = (title[: cut.start()].strip() for cut in cuts)
        return next((head for head in heads if key(head) in known), title)


def _names_site(text: str, sites: frozenset[str]) -> bool:
    """Whether a short text holds the site's name and little else, as in "World news of The Courier"."""
    name = f" {key(text)} "
    return any(len(site) > 3 and f" {site} " in name and len(name) <= len(site) + 14 for site in sites)
