"""What workers do when woken. Each task reads its row, does the work and leaves the rest to the row.

Arguments are keys alone. Every task may run twice, late or never: the sweep sees to the last.
"""

from typing import Any

from celery import shared_task
from celery.signals import task_postrun, task_prerun

from annotations import jobs
from annotations.workflow import (
    beating,
    fetch_running,
    fetch_sweeping,
    loading,
    proof_keeping,
    reporting,
    stamping,
    watching,
    witnessing,
)

# After this long a worker hands what is left on, so that other tasks get their turn.
FETCH_SECONDS = 10.0

_pulses: dict[str, beating.Pulse] = {}


@task_prerun.connect
def begin_the_pulse(task_id: str, task: Any, **_: Any) -> None:
    """Let the worker show that it is at work for as long as a task runs."""
    pulse = _pulses[task_id] = beating.Pulse(str(task.request.hostname))
    pulse.start()


@task_postrun.connect
def end_the_pulse(task_id: str, **_: Any) -> None:
    """End what was begun for the task, however the task ended."""
    pulse = _pulses.pop(task_id, None)
    if pulse is not None:
        pulse.stop()


@shared_task(name=jobs.FETCH_REFERENCE, bind=True)
def fetch_reference(self: Any, /, **_: Any) -> None:
    """Fetch whatever is due, for a while."""
    if fetch_running.run_due(worker=str(self.request.hostname), seconds=FETCH_SECONDS):
        jobs.wake(jobs.FETCH_REFERENCE)


@shared_task(name=jobs.COMPLETE_LOADING)
def complete_loading(*, document_id: int, **_: Any) -> None:
    """Turn a fetched page into the article it was fetched for."""
    loading.complete_loading(document_id)


@shared_task(name=jobs.BUILD_REPORT)
def build_report(*, report_id: int, **_: Any) -> None:
    """Freeze the rows of a report."""
    reporting.build_report(report_id)


@shared_task(name=jobs.KEEP_MANIFESTS)
def keep_manifests(*, desk_id: int, **_: Any) -> None:
    """Write what a desk stated as files."""
    proof_keeping.keep_manifests(desk_id)


@shared_task(name=jobs.ASK_STAMP)
def ask_stamp(*, stamp_id: int, **_: Any) -> None:
    """Ask an authority for a time stamp."""
    stamping.ask(stamp_id)


@shared_task(name=jobs.SWEEP_PROOFS)
def sweep_proofs(**_: Any) -> None:
    """Keep what was stated and not kept yet, gather it for time stamps, and ask for those that are due."""
    proof_keeping.sweep()
    stamping.sweep()


@shared_task(name=jobs.ASK_WITNESS)
def ask_witness(*, witness_id: int, **_: Any) -> None:
    """Ask another archive once for its copy of a page."""
    witnessing.ask_witness(witness_id)


@shared_task(name=jobs.WATCH)
def watch(**_: Any) -> None:
    """Look again at pages that verdicts lean on."""
    watching.keep_watch()


@shared_task(name=jobs.SWEEP)
def sweep(**_: Any) -> None:
    """Wake whatever is due and was left behind."""
    fetch_sweeping.sweep()
    witnessing.sweep_witnesses()
    for report_id in reporting.queued_reports():
        jobs.wake(jobs.BUILD_REPORT, report_id=report_id)


@shared_task(name=jobs.HEARTBEAT, bind=True)
def heartbeat(self: Any, /, **_: Any) -> None:
    """Say that this worker makes progress."""
    beating.beat(name=str(self.request.hostname))
