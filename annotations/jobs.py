"""Wake background work. A message is only a hint: the rows are the truth, and the sweep finds whatever a lost
message left behind."""

import logging
import time

from celery import current_app
from django.db import transaction
from kombu.exceptions import KombuError

FETCH_REFERENCE = "annotations.fetch_reference"
COMPLETE_LOADING = "annotations.complete_loading"
BUILD_REPORT = "annotations.build_report"
KEEP_MANIFESTS = "annotations.keep_manifests"
ASK_ARCHIVE = "annotations.ask_witness"
WATCH = "annotations.watch"
SWEEP = "annotations.sweep"
ASK_STAMP = "annotations.ask_stamp"
SWEEP_PROOFS = "annotations.sweep_proofs"
HEARTBEAT = "annotations.heartbeat"

# After the broker has failed to take a hint, no hint is sent for this long. A page that wakes fifty fetches
# must not wait fifty times for a broker that is gone.
SILENCE_SECONDS = 5.0

logger = logging.getLogger(__name__)


class _Silence:
    until = 0.0


def wake(name: str, **ids: int) -> None:
    """Send a hint to run the task `name` once the running transaction has committed.

    Outside a transaction the hint is sent at once. Never raises, and never holds up a page for longer than
    the publish timeouts, whatever state the broker is in. The sweep does what a lost hint asked for.
    """
    transaction.on_commit(lambda: _send(name, ids))


def _send(name: str, ids: dict[str, int]) -> None:
    if time.monotonic() < _Silence.until:
        return
    try:
        current_app.send_task(name, kwargs=ids, ignore_result=True)
    except (KombuError, OSError) as error:
        _Silence.until = time.monotonic() + SILENCE_SECONDS
        logger.warning("the broker took no hint for %s %s: %s", name, ids, error)
