"""Security keys in a request: the site that the browser sees, what it is asked, and what it answers.

One challenge stands in the session for all forms that are open, and ends with the first answer.
"""

import json
import secrets
import time

from django.http import HttpRequest

from annotations.models import SecurityKey, User
from annotations.workflow.desks import security_keys as workflow
from annotations.workflow.desks.security_keys import Answer, Site

_CHALLENGE = "security_key_challenge"
_SECONDS = 600


def site_of(request: HttpRequest) -> Site:
    """Return where the browser sees this copy."""
    host = request.get_host()
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() and not host.endswith("]") else host
    return Site(name=name.lower(), origin=f"{request.scheme}://{host.lower()}")


def question(request: HttpRequest, keys: list[SecurityKey]) -> str:
    """Return as JSON what the browser asks these keys; empty where there are none or it takes none."""
    site = site_of(request)
    if not keys or not site.takes_keys:
        return ""
    return json.dumps(workflow.to_ask(keys, site, _challenge(request)))


def creation(request: HttpRequest, user: User, keys: list[SecurityKey]) -> str:
    """Return as JSON what the browser is asked to make a key; empty where it takes none."""
    site = site_of(request)
    return json.dumps(workflow.to_make(user, keys, site, _challenge(request))) if site.takes_keys else ""


def answer_in(request: HttpRequest, text: str) -> Answer:
    """Return what the browser answered to the challenge of this session, which ends with it."""
    kept = request.session.pop(_CHALLENGE, None)
    fresh = kept is not None and time.time() - kept["at"] <= _SECONDS
    # To a challenge that nobody was asked there is no right answer.
    challenge = workflow.challenge_from(kept["text"]) if fresh else secrets.token_bytes(32)
    return Answer(site=site_of(request), challenge=challenge, text=text)


def _challenge(request: HttpRequest) -> bytes:
    kept = request.session.get(_CHALLENGE)
    # One that is about to end would end under the person's finger.
    if kept is None or time.time() - kept["at"] > _SECONDS / 2:
        kept = {"text": workflow.challenge_text(secrets.token_bytes(32)), "at": int(time.time())}
        request.session[_CHALLENGE] = kept
    return workflow.challenge_from(kept["text"])
