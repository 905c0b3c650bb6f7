"""The right to run one attempt of a fetch: one worker a job, one fetch a host; private to this package."""

from dataclasses import dataclass
from random import SystemRandom

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from annotations.domain.addresses import literal_ip
from annotations.domain.states import FetchKind, FetchState
from annotations.models import FetchJob, Reference

# A fetch ends after 60 s and reading after 40; what is left is for a slow storage.
LEASE_SECONDS = 150
HOST_GAP_SECONDS = 1.0
HOST_GAP_JITTER = 0.5
_GATE_LOCK = 0x66657463


@dataclass(frozen=True)
class Ticket:
    """The right to run one attempt of one job, and what it asks for."""

    job_id: int
    attempt: int
    reference_id: int
    url: str
    host: str
    kind: FetchKind
    verify_tls: bool


@dataclass(frozen=True)
class FollowUp:
    """The next job for the same host, and how long politeness asks to wait before it."""

    job_id: int
    wait_seconds: float


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
    return Ticket(
        job_id=job.pk,
        attempt=row[0],
        reference_id=job.reference_id,
        url=job.reference.url,
        host=job.host,
        kind=FetchKind(job.kind),
        verify_tls=job.verify_tls,
    )


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
