"""Answers that are not the page but a door in front of it: bot checks and log-ins."""

import re
from urllib.parse import urlsplit

from annotations.fetching.fetched import Hop, first_header

_LOOKED_AT = 64 * 1024
_BLOCKING = frozenset({401, 403, 405, 406, 429, 503})
_CHALLENGE = re.compile(
    rb"cf-chl-|/cdn-cgi/challenge-platform|just a moment\.\.\.|captcha-delivery\.com|px-captcha"
    rb"|_incapsula_resource|akamai bot|g-recaptcha|h-captcha|cf-turnstile|aws-waf-token|are you a robot",
    re.IGNORECASE,
)
_BOT_HEADERS = ("cf-mitigated", "x-datadome", "x-px-block-score", "x-amzn-waf-action")
_LOGIN_PATH = re.compile(
    r"/(?:log-?in|sign-?in|signin|auth|sso|inloggen|anmelden|connexion)(?:[/.?]|$)", re.IGNORECASE
)


def wall_in_front(
    status: int, headers: tuple[tuple[str, str], ...], body: bytes, hops: tuple[Hop, ...], asked_url: str
) -> str:
    """The code `bot_block` or `login_redirect` when this answer is a door, else an empty string.

    A plain 403 or 429 without any sign of a bot check keeps its own code.
    """
    if status in _BLOCKING:
        marked = any(first_header(headers, name) for name in _BOT_HEADERS)
        if marked or _CHALLENGE.search(body[:_LOOKED_AT]):
            return "bot_block"
    if 200 <= status < 300 and len(hops) > 1:
        led_to, asked = urlsplit(hops[-1].url).path, urlsplit(asked_url).path
        if _LOGIN_PATH.search(led_to) and not _LOGIN_PATH.search(asked):
            return "login_redirect"
    return ""
