"""One due job of each kind that workers lease, and the small steps that tests take with it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from django.db.models.functions import Now

from annotations.domain.proof.kinds import WitnessKind
from annotations.fetching import FetchFailed
from annotations.models import FetchJob, Host, Stamp, StampBatch, WitnessJob
from annotations.models.leased_job import LeasedJob
from annotations.workflow.fetches import lease as fetch_lease
from annotations.workflow.fetches import run
from annotations.workflow.fetches import sweep as fetch_sweep
from annotations.workflow.leased_jobs import Lease
from annotations.workflow.proof import other_archives, timestamps
from tests.factories import Team, make_capture, make_reference

AUTHORITY = "https://time.example/"


@dataclass(frozen=True)
class LeasedKind:
    """One kind of job: how a worker leases and runs it, and how the sweep takes it back.

    `run` makes one attempt and returns whether it counted. It reaches the network through the function
    `outgoing` of the module `module`.
    """

    model: type[LeasedJob]
    make: Callable[[Team, int], LeasedJob]
    lease: Callable[..., Lease | None]
    run: Callable[..., bool]
    module: ModuleType
    outgoing: str
    sweep: Callable[[], Any]
    lost: str
    ended: tuple[str, ...]


def _fetch(team: Team, number: int) -> FetchJob:
    host = Host.objects.create(name=f"site{number}.example")
    return FetchJob.objects.create(reference=make_reference(team, f"https://{host}/"), host=host.name)


def _stamp(team: Team, number: int) -> Stamp:
    batch = StampBatch.objects.create(root_sha256=f"{number:064}", leaf_count=1)
    return Stamp.objects.create(batch=batch, authority=AUTHORITY)


def _question(team: Team, number: int) -> WitnessJob:
    capture = make_capture(make_reference(team, f"https://news{number}.example/"))
    return WitnessJob.objects.create(capture=capture, kind=WitnessKind.MEMENTO_LOOKUP)


KINDS = {
    "fetch": LeasedKind(
        FetchJob, _fetch, fetch_lease.lease_job, run.run_fetch, run, "fetch",
        fetch_sweep.sweep, "worker_lost", ("fetched", "failed", "cancelled"),
    ),
    "time stamp": LeasedKind(
        Stamp, _stamp, timestamps.lease_stamp, timestamps.ask, timestamps, "exchange",
        timestamps.sweep, "worker_lost", ("failed",),
    ),
    "other archive": LeasedKind(
        WitnessJob, _question, other_archives.lease_question, other_archives.ask_archive, other_archives,
        "exchange", other_archives.sweep, "witness_lost", ("done", "failed"),
    ),
}  # fmt: skip


def make_due(job: LeasedJob) -> None:
    """Make the job due by ending the wait for its next try and, for a fetch, the rest of its host."""
    type(job)._default_manager.filter(pk=job.pk).update(next_attempt_at=Now())
    Host.objects.update(free_at=Now(), open_until=None, failures=0)


def lapse(job: LeasedJob) -> None:
    """Make the job's worker silent for as long as its lease."""
    past = Now() - timedelta(seconds=1)
    type(job)._default_manager.filter(pk=job.pk).update(lease_until=past)
    Host.objects.filter(busy_until__isnull=False).update(busy_until=past)


def leased(kind: LeasedKind, job: LeasedJob, worker: str = "w1") -> Lease:
    """Lease a job that can be leased."""
    lease = kind.lease(job.pk, worker=worker)
    assert lease is not None
    return lease


def row(job: LeasedJob) -> dict[str, Any]:
    """Return the job as it is stored."""
    return type(job)._default_manager.values().get(pk=job.pk)


def change(job: LeasedJob, **values: Any) -> None:
    """Change a job without the knowledge of the worker that has leased it."""
    type(job)._default_manager.filter(pk=job.pk).update(**values)


def let_fail(
    kind: LeasedKind,
    patch: pytest.MonkeyPatch,
    meanwhile: Callable[[], object] = lambda: None,
    detail: str = "",
) -> None:
    """Make whatever the worker asks fail, after something else happened meanwhile."""

    def fail(*_: Any, **__: Any) -> None:
        meanwhile()
        raise FetchFailed("connect_refused", detail)

    patch.setattr(kind.module, kind.outgoing, fail)
