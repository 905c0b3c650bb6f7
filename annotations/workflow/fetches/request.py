"""What people ask for: fetch a page again, fetch many again, ignore a bad certificate, or cancel a fetch."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef

from annotations.domain.activity import Verb
from annotations.domain.desks.roles import Action
from annotations.domain.errors import WrongState
from annotations.domain.fetches.states import FetchKind, FetchState
from annotations.jobs import COMPLETE_LOADING, wake
from annotations.models import Activity, FetchJob, Reference, User
from annotations.permissions import check_can, check_can_now
from annotations.visibility import not_here
from annotations.workflow.activity import activity, record_all
from annotations.workflow.fetches.enqueue import (
    OPEN_JOB,
    order_new_fetch,
    order_new_fetches,
    order_unverified_fetch,
)
from annotations.workflow.fetches.lease import try_hosts_now
from annotations.workflow.leased_jobs import database_time, end

RETRIED_AT_ONCE = 100
# Pages that were fetched are not fetched again in bulk: each would be another capture that nobody asked for.
RETRIED_STATES = (FetchState.FAILED, FetchState.CANCELLED, FetchState.QUEUED)


class FetchRunning(WrongState):
    """The page is being fetched at this moment."""

    code = "fetch_running"


class NothingToCancel(WrongState):
    """No fetch of this source is queued or running."""

    code = "nothing_to_cancel"


class NotFetchable(WrongState):
    """The source is an uploaded file, which has no address."""

    code = "not_fetchable"


class NoCertificateTrouble(WrongState):
    """The last fetch did not fail for its certificate, so there is nothing to overlook."""

    code = "no_certificate_trouble"


@dataclass(frozen=True)
class Retried:
    """The result of a bulk retry: how many fetches were queued, and how many references were skipped."""

    count: int
    passed_over: int


@transaction.atomic(durable=True)
def retry_fetch(reference_id: int, *, by: User) -> FetchJob:
    """Fetch a reference again now, whether it failed, waits for its next try or was fetched before.

    Captures that are kept stay. Raises Missing, NotAllowed, NotFetchable or FetchRunning.
    """
    reference = _locked(reference_id, by)
    if reference.is_file:
        raise NotFetchable("This source is an uploaded file, so there is no page to fetch.")
    if FetchJob.objects.filter(reference=reference, state=FetchState.FETCHING.value).exists():
        raise FetchRunning("This page is being fetched right now. Wait a moment.")
    job = order_new_fetch(reference, by)
    try_hosts_now({reference.host})
    _record(Verb.RETRIED_FETCH, reference, by)
    return job


@transaction.atomic(durable=True)
def order_unverified(reference_id: int, *, by: User) -> FetchJob:
    """Fetch a reference once more, now, and accept any certificate that its site shows.

    This holds for this fetch only, and its capture is marked for good. Raises Missing, NotAllowed, or
    NoCertificateTrouble unless the last attempt failed because of the certificate.
    """
    reference = _locked(reference_id, by)
    if not reference.fetch_code.startswith("tls_") or reference.fetch_state == FetchState.FETCHING:
        raise NoCertificateTrouble(
            "The last fetch of this page did not fail because of its certificate, so it is checked as always."
        )
    job = order_unverified_fetch(reference, by)
    try_hosts_now({reference.host})
    _record(Verb.FETCHED_UNVERIFIED, reference, by)
    return job


def retry_fetches(
    desk_id: int,
    *,
    by: User,
    reference_ids: Sequence[int] | None = None,
    host: str = "",
    state: FetchState | None = None,
) -> Retried:
    """Fetch again now whatever failed, was cancelled or waits for its next try, on a whole desk.

    `reference_ids`, `host` and `state` narrow it down. References that are fetched already, are being
    fetched or are uploaded files are skipped; they are counted if they were named or match the filter.
    Each hundred is a transaction of its own. Raises Missing or NotAllowed.
    """
    check_can(by, Action.ATTACH_EVIDENCE, desk_id)
    rows = Reference.objects.filter(desk_id=desk_id)
    if reference_ids is not None:
        rows = rows.filter(pk__in=reference_ids)
    if host:
        rows = rows.filter(host=host)
    rows = rows.filter(fetch_state=state.value) if state else rows
    if reference_ids is None and state is None:
        rows = rows.filter(fetch_state__in=RETRIED_STATES).exclude(is_file=True)
    wanted = list(rows.order_by("pk").values_list("pk", flat=True))
    count = sum(
        _retry_some(wanted[start : start + RETRIED_AT_ONCE], by)
        for start in range(0, len(wanted), RETRIED_AT_ONCE)
    )
    return Retried(count=count, passed_over=len(wanted) - count)


@transaction.atomic(durable=True)
def _retry_some(reference_ids: Sequence[int], by: User) -> int:
    under_way = FetchJob.objects.filter(reference=OuterRef("pk"), state=FetchState.FETCHING.value)
    references = list(
        Reference.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=reference_ids, fetch_state__in=RETRIED_STATES, is_file=False)
        .exclude(Exists(under_way))
        .order_by("pk")
    )
    if not references:
        return 0
    check_can_now(by, Action.ATTACH_EVIDENCE, references[0].desk_id)
    order_new_fetches(references, by)
    try_hosts_now({reference.host for reference in references})
    record_all(_line(Verb.RETRIED_FETCH, reference, by) for reference in references)
    return len(references)


@transaction.atomic(durable=True)
def cancel_fetch(reference_id: int, *, by: User) -> None:
    """Cancel the queued or running fetch of a reference; the result of a worker that is at it is dropped.

    Raises Missing, NotAllowed or NothingToCancel.
    """
    reference = _locked(reference_id, by)
    asked = FetchJob.objects.filter(kind=FetchKind.ASKED.value)
    job = asked.select_for_update().filter(reference=reference, state__in=OPEN_JOB).first()
    if job is None:
        raise NothingToCancel("No fetch of this source is under way.")
    # The row still says why the last attempt failed.
    now = database_time()
    end(job, FetchState.CANCELLED.value, now=now, code=job.error_code, detail=job.error_detail)
    reference.fetch_state, reference.fetch_next_at = FetchState.CANCELLED.value, None
    reference.save(update_fields=["fetch_state", "fetch_next_at"])
    if job.document_id is not None:
        wake(COMPLETE_LOADING, document_id=job.document_id)
    _record(Verb.CANCELLED_FETCH, reference, by)


def _locked(reference_id: int, by: User) -> Reference:
    reference = Reference.objects.select_for_update(of=("self",), no_key=True).filter(pk=reference_id).first()
    if reference is None:
        raise not_here(Reference)
    check_can_now(by, Action.ATTACH_EVIDENCE, reference.desk_id, model=Reference)
    return reference


def _record(verb: Verb, reference: Reference, by: User) -> None:
    record_all([_line(verb, reference, by)])


def _line(verb: Verb, reference: Reference, by: User) -> Activity:
    return activity(
        verb,
        desk_id=reference.desk_id,
        by=by,
        object_type="reference",
        object_id=reference.pk,
        details={"source": str(reference)[:300]},
    )
