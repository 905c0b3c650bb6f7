"""Sessions in the database, each with its person, so that people can see and end their own.

`SESSION_ENGINE` names this module.
"""

from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

DEVICE_KEY = "device"
SIGNED_IN_KEY = "signed_in_at"


class Session(AbstractBaseSession):
    """What a browser with the session's cookie is signed in as. The columns repeat what the data says."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="sessions"
    )
    device = models.CharField(max_length=60, blank=True)
    signed_in_at = models.DateTimeField(null=True)

    @classmethod
    def get_session_store_class(cls) -> "type[SessionStore]":
        """Return the store that reads and writes these rows."""
        return SessionStore


class SessionStore(DatabaseStore):
    """Django's store of sessions in the database, on our own table."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return the table."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Return the row of a session, with the person that its data names."""
        row = cast(Session, super().create_model_instance(data))
        row.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        row.device = data.get(DEVICE_KEY, "")
        row.signed_in_at = datetime.fromisoformat(data[SIGNED_IN_KEY]) if SIGNED_IN_KEY in data else None
        return row
