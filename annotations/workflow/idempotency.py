"""Make repeated requests harmless: the answer to a creation is kept under the key its sender chose."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from annotations.domain.errors import Duplicate, Invalid
from annotations.models import IdempotencyKey, User

KEPT_FOR = timedelta(hours=24)
_SWEEP_AT_ONCE = 100
_TRIES = 5


class KeyReused(Invalid):
    """The idempotency key was used for a different request."""

    code = "idempotency_key_reused"


class AnswerForgotten(Duplicate):
    """The request was done, and its answer is kept no longer."""

    code = "idempotency_answer_forgotten"


class KeyBusy(Duplicate):
    """The first request with this idempotency key has given no answer yet."""

    code = "idempotency_key_busy"


@dataclass(frozen=True)
class KeptAnswer:
    """The answer the first request got."""

    status: int
    body: Any


@transaction.atomic(durable=True)
def begin(user: User, key: str, request_sha256: str) -> KeptAnswer | None:
    """Reserve `key` for a request, or return the answer it was given before.

    A key whose first request never ended stays reserved until it is forgotten: nobody knows whether that
    request made something, and making it twice would be worse. Raises KeyReused, KeyBusy or AnswerForgotten.
    """
    _forget_old()
    kept, is_new = _reserved(user, key, request_sha256)
    if is_new:
        return None
    if kept.request_sha256 != request_sha256:
        raise KeyReused("This idempotency key belongs to another request. Send this one with its own.")
    if kept.status is None:
        raise KeyBusy(
            "The first request with this idempotency key has not been answered yet. Ask again in a moment; "
            "if it stays so, look whether the thing was made before sending it with a new key."
        )
    if kept.body is None:
        raise AnswerForgotten(
            "This request was done before. Its answer is kept no longer: what you may see has changed since."
        )
    return KeptAnswer(kept.status, kept.body)


def forget_answers(user_ids: Iterable[int]) -> None:
    """Forget what these people were answered, in the running transaction; what was done is not done twice.

    For whoever leaves a desk, or may see it no longer: an answer may hold what they may not read any more.
    """
    IdempotencyKey.objects.filter(user__in=list(user_ids), status__isnull=False).update(body=None)


@transaction.atomic(durable=True)
def finish(user: User, key: str, answer: KeptAnswer) -> None:
    """Keep the answer for the next request with this key."""
    IdempotencyKey.objects.filter(user=user, key=key).update(status=answer.status, body=answer.body)


@transaction.atomic(durable=True)
def give_up(user: User, key: str) -> None:
    """Free a key whose request was refused and so has made nothing."""
    IdempotencyKey.objects.filter(user=user, key=key, status__isnull=True).delete()


def _reserved(user: User, key: str, request_sha256: str) -> tuple[IdempotencyKey, bool]:
    # A refused request frees its key. That can be just when the key was found taken and is about to be read.
    for _ in range(_TRIES):
        with suppress(IntegrityError):
            return IdempotencyKey.objects.get_or_create(
                user=user, key=key, defaults={"request_sha256": request_sha256}
            )
    raise KeyBusy("Other requests with this idempotency key are being refused just now. Send it again.")


def _forget_old() -> None:
    # Each new key removes a few old ones: more go than come, and no request pays for many.
    old = IdempotencyKey.objects.filter(created_at__lt=Now() - KEPT_FOR)
    few = old.select_for_update(skip_locked=True).values("pk")[:_SWEEP_AT_ONCE]
    IdempotencyKey.objects.filter(pk__in=few).delete()
