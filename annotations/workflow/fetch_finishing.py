"""Write what came of an attempt: once, and only by the worker whose attempt it still is."""

import logging

from django.db import transaction
from django.utils import timezone

from annotations.domain.fetch_outcomes import next_try, outcome
from annotations.domain.states import FetchState
from annotations.jobs import COMPLETE_LOADING, wake
from annotations.models import Evidence, FetchJob, Reference
from annotations.workflow.captures import plain
from annotations.workflow.fetch_claiming import Ticket
from annotations.workflow.fetch_results import (
    KeptPage,
    Result,
    adopt,
    code_of,
    retry_after_of,
    store_capture,
)
from annotations.workflow.recording import activity, record_all

logger = logging.getLogger(__name__)


@transaction.atomic(durable=True)
def finish_job(ticket: Ticket, result: Result) -> bool:
    """Write what came of an attempt; False, and nothing written, if the job is no longer this worker's."""
    reference_id = FetchJob.objects.values_list("reference_id", flat=True).get(pk=ticket.job_id)
    reference = Reference.objects.select_for_update(of=("self",), no_key=True).get(pk=reference_id)
    job = (
        FetchJob.objects.select_for_update(of=("self",))
        .filter(pk=ticket.job_id, state=FetchState.FETCHING.value, attempt=ticket.attempt)
        .first()
    )
    if job is None:
        logger.warning(
            "job %s: attempt %s is no longer ours; its result is dropped", ticket.job_id, ticket.attempt
        )
        return False
    code = code_of(result)
    if isinstance(result, KeptPage):
        capture = store_capture(job, reference, result)
        if outcome(code).succeeded:
            adopt(reference, capture)
    if outcome(code).succeeded:
        _end(job, reference, FetchState.FETCHED, code)
    else:
        _fail(job, reference, code, result)
    return True


def _fail(job: FetchJob, reference: Reference, code: str, result: Result) -> None:
    job.error_code = code
    job.error_detail = "" if isinstance(result, KeptPage) else plain(result.detail)[:2000]
    again = next_try(
        code,
        tries_made=job.attempt,
        first_asked=job.first_tried_at or timezone.now(),
        now=timezone.now(),
        retry_after=retry_after_of(result),
    )
    if again is None:
        _end(job, reference, FetchState.FAILED, code)
        return
    job.state, job.next_attempt_at = FetchState.QUEUED.value, again
    job.lease_until, job.lease_owner = None, ""
    job.save()
    reference.fetch_state, reference.fetch_code, reference.fetch_next_at = job.state, code, again
    reference.save(update_fields=["fetch_state", "fetch_code", "fetch_next_at"])


def _end(job: FetchJob, reference: Reference, state: FetchState, code: str) -> None:
    job.state, job.finished_at, job.next_attempt_at = state.value, timezone.now(), None
    job.lease_until, job.lease_owner = None, ""
    job.error_code = "" if state == FetchState.FETCHED else code
    job.save()
    reference.fetch_state, reference.fetch_next_at = state.value, None
    reference.fetch_code = job.error_code
    reference.save(update_fields=["fetch_state", "fetch_code", "fetch_next_at"])
    if job.document_id is not None:
        wake(COMPLETE_LOADING, document_id=job.document_id)
    verb = "fetched" if state == FetchState.FETCHED else "failed_to_fetch"
    claims = Evidence.objects.filter(reference=reference, withdrawn_at__isnull=True)
    places: list[tuple[int | None, int | None]] = list(
        claims.order_by("claim_id").values_list("claim_id", "claim__document_id")[:100]
    )
    record_all(
        activity(
            verb,
            desk_id=reference.desk_id,
            by=None,
            object_type="reference",
            object_id=reference.pk,
            claim_id=claim_id,
            document_id=document_id,
            details={"source": str(reference)[:300], "code": code},
        )
        for claim_id, document_id in places or [(None, job.document_id)]
    )
