"""Which devices and sessions belong to a person."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from annotations.models import Device, Session, User


@dataclass(frozen=True)
class OpenSession:
    """A place where a person is signed in; `handle` names it without opening it."""

    handle: str
    device: str
    signed_in_at: datetime | None
    is_this: bool


def device_hash(key: str) -> str:
    """Return what is kept of a device's cookie, which has 256 random bits and needs no salt."""
    return hashlib.sha256(key.encode()).hexdigest()


def is_known_device(username: str, key: str) -> bool:
    """Return whether the person of this user name has signed in with this device's cookie: one query."""
    known = Device.objects.filter(user__username__iexact=username, key_sha256=device_hash(key))
    return bool(key) and known.exists()


def session_handle(session_key: str) -> str:
    """Return a name for a session that gives nobody the session."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:32]


def sessions_of(user: User, *, this: str | None) -> list[OpenSession]:
    """Return where the person is signed in, newest first: one query. `this` is the key of one session."""
    live = Session.objects.filter(user=user, expire_date__gt=timezone.now()).order_by("-signed_in_at")
    return [
        OpenSession(session_handle(row.session_key), row.device, row.signed_in_at, row.session_key == this)
        for row in live
    ]
