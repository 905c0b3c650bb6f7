"""What workers do when woken. Each task reads its row, does the work and leaves the rest to the row.

Arguments are keys alone. Every task may run twice, late or never: the sweep sees to the last.
"""

from typing import Any

from celery import shared_task
from celery.signals import task_postrun, task_prerun

from annotations import jobs
from annotations.workflow.documents import load
from annotations.workflow.fetches import run, watch_schedule
from annotations.workflow.fetches import sweep as fetch_sweep
from annotations.workflow.heartbeat import TaskHeartbeat, beat
from annotations.workflow.proof import manifest_files, other_archives, timestamps
from annotations.workflow.reports import freeze

# After this long a worker hands what is left on, so that other tasks get their turn.
FETCH_SECONDS = 10.0

_heartbeats: dict[str, TaskHeartbeat] = {}


@task_prerun.connect
def start_heartbeat(task_id: str, task: Any, **_: Any) -> None:
    """Let the worker show that it is at work for as long as a task runs."""
    pulse = _heartbeats[task_id] = TaskHeartbeat(str(task.request.hostname))
    pulse.start()


@task_postrun.connect
def stop_heartbeat(task_id: str, **_: Any) -> None:
    """End what was begun for the task, however the task ended."""
    pulse = _heartbeats.pop(task_id, None)
    if pulse is not None:
        pulse.stop()


@shared_task(name=jobs.FETCH_REFERENCE, bind=True)
def fetch_reference(self: Any, /, **_: Any) -> None:
    """Fetch whatever is due, for a while."""
    if run.run_due(worker=str(self.request.hostname), seconds=FETCH_SECONDS):
        jobs.wake(jobs.FETCH_REFERENCE)


@shared_task(name=jobs.COMPLETE_LOADING)
def complete_loading(*, document_id: int, **_: Any) -> None:
    """Turn a fetched page into the article it was fetched for."""
    load.complete_loading(document_id)


@shared_task(name=jobs.BUILD_REPORT)
def build_report(*, report_id: int, **_: Any) -> None:
    """Freeze the rows of a report."""
    freeze.build_report(report_id)


@shared_task(name=jobs.KEEP_MANIFESTS)
def keep_manifests(*, desk_id: int, **_: Any) -> None:
    """Write what a desk stated as files."""
    manifest_files.keep_manifests(desk_id)


@shared_task(name=jobs.ASK_STAMP, bind=True)
def ask_stamp(self: Any, /, *, stamp_id: int, **_: Any) -> None:
    """Ask an authority for a time stamp."""
    timestamps.ask(stamp_id, worker=str(self.request.hostname))


@shared_task(name=jobs.SWEEP_PROOFS)
def sweep_proofs(**_: Any) -> None:
    """Keep what was stated and not kept yet, gather it for time stamps, and ask for those that are due."""
    manifest_files.sweep()
    timestamps.sweep()


@shared_task(name=jobs.ASK_WITNESS, bind=True)
def ask_witness(self: Any, /, *, witness_id: int, **_: Any) -> None:
    """Ask another archive once for its copy of a page."""
    other_archives.ask_witness(witness_id, worker=str(self.request.hostname))


@shared_task(name=jobs.WATCH)
def watch(**_: Any) -> None:
    """Look again at pages that verdicts lean on."""
    watch_schedule.keep_watch()


@shared_task(name=jobs.SWEEP)
def sweep(**_: Any) -> None:
    """Wake whatever is due and was left behind."""
    fetch_sweep.sweep()
    other_archives.sweep_witnesses()
    for report_id in freeze.queued_reports():
        jobs.wake(jobs.BUILD_REPORT, report_id=report_id)


@shared_task(name=jobs.HEARTBEAT, bind=True)
def heartbeat(self: Any, /, **_: Any) -> None:
    """Say that this worker makes progress."""
    beat(name=str(self.request.hostname))
