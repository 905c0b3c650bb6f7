"""A worker's signs of life: after each small task, and every few seconds of a long one."""

import logging
from datetime import timedelta
from threading import Event, Thread

from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now

from annotations.models import WorkerHeartbeat

FORGOTTEN_AFTER = timedelta(days=1)
# As often as the clock asks idle workers; pages take three times this for silence.
EVERY_SECONDS = 5.0

logger = logging.getLogger(__name__)


@transaction.atomic(durable=True)
def beat(*, name: str) -> None:
    """Write that the worker `name` has just finished a task or is at one, by the database's clock.

    Workers silent for a day are forgotten: containers come with new names.
    """
    WorkerHeartbeat.objects.bulk_create(
        [WorkerHeartbeat(name=name[:200], beat_at=Now())],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["beat_at"],
    )
    WorkerHeartbeat.objects.filter(beat_at__lt=Now() - FORGOTTEN_AFTER).delete()


class TaskHeartbeat:
    """Beats for the worker `name` while one task runs, from a thread of the process that runs it.

    Where slow sites fill all slots of a worker, no task of the clock gets a turn, yet the worker is at
    work. The pulse ends with the task, with its process, and with the task's time limit, which kills a
    stuck process. A task shorter than `every` seconds costs no query.
    """

    def __init__(self, name: str, *, every: float = EVERY_SECONDS) -> None:
        self._name = name
        self._every = every
        self._over = Event()
        self._thread = Thread(target=self._go_on, name="pulse", daemon=True)

    def start(self) -> None:
        """Begin; the first beat comes after `every` seconds."""
        self._thread.start()

    def stop(self) -> None:
        """End; returns once no beat can follow."""
        self._over.set()
        self._thread.join()

    def _go_on(self) -> None:
        # The connection is this thread's own: the task may be in the middle of a transaction on its own.
        try:
            while not self._over.wait(self._every):
                self._beat()
        finally:
            connection.close()

    def _beat(self) -> None:
        try:
            beat(name=self._name)
        except DatabaseError as away:
            # A restart of the database ends no task; the next beat connects anew.
            logger.warning("no sign of life could be written: %s", away)
            connection.close()
