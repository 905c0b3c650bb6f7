"""Recognise a response that is not the page but a wall in front of it: bot check, log-in, paywall, consent.

One sign alone proves nothing: there are articles about captchas and paywalls, pages with a log-in box in
the corner, and error pages with a contact form. A wall shows its sign and has hardly any prose.
"""

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from annotations.domain.hops import Hop
from annotations.fetching.fetched import first_header
from annotations.fetching.markup import LOOKED_AT, Tag, pieces

# Characters of prose. Real articles have more, walls have less.
_BOT_PROSE = 700
_LOGIN_PROSE = 350
_TEASER_PROSE = 1000
_CONSENT_PROSE = 1200
_CHARACTERS_A_WORD = 6

_REFUSING = frozenset({401, 403, 405, 406, 429, 503})
_BOT_HEADERS = ("cf-mitigated", "x-datadome", "x-px-block-score", "x-amzn-waf-action")
_CHALLENGE = re.compile(
    rb"cf-chl-|__cf_chl_|captcha-delivery\.com|px-captcha|_incapsula_resource|akamai bot|cf-turnstile"
    rb"|aws-waf-token|gokuprops|errors\.edgesuite\.net|ddos-guard",
    re.IGNORECASE,
)
_CHALLENGE_TITLE = re.compile(
    r"just a moment|attention required|pardon our interruption|robot|captcha|checking your browser"
    r"|verify(?:ing)? (?:that )?you are (?:a )?human|human verification|security check|one moment, please",
    re.IGNORECASE,
)
_LOGIN_PATH = re.compile(
    r"/(?:log-?in|sign-?in|auth|sso|inloggen|anmelden|connexion|iniciar-sesion)(?:[/.?]|$)", re.IGNORECASE
)
_CONSENT_PLACE = re.compile(
    r"^consent\.|/(?:consent|cookie-?wall|cookie-?consent|privacy-?(?:gate|wall))(?:[/.?]|$)", re.IGNORECASE
)
_CONSENT_TITLE = re.compile(
    r"before you continue|we value your privacy|privacy[ -]?(?:settings|gate|instellingen)|\bconsent\b"
    r"|^cookies?$|cookie[ -]?(?:consent|settings|wall|preferences|notice|instellingen|einstellungen|melding)"
    r"|toestemming|einwilligung|datenschutzeinstellungen|consentement|consentimiento",
    re.IGNORECASE,
)
_FORM_OR_FEE = re.compile(rb"password|isaccessibleforfree", re.IGNORECASE)
_TITLE = re.compile(rb"<title[^<>]*>([^<]{0,300})", re.IGNORECASE)
# Text inside these elements is not prose. `form` is not listed: some sites wrap the whole page in one.
_ASIDE = frozenset({"nav", "header", "footer", "select", "dialog", "menu", "aside", "a", "button", "label"})
_INLINE = ("a", "button", "label")
_BLOCKS = frozenset({"p", "div", "td", "li", "h1", "h2", "h3", "section", "article", "main", "blockquote"})


@dataclass
class _PageFacts:
    """What the markup says about the page.

    `prose` counts the characters outside links and menus, `words` counts all characters.
    """

    title: str = ""
    prose: int = 0
    words: int = 0
    asks_password: bool = False
    has_button: bool = False
    paid: bool = False
    promised: int = 0  # characters of the whole article, by its metadata


def wall_in_front(
    status: int, headers: tuple[tuple[str, str], ...], body: bytes, hops: tuple[Hop, ...], asked_url: str
) -> str:
    """The code of the wall that this response is, or an empty string if it is none.

    The code is `bot_block`, `login_redirect`, `login_wall`, `paywall_block` or `consent_wall`. A plain
    403 or 429 without any sign of a bot check gives an empty string, so it keeps its own code.
    """
    if status == 402:
        return "paywall_block"
    shown = body[:LOOKED_AT]
    if status in _REFUSING:
        marked = any(first_header(headers, name) for name in _BOT_HEADERS) or _CHALLENGE.search(shown)
        return "bot_block" if marked or _CHALLENGE_TITLE.search(_page_facts(shown).title) else ""
    if not 200 <= status < 300:
        return ""
    moved = _wall_redirected_to(hops, asked_url)
    challenged = bool(_CHALLENGE.search(shown))
    # Reading the markup takes a hundredth of a second: too long for every page.
    if moved or not (challenged or _FORM_OR_FEE.search(shown) or _has_title_of_wall(shown)):
        return moved
    return _wall_on_page(_page_facts(shown), challenged, asked_url)


def _has_title_of_wall(body: bytes) -> bool:
    found = _TITLE.search(body)
    title = found[1].decode("utf-8", "replace") if found else ""
    return bool(_CHALLENGE_TITLE.search(title) or _CONSENT_TITLE.search(title))


def _wall_redirected_to(hops: tuple[Hop, ...], asked_url: str) -> str:
    """The code if redirects led from the page to an address named like a wall, or an empty string."""
    if len(hops) < 2:
        return ""
    led, asked = urlsplit(hops[-1].url), urlsplit(asked_url)
    if _LOGIN_PATH.search(led.path) and not _LOGIN_PATH.search(asked.path):
        return "login_redirect"
    places = [f"{place.hostname or ''}{place.path}" for place in (led, asked)]
    leads_to_consent, asked_for_it = (bool(_CONSENT_PLACE.search(place)) for place in places)
    return "consent_wall" if leads_to_consent and not asked_for_it else ""


def _wall_on_page(facts: _PageFacts, challenged: bool, asked_url: str) -> str:
    if facts.prose < _BOT_PROSE and (challenged or _CHALLENGE_TITLE.search(facts.title)):
        return "bot_block"
    if facts.paid and _is_teaser(facts):
        return "paywall_block"
    if _LOGIN_PATH.search(urlsplit(asked_url).path):
        return ""  # the log-in page itself was requested
    if facts.asks_password and facts.prose < _LOGIN_PROSE:
        return "login_wall"
    if facts.has_button and facts.words < _CONSENT_PROSE and _CONSENT_TITLE.search(facts.title):
        return "consent_wall"
    return ""


def _is_teaser(facts: _PageFacts) -> bool:
    # Some sites send the whole article and only hide it. Then nothing is missing.
    if facts.promised:
        return facts.prose < facts.promised / 2
    return facts.prose < _TEASER_PROSE


def _page_facts(body: bytes) -> _PageFacts:
    facts, aside = _PageFacts(), dict[str, int]()
    for piece in pieces(body):
        if isinstance(piece, str):
            size = len(" ".join(piece.split()))
            facts.words += size
            if not any(aside.values()):
                facts.prose += size
        elif piece.name in _ASIDE:
            aside[piece.name] = max(0, aside.get(piece.name, 0) + (-1 if piece.closing else 1))
            facts.has_button |= piece.name == "button"
        elif not piece.closing:
            if piece.name in _BLOCKS:
                # The rest of the page must not count as part of a link that was never closed.
                aside.update(dict.fromkeys(_INLINE, 0))
            _note_tag(piece, facts)
    return facts


def _note_tag(tag: Tag, facts: _PageFacts) -> None:
    if tag.name == "title":
        facts.title = facts.title or " ".join(tag.content.split())[:300]
    elif tag.name == "input":
        kind = tag.attribute("type").strip().lower()
        facts.asks_password |= kind == "password"
        facts.has_button |= kind in ("submit", "button")
    elif tag.name == "script" and "ld+json" in tag.written.lower() and "isAccessibleForFree" in tag.content:
        _note_metadata(tag.content, facts)


def _note_metadata(script: str, facts: _PageFacts) -> None:
    try:
        waiting: list[Any] = [json.loads(script)]
    except (ValueError, RecursionError):
        return
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            waiting.extend(node.values())
            facts.paid |= str(node.get("isAccessibleForFree", "")).strip().lower() in ("false", "no")
            body, count = node.get("articleBody"), str(node.get("wordCount", ""))
            if isinstance(body, str):
                # Text in the metadata was sent with the page, so nothing locks it.
                facts.prose = max(facts.prose, len(body))
            if count.isascii() and count.isdigit():
                facts.promised = max(facts.promised, int(count[:6]) * _CHARACTERS_A_WORD)
