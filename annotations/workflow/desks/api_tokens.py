"""API tokens: a person makes, uses and revokes their own keys to the API."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from annotations.domain.activity import Verb
from annotations.domain.errors import Invalid, Missing
from annotations.models import ApiToken, User
from annotations.workflow.desks.rows import log_everywhere

KEY_PREFIX = "fcw_"
# A program that sends a hundred requests a second must not cause a hundred writes a second.
SEEN_EVERY = timedelta(minutes=1)


class TokenRefused(Invalid):
    """A name that cannot be used for a token."""

    code = "token_invalid"


@dataclass(frozen=True)
class NewToken:
    """A token just made. `key` is shown once and cannot be had again."""

    token: ApiToken
    key: str


def key_hash(key: str) -> str:
    """Return the SHA-256 that is kept of a key; the key has 256 random bits, so it needs no salt."""
    return hashlib.sha256(key.encode()).hexdigest()


@transaction.atomic(durable=True)
def create_token(*, user: User, name: str) -> NewToken:
    """Make a key to the API with the person's own rights. Raises TokenRefused."""
    title = " ".join(name.split())
    if not title or len(title) > 80:
        raise TokenRefused("Name the token after what will use it.", fields={"name": "1 to 80 characters."})
    key = KEY_PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(user=user, name=title, key_sha256=key_hash(key), hint=key[:8])
    _log(Verb.MADE_TOKEN, token, user)
    return NewToken(token, key)


@transaction.atomic(durable=True)
def revoke_token(token_id: int, *, by: User) -> None:
    """Revoke one of the person's own tokens; one that is revoked already stays so. Raises Missing."""
    token = ApiToken.objects.filter(pk=token_id, user=by).first()
    if token is None:
        raise Missing("There is no such token among yours.")
    if ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=Now()):
        _log(Verb.REVOKED_TOKEN, token, by)


@transaction.atomic(durable=True)
def use_token(key: str) -> ApiToken | None:
    """Return the live token of this key with its person, and note its use at most once a minute.

    None for a key that is unknown or revoked, or whose account is closed.
    """
    if not key.startswith(KEY_PREFIX):
        return None
    live = ApiToken.objects.filter(key_sha256=key_hash(key), revoked_at__isnull=True, user__is_active=True)
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=Now() - SEEN_EVERY)
    token = live.select_related("user").annotate(unseen=stale).first()
    if token is not None and token.unseen:
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=Now())
    return token


def _log(verb: Verb, token: ApiToken, user: User) -> None:
    log_everywhere(verb, user, by=user, object_type="token", object_id=token.pk, details={"name": token.name})
