"""Lease background jobs, and end their attempts under a fencing token: once for every kind of job.

A worker leases a due job with one statement, works outside any transaction, and writes the result in one
transaction that begins with `lock_attempt`. It owns the job only while the attempt is still the row's. The
sweep takes back the jobs of workers that fell silent.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from annotations.domain.errors import LeaseLost
from annotations.models import FetchJob, Stamp, WitnessJob
from annotations.models.leased_job import QUEUED, LeasedJob

LEASE_LENGTHS: Mapping[type[LeasedJob], timedelta] = {
    # A fetch ends after 50 s and its extraction 13 s later; the rest is for a slow storage.
    FetchJob: timedelta(seconds=150),
    # An authority answers within 30 s or is given up; the rest is for a slow storage.
    Stamp: timedelta(seconds=90),
    # Another archive answers within 30 s or is given up, and nothing of its answer goes to the storage.
    WitnessJob: timedelta(seconds=60),
}
# A worker that was killed is no fault of its job, so the first two times the job is due again at once.
FREE_RECOVERIES = 2
LONGEST_OWNER = 120
LONGEST_CODE = 40
LONGEST_DETAIL = 2000


@dataclass(frozen=True)
class Lease:
    """The right to make one attempt at one job, until `until` by the database's clock.

    `attempt` is the fencing token: what the worker writes counts only while the row still has this number.
    """

    job_id: int
    attempt: int
    until: datetime


J = TypeVar("J", bound=LeasedJob)
L = TypeVar("L", bound=Lease)


@dataclass(frozen=True)
class JobKind(Generic[L]):
    """How jobs of one kind are leased. The SQL in it calls the job's row `job`.

    `columns` is what the worker has to know about the job, as SQL by name. `make_lease` is called with the
    three values of a `Lease`, and with the columns by name. `joins` brings in the rows that the other
    parts speak of. A job is leased only where `needs` holds. The rows named in `locks` are locked together
    with the job; where someone else has locked one of them, the job is skipped. `also` holds further
    statements that run in the same instant. They find `job_id` and the columns in `turn`, and the length
    of the lease as `%(seconds)s`.
    """

    model: type[LeasedJob]
    make_lease: Callable[..., L]
    columns: Mapping[str, str]
    joins: str = ""
    needs: str = "TRUE"
    locks: Sequence[str] = ()
    order: Sequence[str] = ("job.next_attempt_at", "job.id")
    also: Mapping[str, str] = field(default_factory=dict)


# Locks are only tried, never waited for: whoever holds one is about to change what is asked for here.
_LEASE = """
WITH turn AS (
    SELECT job.id AS job_id, {columns}
    FROM {table} job {joins}
    WHERE job.state = 'queued' AND job.next_attempt_at <= statement_timestamp() AND {needs} {which}
    ORDER BY {order}
    LIMIT 1
    FOR NO KEY UPDATE OF {locks} SKIP LOCKED
){also}
UPDATE {table} job
SET state = %(running)s, attempt = job.attempt + 1, lease_owner = %(worker)s,
    lease_until = statement_timestamp() + make_interval(secs => %(seconds)s),
    started_at = statement_timestamp(), first_tried_at = coalesce(job.first_tried_at, statement_timestamp())
FROM turn WHERE job.id = turn.job_id
RETURNING job.id AS job_id, job.attempt, job.lease_until AS until, {names}
"""


def lease_next(kind: JobKind[L], *, worker: str, **parameters: Any) -> L | None:
    """Lease the job of a kind whose turn it is; None if none is due that can be leased now.

    `parameters` are those of the kind's own SQL.
    """
    return _lease(kind, "", {"worker": worker[:LONGEST_OWNER], **parameters})


def lease_job(kind: JobKind[L], job_id: int, *, worker: str, **parameters: Any) -> L | None:
    """Lease this job if it is due and can be leased now; else return None and change nothing."""
    return _lease(
        kind, "AND job.id = %(job)s", {"job": job_id, "worker": worker[:LONGEST_OWNER], **parameters}
    )


@transaction.atomic(durable=True)
def _lease(kind: JobKind[L], which: str, parameters: dict[str, Any]) -> L | None:
    statement = _LEASE.format(
        table=kind.model._meta.db_table,
        columns=", ".join(f"{expression} AS {name}" for name, expression in kind.columns.items()),
        names=", ".join(f"turn.{name}" for name in kind.columns),
        joins=kind.joins,
        needs=kind.needs,
        which=which,
        order=", ".join(kind.order),
        locks=", ".join(("job", *kind.locks)),
        also="".join(f", {name} AS ({sql})" for name, sql in kind.also.items()),
    )
    seconds = LEASE_LENGTHS[kind.model].total_seconds()
    with connection.cursor() as cursor:
        cursor.execute(statement, {"running": kind.model.running, "seconds": seconds, **parameters})
        row = cursor.fetchone()
    return None if row is None else kind.make_lease(*row[:3], **dict(zip(kind.columns, row[3:], strict=True)))


def lock_attempt(model: type[J], lease: Lease) -> J:
    """Lock the job of a lease, in the running transaction, and return it.

    Raises LeaseLost if the attempt is not under way any more, because the job was taken back, leased by
    someone else or called off.
    """
    under_way = model._default_manager.filter(pk=lease.job_id, state=model.running, attempt=lease.attempt)
    job = under_way.select_for_update(of=("self",)).first()
    if job is None:
        raise LeaseLost(f"Attempt {lease.attempt} at job {lease.job_id} is not under way any more.")
    return job


def put_back(job: LeasedJob, at: datetime, *, code: str, detail: str = "") -> None:
    """Queue a locked job again, due at `at`, and save it; `code` and `detail` say why the attempt failed."""
    job.state, job.next_attempt_at = QUEUED, at
    _save(job, code, detail)


def end(job: LeasedJob, state: str, *, now: datetime, code: str = "", detail: str = "") -> None:
    """End a locked job in `state` and save it; nobody tries it again by itself."""
    job.state, job.next_attempt_at, job.finished_at = state, None, now
    _save(job, code, detail)


def _save(job: LeasedJob, code: str, detail: str) -> None:
    job.lease_owner, job.lease_until = "", None
    job.error_code, job.error_detail = code[:LONGEST_CODE], detail[:LONGEST_DETAIL]
    job.save()


def end_all(jobs: QuerySet[J], state: str, *, code: str) -> None:
    """End jobs in `state`, in the running transaction; a worker that is at one of them has lost its lease."""
    jobs.update(
        state=state,
        next_attempt_at=None,
        finished_at=Now(),
        lease_owner="",
        lease_until=None,
        error_code=code,
    )


def queue_again(jobs: QuerySet[J]) -> None:
    """Queue jobs that had ended, due now, in the running transaction."""
    jobs.update(state=QUEUED, next_attempt_at=Now(), finished_at=None)


def due(model: type[J]) -> QuerySet[J]:
    """Return the queued jobs of a model that are due, the one that has waited longest first."""
    return model._default_manager.filter(state=QUEUED, next_attempt_at__lte=Now()).order_by(
        "next_attempt_at", "id"
    )


def lapsed(model: type[J]) -> QuerySet[J]:
    """Return the jobs of a model whose lease has lapsed."""
    return model._default_manager.filter(state=model.running, lease_until__lt=Now())


def take_back(
    jobs: QuerySet[J], *, code: str, failed: str, next_try: Callable[[J, datetime], datetime | None]
) -> list[J]:
    """Take `jobs`, some of those that have `lapsed`, from their workers, in the running transaction.

    The first `FREE_RECOVERIES` times a job is due again at once. After that `next_try`, called with the job
    and the present time, says when; where it returns None the job is given up and ends in the state
    `failed`. `code` becomes its error code. Returns the jobs as they are now, without those that someone
    else has locked: their attempt is just being ended.
    """
    taken = list(jobs.select_for_update(of=("self",), skip_locked=True))
    now = database_time()
    for job in taken:
        at = now if job.attempt <= FREE_RECOVERIES else next_try(job, now)
        if at is None:
            end(job, failed, now=now, code=code)
        else:
            put_back(job, at, code=code)
    return taken


def database_time() -> datetime:
    """Return the time by the clock that all workers share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        [now] = cursor.fetchone()
    assert isinstance(now, datetime)
    return now
