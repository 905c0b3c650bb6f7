"""Running the fetches that were asked for: claim a job, fetch, read, keep, and finish, fenced.

The row is the queue. A worker owns a job only while its attempt number is still the row's and its
lease lasts; whatever it writes afterwards finds no row and changes nothing. Network, reading and
storage happen between transactions, never inside one.
"""

import logging
from dataclasses import asdict, dataclass, replace
from random import SystemRandom
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from annotations.domain.addresses import literal_ip
from annotations.domain.fetch_outcomes import next_try, outcome
from annotations.domain.states import FetchState
from annotations.domain.text import normalise_text
from annotations.fetching import Fetched, FetchFailed, Hop, fetch
from annotations.jobs import COMPLETE_LOADING, wake
from annotations.models import Evidence, FetchJob, Reference
from annotations.reading import Read, read_page
from annotations.suggesting.language import detect
from annotations.workflow.captures import capture_of, place_passage, plain
from annotations.workflow.keeping import keep
from annotations.workflow.recording import activity, record_all

USER_AGENT = "FactCheckWorkbench/0.1"
# A fetch ends after 60 s and reading after 40; what is left is for a slow storage.
LEASE_SECONDS = 150
HOST_GAP_SECONDS = 1.0
HOST_GAP_JITTER = 0.5
_GATE_LOCK = 0x66657463

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ticket:
    """The right to run one attempt of one job."""

    job_id: int
    attempt: int
    url: str
    host: str


@dataclass(frozen=True)
class FollowUp:
    """The next job for the same host, and how long politeness asks to wait before it."""

    job_id: int
    wait_seconds: float


@dataclass(frozen=True)
class _Kept:
    """A fetched page with its bytes stored and its text read."""

    fetched: Fetched
    read: Read
    body: tuple[str, str, int]


def run_fetch(job_id: int, *, worker: str) -> FollowUp | None:
    """Run one attempt of a job, if it is due and its host is free; else change nothing.

    Returns the next waiting job for the same host, for this worker to go on with. Never raises for
    what a site does.
    """
    ticket = claim_job(job_id, worker=worker)
    if ticket is None:
        return None
    try:
        result: _Kept | FetchFailed = _fetch_and_keep(ticket)
    except FetchFailed as failure:
        result = failure
    except OSError as error:
        logger.exception("job %s: the storage failed", job_id)
        result = FetchFailed("storage_failed", str(error))
    except Exception as error:
        # A fault of ours must end in the row, where people see it, and not only in the log.
        logger.exception("job %s: attempt %s failed", job_id, ticket.attempt)
        result = FetchFailed("internal", f"{type(error).__name__}: {error}")
    if not connection.in_atomic_block:
        # A minute may have passed: a connection the database closed meanwhile is noticed and opened anew.
        connection.close_if_unusable_or_obsolete()
    finish_job(ticket, result)
    return next_on_host(ticket.host)


@transaction.atomic(durable=True)
def claim_job(job_id: int, *, worker: str) -> Ticket | None:
    """Take a due job, unless its host is busy or was fetched from a moment ago.

    One conditional statement decides, under a lock that belongs to the host, so that two workers
    never fetch from one host at the same time.
    """
    job = (
        FetchJob.objects.filter(pk=job_id, state=FetchState.QUEUED.value).select_related("reference").first()
    )
    if job is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_GATE_LOCK, job.host])
        cursor.execute(
            """
            UPDATE annotations_fetchjob AS job
            SET state = 'fetching', attempt = attempt + 1, lease_owner = %(worker)s,
                lease_until = statement_timestamp() + make_interval(secs => %(lease)s),
                started_at = statement_timestamp(),
                first_tried_at = coalesce(first_tried_at, statement_timestamp())
            WHERE job.id = %(job)s AND job.state = 'queued' AND job.next_attempt_at <= statement_timestamp()
                AND NOT EXISTS (
                    SELECT 1 FROM annotations_fetchjob busy
                    WHERE busy.host = %(host)s AND busy.state = 'fetching'
                        AND busy.lease_until > statement_timestamp()
                )
            RETURNING attempt
            """,
            {"worker": worker[:120], "lease": LEASE_SECONDS, "job": job.pk, "host": job.host},
        )
        row = cursor.fetchone()
    if row is None:
        return None
    Reference.objects.filter(pk=job.reference_id).update(
        fetch_state=FetchState.FETCHING.value, fetch_next_at=None
    )
    return Ticket(job_id=job.pk, attempt=row[0], url=job.reference.url, host=job.host)


def next_on_host(host: str) -> FollowUp | None:
    """The job for this host that has waited longest, with the polite gap before it."""
    waiting = (
        FetchJob.objects.filter(host=host, state=FetchState.QUEUED.value, next_attempt_at__lte=Now())
        .order_by("next_attempt_at", "pk")
        .values_list("pk", flat=True)
        .first()
    )
    if waiting is None:
        return None
    own = host == "localhost" or _is_allowed(host)
    return FollowUp(waiting, 0.0 if own else HOST_GAP_SECONDS + SystemRandom().random() * HOST_GAP_JITTER)


def _is_allowed(host: str) -> bool:
    number = literal_ip(host)
    return number is not None and any(number in network for network in settings.FETCH_ALLOWED_NETWORKS)


def _fetch_and_keep(ticket: Ticket) -> _Kept:
    fetched = fetch(
        ticket.url,
        user_agent=f"{USER_AGENT} (+{settings.FETCH_CONTACT_URL})",
        allowed_networks=settings.FETCH_ALLOWED_NETWORKS,
    )
    # Kept before it is read: whatever a page does to the reader, the evidence is safe.
    digest, key = keep(fetched.body)
    read = read_page(fetched.body, fetched.media_type, fetched.charset_hint, fetched.final_url)
    return _Kept(fetched, _with_language(read), (digest, key, len(fetched.body)))


def _with_language(read: Read) -> Read:
    return read if read.language else replace(read, language=detect(normalise_text(read.text), ""))


@transaction.atomic(durable=True)
def finish_job(ticket: Ticket, result: "_Kept | FetchFailed") -> bool:
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
    code = result.fetched.code if isinstance(result, _Kept) else result.code
    if isinstance(result, _Kept):
        _keep_capture(job, reference, result)
    if outcome(code).succeeded:
        _end(job, reference, FetchState.FETCHED, code)
    else:
        _fail(job, reference, code, result)
    return True


def _keep_capture(job: FetchJob, reference: Reference, kept: _Kept) -> None:
    fetched, read = kept.fetched, kept.read
    warnings = tuple(dict.fromkeys((*fetched.warnings, *read.warnings)))
    capture = capture_of(
        reference,
        replace(read, media_type=read.media_type or fetched.media_type),
        outcome_code=fetched.code,
        body=kept.body,
        job=job,
        attempt=job.attempt,
        fetched_at=fetched.started_at,
        final_url=plain(fetched.final_url),
        status=fetched.status,
        headers=[[plain(name), plain(value)] for name, value in fetched.headers],
        hops=[_hop(hop) for hop in fetched.hops],
        warnings=list(warnings),
    )
    if not outcome(fetched.code).succeeded:
        return
    reference.latest_capture = capture
    for name in ("title", "site", "author", "language", "excerpt", "published_on"):
        value = getattr(capture, name)
        # A page that no longer says who wrote it does not make us forget what it said before.
        setattr(reference, name, value or getattr(reference, name))
    reference.save(
        update_fields=["latest_capture", "title", "site", "author", "language", "excerpt", "published_on"]
    )
    for evidence in Evidence.objects.filter(reference=reference, capture__isnull=True).order_by("pk"):
        evidence.capture = capture
        place_passage(evidence, capture)
        evidence.save(update_fields=["capture", "passage_start", "passage_end"])


def _hop(hop: Hop) -> dict[str, Any]:
    return {**asdict(hop), "headers": [[plain(name), plain(value)] for name, value in hop.headers]}


def _fail(job: FetchJob, reference: Reference, code: str, result: "_Kept | FetchFailed") -> None:
    retry_after = result.fetched.retry_after if isinstance(result, _Kept) else result.retry_after
    job.error_code = code
    job.error_detail = "" if isinstance(result, _Kept) else plain(result.detail)[:2000]
    again = next_try(
        code,
        tries_made=job.attempt,
        first_asked=job.first_tried_at or timezone.now(),
        now=timezone.now(),
        retry_after=retry_after,
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
