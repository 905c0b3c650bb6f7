"""What workers do when they are woken. Each task reads its row, does the work and writes the result there.

The arguments are only keys. Every task may run twice, late or not at all; the sweep takes care of the last.
"""

from typing import Any

from celery import shared_task
from celery.signals import task_postrun, task_prerun

from annotations import jobs
from annotations.domain.background import BackgroundPart
from annotations.workflow.documents import load
from annotations.workflow.fetches import run, watch_schedule
from annotations.workflow.fetches import sweep as fetch_sweep
from annotations.workflow.heartbeat import TaskHeartbeat, beat
from annotations.workflow.proof import manifest_files, other_archives, timestamps
from annotations.workflow.reports import freeze

# After this long a worker leaves the rest to the next task, so that other tasks get their turn.
FETCH_SECONDS = 10.0

_heartbeats: dict[str, TaskHeartbeat] = {}


@task_prerun.connect
def start_heartbeat(task_id: str, task: Any, **_: Any) -> None:
    """Let the worker show that it is at work for as long as a task runs."""
    heartbeat_of_task = _heartbeats[task_id] = TaskHeartbeat(str(task.request.hostname), _part(task.request))
    heartbeat_of_task.start()


@task_postrun.connect
def stop_heartbeat(task_id: str, **_: Any) -> None:
    """Stop the heartbeat of the task, however the task ended."""
    heartbeat_of_task = _heartbeats.pop(task_id, None)
    if heartbeat_of_task is not None:
        heartbeat_of_task.stop()


@shared_task(name=jobs.FETCH_REFERENCE, bind=True)
def fetch_reference(self: Any, /, **_: Any) -> None:
    """Fetch whatever is due, for a while."""
    if run.run_due(worker=str(self.request.hostname), seconds=FETCH_SECONDS):
        jobs.wake(jobs.FETCH_REFERENCE)


@shared_task(name=jobs.COMPLETE_LOADING)
def complete_loading(*, document_id: int, **_: Any) -> None:
    """Make the article for which a page was fetched."""
    load.complete_loading(document_id)


@shared_task(name=jobs.BUILD_REPORT)
def build_report(*, report_id: int, **_: Any) -> None:
    """Freeze the rows of a report."""
    freeze.build_report(report_id)


@shared_task(name=jobs.KEEP_MANIFESTS)
def keep_manifests(*, desk_id: int, **_: Any) -> None:
    """Write the manifests of a desk as files."""
    manifest_files.keep_manifests(desk_id)


@shared_task(name=jobs.ASK_STAMP, bind=True)
def ask_stamp(self: Any, /, *, stamp_id: int, **_: Any) -> None:
    """Ask an authority for a time stamp."""
    timestamps.ask(stamp_id, worker=str(self.request.hostname))


@shared_task(name=jobs.SWEEP_PROOFS)
def sweep_proofs(**_: Any) -> None:
    """Write manifests that are not files yet, gather them for time stamps, and wake the stamps due."""
    manifest_files.sweep()
    timestamps.sweep()


@shared_task(name=jobs.ASK_ARCHIVE, bind=True)
def ask_archive(self: Any, /, *, witness_id: int, **_: Any) -> None:
    """Ask another archive once for its copy of a page."""
    other_archives.ask_archive(witness_id, worker=str(self.request.hostname))


@shared_task(name=jobs.WATCH)
def watch(**_: Any) -> None:
    """Order checks of the pages on which verdicts rest."""
    watch_schedule.keep_watch()


@shared_task(name=jobs.SWEEP)
def sweep(**_: Any) -> None:
    """Take back what lost workers left behind, and wake whatever is due."""
    fetch_sweep.sweep()
    other_archives.sweep()
    for report_id in freeze.queued_reports():
        jobs.wake(jobs.BUILD_REPORT, report_id=report_id)


@shared_task(name=jobs.HEARTBEAT, bind=True)
def heartbeat(self: Any, /, **_: Any) -> None:
    """Show that this worker makes progress."""
    beat(name=str(self.request.hostname), part=_part(self.request))


def _part(request: Any) -> BackgroundPart:
    """Return the part that took the task, by the queue it came from."""
    queue = (request.delivery_info or {}).get("routing_key")
    return BackgroundPart.FETCHER if queue == BackgroundPart.FETCHER else BackgroundPart.WORKER
