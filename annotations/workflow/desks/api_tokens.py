"""A person's own keys to the API and saved filters."""

import hashlib
import secrets
from dataclasses import dataclass

from django.db import transaction
from django.db.models.functions import Now

from annotations.domain.errors import Duplicate, Invalid, Missing
from annotations.domain.roles import Action
from annotations.models import ApiToken, SavedFilter, User
from annotations.permissions import check_can

KEY_PREFIX = "fcw_"


class TokenRefused(Invalid):
    """A name that cannot be used for a token."""

    code = "token_invalid"


class FilterRefused(Invalid):
    """A name that cannot be used for a saved filter."""

    code = "filter_invalid"


class FilterExists(Duplicate):
    """The person has a filter of this name on this desk."""

    code = "filter_exists"


@dataclass(frozen=True)
class NewToken:
    """A token just made. `key` is shown once and cannot be had again."""

    token: ApiToken
    key: str


def key_hash(key: str) -> str:
    """Return the SHA-256 under which a key is kept; the key has 256 random bits, so no salt is needed."""
    return hashlib.sha256(key.encode()).hexdigest()


@transaction.atomic(durable=True)
def create_token(*, user: User, name: str) -> NewToken:
    """Make a key to the API with the person's own rights. Raises TokenRefused."""
    title = " ".join(name.split())
    if not title or len(title) > 80:
        raise TokenRefused("Name the token after what will use it.", fields={"name": "1 to 80 characters."})
    key = KEY_PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(user=user, name=title, key_sha256=key_hash(key), hint=key[:8])
    return NewToken(token, key)


@transaction.atomic(durable=True)
def revoke_token(token_id: int, *, by: User) -> None:
    """End one of the person's own tokens; one already ended stays so. Raises Missing."""
    token = ApiToken.objects.filter(pk=token_id, user=by).first()
    if token is None:
        raise Missing("There is no such token among yours.")
    ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=Now())


@transaction.atomic(durable=True)
def save_filter(*, desk_id: int, name: str, query: str, by: User) -> SavedFilter:
    """Keep a filter of the claims page under a name. Raises Missing, FilterRefused or FilterExists."""
    check_can(by, Action.READ, desk_id)
    title = " ".join(name.split())
    if not title or len(title) > 80 or len(query) > 2000:
        raise FilterRefused(
            "Give the filter a name of at most 80 characters.", fields={"name": "1 to 80 characters."}
        )
    if SavedFilter.objects.filter(user=by, desk_id=desk_id, name=title).exists():
        raise FilterExists(f"You have a filter “{title}” already.", fields={"name": "Taken."})
    return SavedFilter.objects.create(user=by, desk_id=desk_id, name=title, query=query)


@transaction.atomic(durable=True)
def delete_filter(filter_id: int, *, by: User) -> None:
    """Forget one of the person's own filters. Raises Missing."""
    deleted, _ = SavedFilter.objects.filter(pk=filter_id, user=by).delete()
    if not deleted:
        raise Missing("There is no such filter among yours.")
