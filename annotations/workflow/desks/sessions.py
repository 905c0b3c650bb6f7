"""Where people are signed in: note a device, end sessions."""

import secrets

from django.db import transaction
from django.db.models.functions import Now

from annotations.domain.activity import Verb
from annotations.domain.errors import Missing
from annotations.models import Device, Session, User
from annotations.queries.desks.devices import device_hash, session_handle
from annotations.workflow.desks.rows import log_everywhere


@transaction.atomic(durable=True)
def note_device(user: User, *, key: str, words: str) -> str:
    """Note that the person signed in on the device with this cookie, and return the cookie for it.

    The first time of a person on a device is a line on the log of each of their desks. A cookie that no
    sign-in ever gave out is replaced, so that nobody can plant one that they know.
    """
    known = key if key and Device.objects.filter(key_sha256=device_hash(key)).exists() else ""
    given = known or secrets.token_urlsafe(32)
    device, is_new = Device.objects.get_or_create(
        user=user, key_sha256=device_hash(given), defaults={"words": words}
    )
    if is_new:
        log_everywhere(
            Verb.SIGNED_IN_ON_NEW_DEVICE,
            user,
            by=user,
            object_type="device",
            object_id=device.pk,
            details={"device": words},
        )
    else:
        Device.objects.filter(pk=device.pk).update(last_seen_at=Now(), words=words)
    return given


@transaction.atomic(durable=True)
def end_session(handle: str, *, by: User) -> None:
    """Sign the person out in one place, named as the account page names it. Raises Missing."""
    keys = [key for key in _keys_of(by) if session_handle(key) == handle]
    if not keys:
        raise Missing("You are not signed in there any more.")
    Session.objects.filter(session_key__in=keys).delete()


@transaction.atomic(durable=True)
def end_other_sessions(*, by: User, keep: str | None) -> int:
    """Sign the person out everywhere but in the session with the key `keep`; returns how many ended."""
    ended, _ = Session.objects.filter(user=by).exclude(session_key=keep).delete()
    return ended


def _keys_of(user: User) -> list[str]:
    return list(Session.objects.filter(user=user).values_list("session_key", flat=True))
