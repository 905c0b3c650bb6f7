"""The right to run one attempt of a fetch: one worker a job, one fetch a host.

The rows of the hosts are the gate. A host is busy until the lease of the fetch under way lapses,
free again when its polite gap is over, and shut while its circuit is open; all by the database's clock.
A page that leads on to another host takes that one too.
"""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from annotations.domain.fetches.politeness import SAYS_NOTHING, closed_for, failures_after, gap, patience
from annotations.domain.fetches.states import FetchKind
from annotations.domain.references.addresses import literal_ip
from annotations.fetching import FetchFailed
from annotations.models import FetchJob, Host

# A fetch ends after 50 s and reading 13 later; what is left is for a slow storage.
LEASE_SECONDS = 150
# A redirect waits so long at most for its turn at the next host: one page and the pause behind it.
ENTRY_SECONDS = 5.0
ENTRY_LOOK = 0.05

# Locks are only tried, never waited for: whoever holds one is about to change what is asked for here.
_LEASE = """
WITH turn AS (
    SELECT job.id, job.kind, job.host, job.reference_id, reference.url
    FROM annotations_fetchjob job
    JOIN annotations_host host ON host.name = job.host
    JOIN annotations_reference reference ON reference.id = job.reference_id
    WHERE job.state = 'queued' AND job.next_attempt_at <= statement_timestamp()
        AND host.free_at <= statement_timestamp()
        AND (host.busy_until IS NULL OR host.busy_until <= statement_timestamp())
        AND (host.open_until IS NULL OR host.open_until <= statement_timestamp())
        {which}
    ORDER BY job.kind, job.next_attempt_at, job.id
    LIMIT 1
    FOR NO KEY UPDATE OF host, job, reference SKIP LOCKED
), gate AS (
    UPDATE annotations_host host
    SET busy_until = statement_timestamp() + make_interval(secs => %(lease)s)
    FROM turn WHERE host.name = turn.host
    RETURNING host.busy_until
), shown AS (
    UPDATE annotations_reference reference SET fetch_state = 'fetching', fetch_next_at = NULL
    FROM turn WHERE reference.id = turn.reference_id AND turn.kind = 'asked'
)
UPDATE annotations_fetchjob job
SET state = 'fetching', attempt = job.attempt + 1, lease_owner = %(worker)s, lease_until = gate.busy_until,
    started_at = statement_timestamp(), first_tried_at = coalesce(job.first_tried_at, statement_timestamp())
FROM turn, gate WHERE job.id = turn.id
RETURNING job.id, job.attempt, job.reference_id, turn.url, job.host, job.kind, job.verify_tls, gate.busy_until
"""
_LEASE_NEXT = _LEASE.format(which="")
_LEASE_ONE = _LEASE.format(which="AND job.id = %(job)s")

# What another worker is at is that worker's to go on with.
_UNTIL_DUE = """
SELECT extract(epoch FROM min(due.at) - statement_timestamp())
FROM (
    SELECT greatest(job.next_attempt_at, host.free_at, host.open_until) AS at
    FROM annotations_fetchjob job JOIN annotations_host host ON host.name = job.host
    WHERE job.state = 'queued'
        AND job.next_attempt_at <= statement_timestamp() + make_interval(secs => %(within)s)
        AND (host.busy_until IS NULL OR host.busy_until <= statement_timestamp())
) due
WHERE due.at <= statement_timestamp() + make_interval(secs => %(within)s)
"""


_ENTER = """
INSERT INTO annotations_host AS host (name, failures, last_code, busy_until)
VALUES (%(host)s, 0, '', %(until)s)
ON CONFLICT (name) DO UPDATE SET busy_until = EXCLUDED.busy_until
WHERE host.free_at <= statement_timestamp()
    AND (host.busy_until IS NULL OR host.busy_until <= statement_timestamp())
    AND (host.open_until IS NULL OR host.open_until <= statement_timestamp())
RETURNING host.name
"""


@dataclass(frozen=True)
class FetchLease:
    """The right to run one attempt of one job, and what it asks for.

    `busy_until` is the end of the lease, on the job and on its host; nobody else's is equal to it.
    `entered` are the hosts it was led on to, which are held under the same lease.
    """

    job_id: int
    attempt: int
    reference_id: int
    url: str
    host: str
    kind: FetchKind
    verify_tls: bool
    busy_until: datetime
    entered: set[str] = field(default_factory=set, compare=False)


def lease_next(*, worker: str) -> FetchLease | None:
    """Take the job that is due first at any host that is free; None if there is none.

    What people asked for comes before what the watch asks for.
    """
    return _claim(_LEASE_NEXT, worker, {})


def lease_job(job_id: int, *, worker: str) -> FetchLease | None:
    """Take this job, if it is due and its host is free; else None, and nothing is changed."""
    return _claim(_LEASE_ONE, worker, {"job": job_id})


@transaction.atomic(durable=True)
def _claim(statement: str, worker: str, which: dict[str, Any]) -> FetchLease | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"worker": worker[:120], "lease": LEASE_SECONDS, **which})
        row = cursor.fetchone()
    if row is None:
        return None
    job_id, attempt, reference_id, url, host, kind, verify_tls, busy_until = row
    return FetchLease(job_id, attempt, reference_id, url, host, FetchKind(kind), verify_tls, busy_until)


def seconds_until_due(*, within: float) -> float | None:
    """How soon a waiting job can be taken, zero for now; None if none can within so many seconds."""
    with connection.cursor() as cursor:
        cursor.execute(_UNTIL_DUE, {"within": within})
        [soonest] = cursor.fetchone()
    return None if soonest is None else max(0.0, float(soonest))


def enter_host(ticket: FetchLease, host: str, seconds: float) -> None:
    """Take a host that the page of a running attempt leads to, and wait for it for so many seconds at most.

    Raises FetchFailed: `circuit_open` for one that is left in peace, `redirect_busy` for one whose turn
    did not come; then nothing was changed.
    """
    if host == ticket.host or host in ticket.entered:
        return
    end = time.monotonic() + min(seconds, ENTRY_SECONDS)
    while not _entered(ticket, host):
        if Host.objects.filter(name=host, open_until__gt=Now()).exists():
            raise FetchFailed("circuit_open", host)
        if time.monotonic() > end:
            raise FetchFailed("redirect_busy", host)
        time.sleep(ENTRY_LOOK)
    ticket.entered.add(host)


def _entered(ticket: FetchLease, host: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_ENTER, {"host": host, "until": ticket.busy_until})
        return cursor.fetchone() is not None


def database_time() -> datetime:
    """The time by the clock that all workers share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        [now] = cursor.fetchone()
    assert isinstance(now, datetime)
    return now


def add_hosts(names: set[str]) -> None:
    """Make the rows of hosts that have none, in the running transaction, after every other lock it takes."""
    Host.objects.bulk_create([Host(name=name) for name in sorted(names)], ignore_conflicts=True)


def add_missing_hosts() -> None:
    """Make the rows of hosts whose jobs were queued without one."""
    known = Host.objects.values("name")
    queued = FetchJob.objects.filter(state="queued").exclude(host__in=known)
    missing = set(queued.values_list("host", flat=True).distinct())
    if missing:
        add_hosts(missing)


def release_hosts(ticket: FetchLease, code: str, *, last: str, retry_after: timedelta | None) -> None:
    """Write on the rows of the hosts how a fetch ended, in the running transaction.

    It ended at the host `last`; those before it had answered and led on. Changes nothing of a host whose
    lease has lapsed and that someone else has taken.
    """
    pause = gap()
    held = Host.objects.select_for_update().filter(
        name__in={ticket.host, *ticket.entered}, busy_until=ticket.busy_until
    )
    for host in held.order_by("name"):
        _release(host, code, pause, retry_after, answered=host.name != last)


def _release(
    host: Host, code: str, pause: timedelta, retry_after: timedelta | None, *, answered: bool
) -> None:
    ours = is_ours(host.name)
    # One page of our own machine says nothing of its other pages, and all of them are one host.
    asked_for = timedelta() if answered or ours else patience(code, retry_after)
    changes: dict[str, Any] = {
        "busy_until": None,
        "free_at": Now() + max(timedelta() if ours else pause, asked_for),
    }
    if answered or code not in SAYS_NOTHING:
        failures = 0 if answered else failures_after(host.failures, code)
        shut_for = closed_for(failures)
        changes |= {
            "failures": failures,
            "open_until": None if shut_for is None else Now() + shut_for,
            "last_code": "" if answered else code,
            "last_at": Now(),
        }
    Host.objects.filter(pk=host.pk).update(**changes)


def try_hosts_now(names: set[str]) -> None:
    """Let one fetch through to hosts that are left in peace, because a person asks; in the transaction.

    A single one: if it fails, the host is left in peace for longer than before.
    """
    Host.objects.filter(
        pk__in=Host.objects.select_for_update()
        .filter(name__in=names, open_until__gt=Now())
        .order_by("name")
        .values("name")
    ).update(open_until=Now())


def is_ours(host: str) -> bool:
    """Whether a host lies in a network opened by the settings, where politeness has no point."""
    number = literal_ip(host)
    return host == "localhost" or (
        number is not None and any(number in network for network in settings.FETCH_ALLOWED_NETWORKS)
    )
