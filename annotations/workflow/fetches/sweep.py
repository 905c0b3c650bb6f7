"""The sweep that finds what was left behind: lapsed leases, due jobs, articles whose page has arrived."""

from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Now

from annotations.domain.fetches.outcomes import next_try
from annotations.domain.fetches.states import FetchState
from annotations.jobs import COMPLETE_LOADING, FETCH_REFERENCE, wake
from annotations.models import Document, FetchJob, LoadingState, Reference
from annotations.workflow.captures.fetch_results import show_fetch
from annotations.workflow.fetches.enqueue import OPEN_JOB
from annotations.workflow.fetches.lease import add_missing_hosts, database_time

ARTICLES_AT_ONCE = 200
# As many workers as may be idle; each goes on with whatever is due.
WOKEN_AT_ONCE = 64
RECOVERED_AT_ONCE = 500
# A worker that was killed is no fault of the page, so the first two times the job starts again at once.
FREE_RECOVERIES = 2


@dataclass(frozen=True)
class Swept:
    """What a sweep found: how many leases had lapsed, how many workers and articles it woke."""

    recovered: int
    woken: int
    articles: int


def sweep() -> Swept:
    """Take back jobs whose worker vanished and wake what is due. Safe at any time, and twice at once."""
    recovered = _recover_lapsed()
    add_missing_hosts()
    return _wake_due(recovered)


@transaction.atomic(durable=True)
def _recover_lapsed() -> int:
    # The references are locked before their jobs, as everywhere; a job that ends meanwhile is skipped.
    lapsed = FetchJob.objects.filter(state=FetchState.FETCHING.value, lease_until__lt=Now())
    wanted = list(lapsed.order_by("reference_id").values_list("reference_id", flat=True)[:RECOVERED_AT_ONCE])
    references = {
        row.pk: row
        for row in Reference.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .filter(pk__in=wanted)
        .order_by("pk")
    }
    jobs = list(lapsed.select_for_update(of=("self",)).filter(reference__in=references))
    now = database_time()
    for job in jobs:
        first = job.first_tried_at or now
        again = (
            now
            if job.attempt <= FREE_RECOVERIES
            else next_try("worker_lost", tries_made=job.attempt, first_asked=first, now=now)
        )
        job.error_code, job.lease_until, job.lease_owner = "worker_lost", None, ""
        job.next_attempt_at = again
        job.state = (FetchState.QUEUED if again else FetchState.FAILED).value
        job.finished_at = None if again else now
        job.save()
        show_fetch(references[job.reference_id], job)
        if not again and job.document_id is not None:
            wake(COMPLETE_LOADING, document_id=job.document_id)
    return len(jobs)


@transaction.atomic(durable=True)
def _wake_due(recovered: int) -> Swept:
    with connection.cursor() as cursor:
        # One hint for each host that can be asked now: more fetches than that cannot run side by side.
        cursor.execute(
            """
            SELECT count(DISTINCT due.host)
            FROM annotations_fetchjob due JOIN annotations_host host ON host.name = due.host
            WHERE due.state = 'queued' AND due.next_attempt_at <= statement_timestamp()
                AND host.free_at <= statement_timestamp()
                AND (host.busy_until IS NULL OR host.busy_until <= statement_timestamp())
                AND (host.open_until IS NULL OR host.open_until <= statement_timestamp())
            """
        )
        [hosts] = cursor.fetchone()
    woken = min(hosts, WOKEN_AT_ONCE)
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
