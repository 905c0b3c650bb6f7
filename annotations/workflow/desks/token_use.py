"""A key to the API being used."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from annotations.models import ApiToken
from annotations.workflow.desks.api_tokens import KEY_PREFIX, key_hash

# A program that asks a hundred times a second must not write a hundred times a second.
SEEN_EVERY = timedelta(minutes=1)


@transaction.atomic(durable=True)
def use_token(key: str) -> ApiToken | None:
    """Return the live token of this key with its person, None for an unknown, revoked or closed one.

    Notes the use, at most once a minute.
    """
    if not key.startswith(KEY_PREFIX):
        return None
    live = ApiToken.objects.filter(key_sha256=key_hash(key), revoked_at__isnull=True, user__is_active=True)
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=Now() - SEEN_EVERY)
    token = live.select_related("user").annotate(unseen=stale).first()
    if token is not None and token.unseen:
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=Now())
    return token
