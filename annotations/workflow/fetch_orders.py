"""Ask for a page to be fetched, as rows in the running transaction; private to this package.

Rows are locked in one order everywhere, references by id and then jobs, so that nobody waits in a circle.
"""

import hashlib
from collections.abc import Sequence

from django.conf import settings
from django.db.models import F, Func, TextField
from django.db.models.functions import Now

from annotations.domain.addresses import Address, canonical, parse_address
from annotations.domain.errors import Duplicate
from annotations.domain.states import FetchState
from annotations.jobs import FETCH_REFERENCE, wake
from annotations.models import Document, FetchJob, Reference, User

OPEN_JOB = (FetchState.QUEUED.value, FetchState.FETCHING.value)


class AlreadyLoading(Duplicate):
    """Another article is being loaded from this address at this moment."""

    code = "already_loading"


def checked_address(given: str) -> Address:
    """Parse an address as people paste it; raises a subclass of `AddressRefused`."""
    return parse_address(given, open_networks=settings.FETCH_ALLOWED_NETWORKS)


def references_for(desk_id: int, addresses: Sequence[Address], by: User) -> dict[str, Reference]:
    """Return the desk's reference of each address by its canonical form, locked, made where missing."""
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
    """Queue a fetch for each locked reference that has neither a page kept nor a fetch under way."""
    wanted = [reference for reference in references if reference.latest_capture_id is None]
    busy = set(
        FetchJob.objects.filter(reference__in=wanted, state__in=OPEN_JOB).values_list(
            "reference_id", flat=True
        )
    )
    return _queue([reference for reference in wanted if reference.pk not in busy], by)


def order_new_fetch(reference: Reference, by: User) -> FetchJob:
    """Queue a fetch of a locked reference now, or bring the queued one forward to now.

    A fetch that is running already is returned as it is.
    """
    job = FetchJob.objects.select_for_update().filter(reference=reference, state__in=OPEN_JOB).first()
    if job is None:
        return _queue([reference], by)[0]
    if job.state == FetchState.QUEUED:
        FetchJob.objects.filter(pk=job.pk).update(next_attempt_at=Now())
        Reference.objects.filter(pk=reference.pk).update(fetch_next_at=Now())
        wake(FETCH_REFERENCE, job_id=job.pk)
    return job


def order_article(document: Document, address: Address, by: User) -> FetchJob:
    """Queue the fetch that brings the text of `document`, even if the page was fetched before.

    Raises AlreadyLoading when another article waits for the same page.
    """
    reference = references_for(document.desk_id, [address], by)[canonical(address)]
    job = order_new_fetch(reference, by)
    if job.document_id is not None and job.document_id != document.pk:
        raise AlreadyLoading("An article is being loaded from this address already. Wait for it to arrive.")
    FetchJob.objects.filter(pk=job.pk).update(document=document)
    job.document = document
    return job


def _queue(references: Sequence[Reference], by: User) -> list[FetchJob]:
    jobs = FetchJob.objects.bulk_create(
        [FetchJob(reference=reference, host=reference.host, requested_by=by) for reference in references]
    )
    Reference.objects.filter(pk__in=[reference.pk for reference in references]).update(
        fetch_state=FetchState.QUEUED.value, fetch_code="", fetch_next_at=Now()
    )
    for job in jobs:
        wake(FETCH_REFERENCE, job_id=job.pk)
    return jobs
