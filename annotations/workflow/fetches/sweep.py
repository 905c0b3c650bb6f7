"""Find what was left behind: lapsed leases, due jobs, and articles whose page has arrived."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import OuterRef, Subquery

from annotations.domain.fetches.outcomes import next_try
from annotations.domain.fetches.states import FetchState
from annotations.jobs import COMPLETE_LOADING, FETCH_REFERENCE, wake
from annotations.models import Document, FetchJob, LoadingState, Reference
from annotations.workflow.captures.fetch_results import show_fetch
from annotations.workflow.fetches.enqueue import OPEN_JOB
from annotations.workflow.fetches.lease import add_missing_hosts, count_hosts_due
from annotations.workflow.leased_jobs import lapsed, take_back

ARTICLES_AT_ONCE = 200
# As many as there may be idle workers; each goes on with whatever is due.
WOKEN_AT_ONCE = 64
RECOVERED_AT_ONCE = 500
LOST = "worker_lost"


@dataclass(frozen=True)
class Swept:
    """What a sweep did: how many lapsed jobs it took back, and how many workers and articles it woke."""

    recovered: int
    woken: int
    articles: int


def sweep() -> Swept:
    """Take back jobs whose worker was lost, and wake what is due. Safe at any time, and twice at once."""
    recovered = _recover_lapsed()
    add_missing_hosts()
    return _wake_due(recovered)


@transaction.atomic(durable=True)
def _recover_lapsed() -> int:
    # References are locked before their jobs, as everywhere. A job that is just being ended is skipped.
    silent = lapsed(FetchJob)
    wanted = list(silent.order_by("reference_id").values_list("reference_id", flat=True)[:RECOVERED_AT_ONCE])
    references = {
        row.pk: row
        for row in Reference.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .filter(pk__in=wanted)
        .order_by("pk")
    }
    jobs = take_back(
        silent.filter(reference__in=references),
        code=LOST,
        failed=FetchState.FAILED.value,
        next_try=_next_try,
    )
    for job in jobs:
        show_fetch(references[job.reference_id], job)
        if job.state == FetchState.FAILED and job.document_id is not None:
            wake(COMPLETE_LOADING, document_id=job.document_id)
    return len(jobs)


def _next_try(job: FetchJob, now: datetime) -> datetime | None:
    return next_try(LOST, tries_made=job.attempt, first_asked=job.first_tried_at or now, now=now)


@transaction.atomic(durable=True)
def _wake_due(recovered: int) -> Swept:
    # Send one hint for each host that can be asked now: more fetches than that cannot run side by side.
    woken = min(count_hosts_due(), WOKEN_AT_ONCE)
    for _ in range(woken):
        wake(FETCH_REFERENCE)
    newest = FetchJob.objects.filter(document=OuterRef("pk")).order_by("-pk")
    arrived = list(
        Document.objects.filter(loading_state=LoadingState.LOADING.value)
        .alias(job_state=Subquery(newest.values("state")[:1]))
        .exclude(job_state__in=OPEN_JOB)
        .order_by("pk")
        .values_list("pk", flat=True)[:ARTICLES_AT_ONCE]
    )
    for document_id in arrived:
        wake(COMPLETE_LOADING, document_id=document_id)
    return Swept(recovered=recovered, woken=woken, articles=len(arrived))
