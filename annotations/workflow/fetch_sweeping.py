"""Fetches people ask for again or call off, and the sweep that finds what was left behind."""

from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Now
from django.utils import timezone

from annotations.domain.errors import Missing, WrongState
from annotations.domain.fetch_outcomes import next_try
from annotations.domain.roles import Action
from annotations.domain.states import FetchState
from annotations.jobs import COMPLETE_LOADING, FETCH_REFERENCE, wake
from annotations.models import Document, FetchJob, LoadingState, Reference, User
from annotations.permissions import check_can
from annotations.workflow.fetch_orders import OPEN_JOB, order_new_fetch
from annotations.workflow.recording import record

WOKEN_AT_ONCE = 200
RECOVERED_AT_ONCE = 500
# A worker that was killed is no fault of the page, so the first two times the job starts again at once.
FREE_RECOVERIES = 2


class FetchRunning(WrongState):
    """The page is being fetched at this moment."""

    code = "fetch_running"


class NothingToCancel(WrongState):
    """No fetch of this source is queued or running."""

    code = "nothing_to_cancel"


class NotFetchable(WrongState):
    """The source is an uploaded file, which has no address."""

    code = "not_fetchable"


@dataclass(frozen=True)
class Swept:
    """What a sweep found: how many leases had lapsed, how many jobs and articles it woke."""

    recovered: int
    woken: int
    articles: int


@transaction.atomic(durable=True)
def retry_fetch(reference_id: int, *, by: User) -> FetchJob:
    """Fetch a source again now, whether it failed, waits for its next try or was fetched before.

    What was kept stays. Raises Missing, NotAllowed, NotFetchable or FetchRunning.
    """
    reference = _locked(reference_id, by)
    if reference.is_file:
        raise NotFetchable("This source is an uploaded file, so there is no page to fetch.")
    if FetchJob.objects.filter(reference=reference, state=FetchState.FETCHING.value).exists():
        raise FetchRunning("This page is being fetched right now. Wait a moment.")
    job = order_new_fetch(reference, by)
    _record("retried_fetch", reference, by)
    return job


@transaction.atomic(durable=True)
def cancel_fetch(reference_id: int, *, by: User) -> None:
    """Call off the queued or running fetch of a source; a worker that is at it writes nothing any more.

    Raises Missing, NotAllowed or NothingToCancel.
    """
    reference = _locked(reference_id, by)
    job = FetchJob.objects.select_for_update().filter(reference=reference, state__in=OPEN_JOB).first()
    if job is None:
        raise NothingToCancel("No fetch of this source is under way.")
    job.state, job.finished_at, job.next_attempt_at = FetchState.CANCELLED.value, timezone.now(), None
    job.lease_until, job.lease_owner = None, ""
    job.save()
    reference.fetch_state, reference.fetch_next_at = FetchState.CANCELLED.value, None
    reference.save(update_fields=["fetch_state", "fetch_next_at"])
    if job.document_id is not None:
        wake(COMPLETE_LOADING, document_id=job.document_id)
    _record("cancelled_fetch", reference, by)


def sweep() -> Swept:
    """Take back jobs whose worker vanished and wake what is due. Safe at any time, and twice at once."""
    recovered = _recover_lapsed()
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
    now = timezone.now()
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
        reference = references[job.reference_id]
        reference.fetch_state, reference.fetch_code, reference.fetch_next_at = job.state, "worker_lost", again
        reference.save(update_fields=["fetch_state", "fetch_code", "fetch_next_at"])
        if not again and job.document_id is not None:
            wake(COMPLETE_LOADING, document_id=job.document_id)
    return len(jobs)


@transaction.atomic(durable=True)
def _wake_due(recovered: int) -> Swept:
    with connection.cursor() as cursor:
        # One job a host: whoever runs it goes on with the others of that host, one after another.
        cursor.execute(
            """
            SELECT DISTINCT ON (due.host) due.id
            FROM annotations_fetchjob due
            WHERE due.state = 'queued' AND due.next_attempt_at <= statement_timestamp()
                AND NOT EXISTS (
                    SELECT 1 FROM annotations_fetchjob busy
                    WHERE busy.host = due.host AND busy.state = 'fetching'
                        AND busy.lease_until > statement_timestamp()
                )
            ORDER BY due.host, due.next_attempt_at, due.id
            LIMIT %s
            """,
            [WOKEN_AT_ONCE],
        )
        due = [row[0] for row in cursor.fetchall()]
    for job_id in due:
        wake(FETCH_REFERENCE, job_id=job_id)
    newest = FetchJob.objects.filter(document=OuterRef("pk")).order_by("-pk")
    arrived = list(
        Document.objects.filter(loading_state=LoadingState.LOADING.value)
        .alias(job_state=Subquery(newest.values("state")[:1]))
        .exclude(job_state__in=OPEN_JOB)
        .order_by("pk")
        .values_list("pk", flat=True)[:WOKEN_AT_ONCE]
    )
    for document_id in arrived:
        wake(COMPLETE_LOADING, document_id=document_id)
    return Swept(recovered=recovered, woken=len(due), articles=len(arrived))


def _locked(reference_id: int, by: User) -> Reference:
    reference = Reference.objects.select_for_update(of=("self",), no_key=True).filter(pk=reference_id).first()
    if reference is None:
        raise Missing("There is no such source, or it belongs to a desk you are not a member of.")
    check_can(by, Action.ATTACH_SOURCE, reference.desk_id)
    return reference


def _record(verb: str, reference: Reference, by: User) -> None:
    record(
        verb,
        desk_id=reference.desk_id,
        by=by,
        object_type="reference",
        object_id=reference.pk,
        details={"source": str(reference)[:300]},
    )
