"""What workers do when woken. Each task reads its row, does the work and leaves the rest to the row.

Arguments are keys alone. Every task may run twice, late or never: the sweep sees to the last.
"""

import time
from typing import Any

from celery import shared_task

from annotations import jobs
from annotations.workflow import beating, fetch_running, fetch_sweeping, loading, reporting

# A worker goes on with the waiting jobs of the same host, one after another, but not for so long
# that its task meets the time limit.
CHAIN_SECONDS = 100.0


@shared_task(name=jobs.FETCH_REFERENCE, bind=True)
def fetch_reference(self: Any, /, *, job_id: int, **_: Any) -> None:
    """Run a fetch, and after a polite pause the next one that waits for the same host."""
    begun = time.monotonic()
    following = fetch_running.run_fetch(job_id, worker=str(self.request.hostname))
    while following is not None:
        if time.monotonic() - begun > CHAIN_SECONDS:
            jobs.wake(jobs.FETCH_REFERENCE, job_id=following.job_id)
            return
        time.sleep(following.wait_seconds)
        following = fetch_running.run_fetch(following.job_id, worker=str(self.request.hostname))


@shared_task(name=jobs.COMPLETE_LOADING)
def complete_loading(*, document_id: int, **_: Any) -> None:
    """Turn a fetched page into the article it was fetched for."""
    loading.complete_loading(document_id)


@shared_task(name=jobs.BUILD_REPORT)
def build_report(*, report_id: int, **_: Any) -> None:
    """Freeze the rows of a report."""
    reporting.build_report(report_id)


@shared_task(name=jobs.SWEEP)
def sweep(**_: Any) -> None:
    """Wake whatever is due and was left behind."""
    fetch_sweeping.sweep()
    for report_id in reporting.queued_reports():
        jobs.wake(jobs.BUILD_REPORT, report_id=report_id)


@shared_task(name=jobs.HEARTBEAT, bind=True)
def heartbeat(self: Any, /, **_: Any) -> None:
    """Say that this worker makes progress."""
    beating.beat(name=str(self.request.hostname))
