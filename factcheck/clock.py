"""The clock: Celery's scheduler, which also shows that it goes."""

import socket
import time
from typing import Any

import structlog
from celery.beat import PersistentScheduler
from django.db import DatabaseError, connection

from annotations.domain.background import BackgroundPart
from annotations.workflow.heartbeat import EVERY_SECONDS, beat

log = structlog.get_logger(__name__)


class Clock(PersistentScheduler):
    """Sends the tasks of `CELERY_BEAT_SCHEDULE`, and gives a sign of life every five seconds.

    A database that is away does not stop it.
    """

    _shown_at = float("-inf")

    def tick(self, *args: Any, **named: Any) -> float:
        """Send what is due; return the seconds until the next look."""
        wait = super().tick(*args, **named)
        now = time.monotonic()
        if now - self._shown_at >= EVERY_SECONDS:
            self._shown_at = now
            try:
                beat(name=f"{BackgroundPart.CLOCK}@{socket.gethostname()}", part=BackgroundPart.CLOCK)
            except DatabaseError as away:
                log.warning("no sign of life could be written", reason=str(away))
                connection.close()
        return min(wait, EVERY_SECONDS)
