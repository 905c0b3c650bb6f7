"""The right to run one attempt of a fetch: one worker a job, one fetch a host.

The rows of the hosts are the gate, by the database's clock. A host is busy until the lease of the fetch
under way lapses, free again when its polite gap is over, and closed while its circuit is open. A page that
redirects to another host takes that host too.
"""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from annotations.domain.fetches.politeness import SAYS_NOTHING, closed_for, failures_after, gap, patience
from annotations.domain.fetches.states import FetchKind
from annotations.domain.references.addresses import OpenPort, literal_ip
from annotations.fetching import FetchFailed
from annotations.models import FetchJob, Host
from annotations.workflow import leased_jobs
from annotations.workflow.leased_jobs import JobKind, Lease

# How long a redirect waits at most for its turn at the next host: one page and the pause after it.
ENTRY_SECONDS = 5.0
ENTRY_LOOK = 0.05


@dataclass(frozen=True)
class FetchLease(Lease):
    """The right to run one attempt of one fetch, and what is to be fetched.

    The lease covers the job and its host until the same moment, which no other lease of that host shares.
    `entered` are the hosts that redirects led to, held under the same lease.
    """

    reference_id: int
    url: str
    host: str
    kind: FetchKind
    verify_tls: bool
    entered: set[str] = field(default_factory=set, compare=False)


def _fetch_lease(job_id: int, attempt: int, until: datetime, *, kind: str, **fetch: Any) -> FetchLease:
    return FetchLease(job_id, attempt, until, kind=FetchKind(kind), **fetch)


_IS_FREE = """
    host.free_at <= statement_timestamp()
    AND (host.busy_until IS NULL OR host.busy_until <= statement_timestamp())
    AND (host.open_until IS NULL OR host.open_until <= statement_timestamp())
"""
_FETCHES = JobKind(
    FetchJob,
    _fetch_lease,
    columns={
        "reference_id": "reference.id",
        "url": "reference.url",
        "host": "job.host",
        "kind": "job.kind",
        "verify_tls": "job.verify_tls",
    },
    joins="""
        JOIN annotations_host host ON host.name = job.host
        JOIN annotations_reference reference ON reference.id = job.reference_id
    """,
    needs=_IS_FREE,
    locks=("host", "reference"),
    order=("job.kind", "job.next_attempt_at", "job.id"),
    also={
        "gate": """
            UPDATE annotations_host host
            SET busy_until = statement_timestamp() + make_interval(secs => %(seconds)s)
            FROM turn WHERE host.name = turn.host
        """,
        "shown": """
            UPDATE annotations_reference reference SET fetch_state = 'fetching', fetch_next_at = NULL
            FROM turn WHERE reference.id = turn.reference_id AND turn.kind = 'asked'
        """,
    },
)

# Hosts that are busy are left out: the worker that is there goes on with them.
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


_ENTER = f"""
INSERT INTO annotations_host AS host (name, failures, last_code, busy_until)
VALUES (%(host)s, 0, '', %(until)s)
ON CONFLICT (name) DO UPDATE SET busy_until = EXCLUDED.busy_until
WHERE {_IS_FREE}
RETURNING host.name
"""  # noqa: S608 - put together from constants
_HOSTS_DUE = f"""
SELECT count(DISTINCT job.host)
FROM annotations_fetchjob job JOIN annotations_host host ON host.name = job.host
WHERE job.state = 'queued' AND job.next_attempt_at <= statement_timestamp() AND {_IS_FREE}
"""  # noqa: S608 - put together from constants


def lease_next(*, worker: str) -> FetchLease | None:
    """Lease the job that has been due longest at a host that is free; None if there is none.

    What people asked for comes before what the watch asks for.
    """
    return leased_jobs.lease_next(_FETCHES, worker=worker)


def lease_job(job_id: int, *, worker: str) -> FetchLease | None:
    """Lease this job if it is due and its host is free; else return None and change nothing."""
    return leased_jobs.lease_job(_FETCHES, job_id, worker=worker)


def seconds_until_due(*, within: float) -> float | None:
    """Return how soon a queued job can be leased, zero for now; None if none can within so many seconds."""
    with connection.cursor() as cursor:
        cursor.execute(_UNTIL_DUE, {"within": within})
        [soonest] = cursor.fetchone()
    return None if soonest is None else max(0.0, float(soonest))


def count_hosts_due() -> int:
    """Count the hosts that are free and have a job that is due."""
    with connection.cursor() as cursor:
        cursor.execute(_HOSTS_DUE)
        [hosts] = cursor.fetchone()
    return int(hosts)


def enter_host(lease: FetchLease, host: str, seconds: float) -> None:
    """Take a host to which the page of a running attempt redirects, waiting at most so many seconds for it.

    Raises FetchFailed and changes nothing: `circuit_open` if the circuit of the host is open,
    `redirect_busy` if the turn did not come in time.
    """
    if host == lease.host or host in lease.entered:
        return
    end = time.monotonic() + min(seconds, ENTRY_SECONDS)
    while not _entered(lease, host):
        if Host.objects.filter(name=host, open_until__gt=Now()).exists():
            raise FetchFailed("circuit_open", host)
        if time.monotonic() > end:
            raise FetchFailed("redirect_busy", host)
        time.sleep(ENTRY_LOOK)
    lease.entered.add(host)


def _entered(lease: FetchLease, host: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_ENTER, {"host": host, "until": lease.until})
        return cursor.fetchone() is not None


def add_hosts(names: set[str]) -> None:
    """Make the rows of hosts that have none; the last locks that the running transaction may take."""
    Host.objects.bulk_create([Host(name=name) for name in sorted(names)], ignore_conflicts=True)


def add_missing_hosts() -> None:
    """Make the missing rows of hosts that have queued jobs."""
    known = Host.objects.values("name")
    queued = FetchJob.objects.filter(state="queued").exclude(host__in=known)
    missing = set(queued.values_list("host", flat=True).distinct())
    if missing:
        add_hosts(missing)


def release_hosts(lease: FetchLease, code: str, *, last: str, retry_after: timedelta | None) -> None:
    """Write on the rows of the hosts how a fetch ended, and set them free, in the running transaction.

    The fetch ended at the host `last`; the hosts before it answered with a redirect. A host that someone
    else has taken since is left unchanged.
    """
    pause = gap()
    held = Host.objects.select_for_update().filter(
        name__in={lease.host, *lease.entered}, busy_until=lease.until
    )
    for host in held.order_by("name"):
        _release(host, code, pause, retry_after, answered=host.name != last)


def _release(
    host: Host, code: str, pause: timedelta, retry_after: timedelta | None, *, answered: bool
) -> None:
    ours = is_ours(host.name)
    # A page of our own machine says nothing about the other pages there, though all of them share one host.
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
    """Let one fetch through to each host whose circuit is open, because a person asks; in the transaction.

    If that fetch fails, the circuit stays open for longer than before.
    """
    Host.objects.filter(
        pk__in=Host.objects.select_for_update()
        .filter(name__in=names, open_until__gt=Now())
        .order_by("name")
        .values("name")
    ).update(open_until=Now())


def is_ours(host: str) -> bool:
    """Whether a host is in a network that the settings open, where politeness has no point."""
    number = literal_ip(host)
    return host == "localhost" or (
        number is not None
        and any(
            number in (one.network if isinstance(one, OpenPort) else one)
            for one in settings.FETCH_ALLOWED_NETWORKS
        )
    )
