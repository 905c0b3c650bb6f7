"""Queue fetches as rows of the running transaction; private to this package.

Rows are locked in the same order everywhere, references by id and then jobs, to avoid deadlocks.
"""

import hashlib
from collections.abc import Sequence

from django.conf import settings
from django.db.models import F, Func, TextField
from django.db.models.functions import Now

from annotations.domain.errors import Duplicate
from annotations.domain.fetches.states import FetchKind, FetchState
from annotations.domain.references.addresses import Address, canonical, parse_address
from annotations.jobs import FETCH_REFERENCE, wake
from annotations.models import Document, FetchJob, Reference, User
from annotations.workflow.fetches.lease import add_hosts

OPEN_JOB = (FetchState.QUEUED.value, FetchState.FETCHING.value)
# As many as there may be idle workers. Each takes job after job, so more hints would wake nobody.
HINTS_AT_ONCE = 16


class AlreadyLoading(Duplicate):
    """Another article is being loaded from this address at this moment."""

    code = "already_loading"


def checked_address(given: str) -> Address:
    """Parse an address as people paste it; raises a subclass of `AddressRefused`."""
    return parse_address(given, open_networks=settings.FETCH_ALLOWED_NETWORKS)


def references_for(desk_id: int, addresses: Sequence[Address], by: User) -> dict[str, Reference]:
    """Return the desk's references by canonical address, locked; missing ones are made."""
    by_canonical = {canonical(address): address for address in addresses}
    Reference.objects.bulk_create(
        [
            Reference(desk_id=desk_id, url=address.url, canonical_url=key, host=address.host, created_by=by)
            for key, address in by_canonical.items()
        ],
        ignore_conflicts=True,
    )
    return locked_references(desk_id, list(by_canonical))


def locked_references(desk_id: int, keys: Sequence[str]) -> dict[str, Reference]:
    """Return the desk's references with these canonical addresses, locked in the order of their ids."""
    digests = [hashlib.md5(key.encode(), usedforsecurity=False).hexdigest() for key in keys]
    digest = Func(F("canonical_url"), function="md5", output_field=TextField())
    rows = (
        Reference.objects.select_for_update(of=("self",), no_key=True)
        .alias(digest=digest)
        .filter(desk_id=desk_id, digest__in=digests)
        .order_by("pk")
    )
    return {row.canonical_url: row for row in rows}


def order_fetches(references: Sequence[Reference], by: User) -> list[FetchJob]:
    """Queue a fetch for each locked reference that has no kept page and no fetch under way."""
    wanted = [reference for reference in references if reference.latest_capture_id is None]
    return _queue(_without_open_job(wanted), by)


def order_new_fetch(reference: Reference, by: User) -> FetchJob:
    """Queue a fetch of a locked reference, due now; one that is queued already becomes due now.

    A fetch that is running already is returned as it is. One that the watch had queued becomes the
    person's own.
    """
    job = FetchJob.objects.select_for_update().filter(reference=reference, state__in=OPEN_JOB).first()
    if job is None:
        return _queue([reference], by)[0]
    if job.state == FetchState.QUEUED:
        if job.kind == FetchKind.WATCH:
            job.kind, job.requested_by = FetchKind.ASKED.value, by
            job.save(update_fields=["kind", "requested_by"])
        FetchJob.objects.filter(pk=job.pk).update(next_attempt_at=Now())
        Reference.objects.filter(pk=reference.pk).update(
            fetch_state=FetchState.QUEUED.value, fetch_next_at=Now()
        )
        wake_fetchers(1)
    return job


def order_new_fetches(references: Sequence[Reference], by: User) -> None:
    """Do for many locked references what `order_new_fetch` does for one, in as many queries as for one."""
    open_jobs = FetchJob.objects.select_for_update().filter(reference__in=references, state__in=OPEN_JOB)
    jobs = list(open_jobs.order_by("reference_id"))
    queued = [job for job in jobs if job.state == FetchState.QUEUED]
    if queued:
        ids = [job.pk for job in queued]
        of_watch = FetchJob.objects.filter(pk__in=ids, kind=FetchKind.WATCH.value)
        of_watch.update(kind=FetchKind.ASKED.value, requested_by=by)
        FetchJob.objects.filter(pk__in=ids).update(next_attempt_at=Now())
        Reference.objects.filter(pk__in=[job.reference_id for job in queued]).update(
            fetch_state=FetchState.QUEUED.value, fetch_next_at=Now()
        )
        wake_fetchers(len(queued))
    known = {job.reference_id for job in jobs}
    _queue([reference for reference in references if reference.pk not in known], by)


def order_unverified_fetch(reference: Reference, by: User) -> FetchJob:
    """Queue a fetch of a locked reference that accepts any certificate, or let the queued one accept any."""
    job = order_new_fetch(reference, by)
    FetchJob.objects.filter(pk=job.pk).update(verify_tls=False)
    job.verify_tls = False
    return job


def order_checks(references: Sequence[Reference]) -> list[FetchJob]:
    """Queue a check by the watch of each locked reference that has no fetch under way.

    The state of the fetch that people are shown does not change.
    """
    return _queue(_without_open_job(references), None, kind=FetchKind.WATCH)


def order_article(document: Document, address: Address, by: User) -> FetchJob:
    """Queue the fetch that brings the text of `document`, even if the page has been fetched before.

    Raises AlreadyLoading when another article is waiting for the same page.
    """
    reference = references_for(document.desk_id, [address], by)[canonical(address)]
    job = order_new_fetch(reference, by)
    if job.document_id is not None and job.document_id != document.pk:
        raise AlreadyLoading("An article is being loaded from this address already. Wait for it to arrive.")
    FetchJob.objects.filter(pk=job.pk).update(document=document)
    job.document = document
    return job


def order_article_again(document: Document, reference: Reference) -> FetchJob:
    """Queue the fetch of a locked reference for a document whose first was only a check by the watch."""
    [job] = _queue([reference], document.created_by)
    FetchJob.objects.filter(pk=job.pk).update(document=document)
    return job


def wake_fetchers(jobs: int) -> None:
    """Send hints for so many new jobs. A worker that wakes goes on for as long as anything is due."""
    for _ in range(min(jobs, HINTS_AT_ONCE)):
        wake(FETCH_REFERENCE)


def _without_open_job(references: Sequence[Reference]) -> list[Reference]:
    busy = set(
        FetchJob.objects.filter(reference__in=references, state__in=OPEN_JOB).values_list(
            "reference_id", flat=True
        )
    )
    return [reference for reference in references if reference.pk not in busy]


def _queue(
    references: Sequence[Reference], by: User | None, *, kind: FetchKind = FetchKind.ASKED
) -> list[FetchJob]:
    jobs = FetchJob.objects.bulk_create(
        [
            FetchJob(reference=reference, host=reference.host, requested_by=by, kind=kind.value)
            for reference in references
        ]
    )
    if kind == FetchKind.ASKED:
        Reference.objects.filter(pk__in=[reference.pk for reference in references]).update(
            fetch_state=FetchState.QUEUED.value, fetch_code="", fetch_next_at=Now()
        )
    add_hosts({reference.host for reference in references})
    wake_fetchers(len(jobs))
    return jobs
