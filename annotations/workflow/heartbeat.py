"""The heartbeat of the parts that work in the background.

A worker beats when the clock asks it, and every few seconds during a long task; the clock when it ticks.
"""

import logging
from datetime import timedelta
from threading import Event, Thread

from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now

from annotations.domain.background import BackgroundPart
from annotations.models import WorkerHeartbeat

FORGOTTEN_AFTER = timedelta(days=1)
# The clock asks idle workers as often; pages call a worker silent after three times this.
EVERY_SECONDS = 5.0

logger = logging.getLogger(__name__)


@transaction.atomic(durable=True)
def beat(*, name: str, part: BackgroundPart = BackgroundPart.WORKER) -> None:
    """Write, by the database's clock, that `name` makes progress as this part of the copy.

    Forgets whoever has been silent for a day, since each container has a new name.
    """
    # One row for each name and part: old code beside this one still relies on names that are unique.
    kept = name if name.startswith(f"{part}@") else f"{name[:180]} ({part})"
    WorkerHeartbeat.objects.bulk_create(
        [WorkerHeartbeat(name=kept[:200], part=part, beat_at=Now())],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["beat_at", "part"],
    )
    WorkerHeartbeat.objects.filter(beat_at__lt=Now() - FORGOTTEN_AFTER).delete()


class TaskHeartbeat:
    """Beats for the worker `name` of a queue while one task runs, from a thread of its process.

    When slow sites fill all slots of a worker, it runs no task of the clock, yet it is at work. The
    heartbeat ends with the task, with its process, and with the task's time limit, which kills a stuck
    process. A task shorter than `every` seconds costs no query.
    """

    def __init__(
        self, name: str, part: BackgroundPart = BackgroundPart.WORKER, *, every: float = EVERY_SECONDS
    ) -> None:
        self._name = name
        self._part = part
        self._every = every
        self._stopped = Event()
        self._thread = Thread(target=self._beat_until_stopped, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Begin; the first beat comes after `every` seconds."""
        self._thread.start()

    def stop(self) -> None:
        """End; returns once no beat can follow."""
        self._stopped.set()
        self._thread.join()

    def _beat_until_stopped(self) -> None:
        # This thread has its own connection: the task may be inside a transaction on the other one.
        try:
            while not self._stopped.wait(self._every):
                self._beat()
        finally:
            connection.close()

    def _beat(self) -> None:
        try:
            beat(name=self._name, part=self._part)
        except DatabaseError as away:
            # A restart of the database must not end the task; the next beat connects again.
            logger.warning("no sign of life could be written: %s", away)
            connection.close()
