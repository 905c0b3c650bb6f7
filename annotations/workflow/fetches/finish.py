"""Write the result of an attempt: once, and only for the worker that still owns the attempt."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from annotations.domain.activity import Verb
from annotations.domain.errors import LeaseLost
from annotations.domain.fetches.outcomes import Counts, next_try, outcome
from annotations.domain.fetches.states import FetchKind, FetchState
from annotations.fetching import FetchFailed
from annotations.jobs import COMPLETE_LOADING, wake
from annotations.models import Capture, FetchJob, Reference
from annotations.workflow.activity import record_of_reference
from annotations.workflow.captures.compare import is_missing
from annotations.workflow.captures.fetch_results import (
    KeptPage,
    Result,
    adopt,
    code_of,
    last_host_of,
    retry_after_of,
    show_fetch,
    store_capture,
)
from annotations.workflow.captures.rows import plain
from annotations.workflow.fetches.enqueue import order_article_again
from annotations.workflow.fetches.lease import FetchLease, release_hosts
from annotations.workflow.fetches.watch_outcome import conclude
from annotations.workflow.leased_jobs import database_time, end, lock_attempt, put_back
from annotations.workflow.proof.chain import sign_capture

WATCH_TRIES = 3

logger = logging.getLogger(__name__)


@transaction.atomic(durable=True)
def finish_job(lease: FetchLease, result: Result) -> bool:
    """Write the result of an attempt; return False and write nothing if it is not under way any more.

    Its hosts are set free in both cases, unless someone else has taken them since.
    """
    reference = Reference.objects.select_for_update(of=("self",), no_key=True).get(pk=lease.reference_id)
    try:
        job = lock_attempt(FetchJob, lease)
    except LeaseLost:
        job = None
    code, retry_after = code_of(result), retry_after_of(result)
    release_hosts(lease, code, last=last_host_of(result, lease.host), retry_after=retry_after)
    if job is None:
        logger.warning(
            "job %s: attempt %s is no longer ours; its result is dropped", lease.job_id, lease.attempt
        )
        return False
    before, capture = reference.latest_capture, None
    if isinstance(result, KeptPage):
        capture = store_capture(job, reference, result)
        if outcome(code).succeeded and not _is_only_seen_missing(job, before, capture):
            adopt(reference, capture)
    now = database_time()
    detail = plain(result.detail) if isinstance(result, FetchFailed) else ""
    again = _next_try(job, code, retry_after, now)
    if again is None:
        _end(job, reference, code, detail, now)
        conclude(job, reference, result, before=before, capture=capture)
    else:
        put_back(job, again, code=code, detail=detail)
        show_fetch(reference, job)
    if capture is not None:
        # This comes last because of the lock that it takes.
        sign_capture(capture)
    return True


def _is_only_seen_missing(job: FetchJob, before: Capture | None, capture: Capture) -> bool:
    """Whether the watch got a friendly “not found”, which does not replace the page."""
    return job.kind == FetchKind.WATCH and before is not None and is_missing(capture, before)


def _next_try(job: FetchJob, code: str, retry_after: timedelta | None, now: datetime) -> datetime | None:
    if outcome(code).succeeded:
        return None
    # The watch comes back by itself. Only trouble that may be over within the day is worth another try soon.
    if job.kind == FetchKind.WATCH and (
        outcome(code).counts is not Counts.TROUBLE or job.attempt >= WATCH_TRIES
    ):
        return None
    return next_try(
        code,
        tries_made=job.attempt,
        first_asked=job.first_tried_at or now,
        now=now,
        retry_after=retry_after,
    )


def _end(job: FetchJob, reference: Reference, code: str, detail: str, now: datetime) -> None:
    is_fetched = outcome(code).succeeded
    document, is_watch = job.document, job.kind == FetchKind.WATCH
    if is_watch:
        job.document = None
    state = FetchState.FETCHED if is_fetched else FetchState.FAILED
    end(job, state.value, now=now, code="" if is_fetched else code, detail=detail)
    show_fetch(reference, job)
    if document is not None and is_watch:
        # An unchanged page leaves no capture from which to make the article, so it is fetched once more.
        order_article_again(document, reference)
    elif document is not None:
        wake(COMPLETE_LOADING, document_id=document.pk)
    if not is_watch:
        verb = Verb.FETCHED if is_fetched else Verb.FAILED_TO_FETCH
        record_of_reference(verb, reference, None, details={"code": code}, document_id=job.document_id)
