"""Every kind of job is leased by one worker at a time, and a worker that comes too late changes nothing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now

from annotations.domain.errors import LeaseLost
from annotations.models.leased_job import LeasedJob
from annotations.workflow.leased_jobs import (
    FREE_RECOVERIES,
    LEASE_LENGTHS,
    LONGEST_DETAIL,
    Lease,
    database_time,
    due,
    lock_attempt,
)
from factcheck.kept_settings import Authority
from tests.factories import Team, make_team
from tests.leased_kinds import AUTHORITY, KINDS, LeasedKind, change, lapse, leased, let_fail, make_due, row

TRIES = 8


@pytest.fixture(autouse=True)
def _an_authority(settings: Any) -> None:
    settings.TIMESTAMP_AUTHORITIES = (Authority(AUTHORITY, None),)


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest) -> LeasedKind:
    found: LeasedKind = KINDS[request.param]
    return found


@pytest.fixture
def job(kind: LeasedKind, team: Team) -> LeasedJob:
    return kind.make(team, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", list(KINDS))
def test_of_two_workers_that_lease_at_once_one_gets_the_job_and_the_other_does_not_wait(
    name: str, transactional_db: None
) -> None:
    kind = KINDS[name]
    job = kind.make(make_team(), 1)
    is_leased, may_commit = Event(), Event()

    def hold(execute: Callable[..., Any], sql: str, *given: Any) -> Any:
        result = execute(sql, *given)
        if "RETURNING job.id" in sql:
            is_leased.set()
            assert may_commit.wait(30)
        return result

    def lease(worker: str, *wrappers: Callable[..., Any]) -> Lease | None:
        try:
            with connection.execute_wrapper(wrappers[0] if wrappers else lambda run, *given: run(*given)):
                return kind.lease(job.pk, worker=worker)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as workers:
        try:
            first = workers.submit(lease, "first", hold)
            assert is_leased.wait(30)
            second = workers.submit(lease, "second")
            assert second.result(timeout=5) is None
        finally:
            may_commit.set()
        held = first.result(timeout=30)

    assert held is not None
    assert (held.job_id, held.attempt) == (job.pk, 1)
    job.refresh_from_db()
    assert (job.attempt, job.lease_owner) == (1, "first")


def test_a_lease_says_whose_it_is_and_ends_by_the_clock_of_the_database(
    kind: LeasedKind, job: LeasedJob
) -> None:
    before = database_time()
    lease = leased(kind, job, worker="w" * 200)
    after = database_time()

    job.refresh_from_db()
    assert (job.state, job.attempt, job.lease_owner) == (kind.model.running, lease.attempt, "w" * 120)
    assert job.lease_until == lease.until
    assert before <= lease.until - LEASE_LENGTHS[kind.model] <= after
    assert job.started_at == job.first_tried_at == lease.until - LEASE_LENGTHS[kind.model]


def test_every_kind_of_job_has_a_lease_length() -> None:
    assert set(LEASE_LENGTHS) == set(LeasedJob.__subclasses__()) == {kind.model for kind in KINDS.values()}


def test_a_job_that_is_not_due_or_in_anothers_hands_or_ended_is_not_leased(
    kind: LeasedKind, job: LeasedJob
) -> None:
    for values in (
        {"next_attempt_at": Now() + timedelta(minutes=1)},
        {"next_attempt_at": Now(), "state": kind.model.running, "lease_until": Now() + timedelta(minutes=1)},
        {"state": kind.ended[-1], "finished_at": Now()},
    ):
        change(job, **values)
        before = row(job)
        assert kind.lease(job.pk, worker="w1") is None
        assert row(job) == before


def test_who_has_waited_longest_is_due_first(kind: LeasedKind, job: LeasedJob, team: Team) -> None:
    longest, later = kind.make(team, 2), kind.make(team, 3)
    change(longest, next_attempt_at=Now() - timedelta(hours=2))
    change(job, next_attempt_at=Now() - timedelta(hours=1))
    change(later, next_attempt_at=Now() + timedelta(hours=1))

    assert list(due(kind.model)) == [longest, job]


def test_who_asks_for_one_job_gets_that_one_and_not_the_one_whose_turn_it_is(
    kind: LeasedKind, job: LeasedJob, team: Team
) -> None:
    wanted = kind.make(team, 2)
    before = row(job)

    assert leased(kind, wanted).job_id == wanted.pk

    assert row(job) == before
    wanted.refresh_from_db()
    assert (wanted.state, wanted.attempt) == (kind.model.running, 1)


def test_a_late_result_neither_ends_nor_changes_the_attempt_of_a_successor(
    kind: LeasedKind, job: LeasedJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    successors: list[Lease] = []
    seen: list[dict[str, Any]] = []

    def take_over() -> None:
        lapse(job)
        kind.sweep()
        make_due(job)
        successors.append(leased(kind, job, "successor"))
        seen.append(row(job))

    let_fail(kind, monkeypatch, take_over)
    kind.run(job.pk, worker="late")

    assert [row(job)] == seen
    [successor] = successors
    assert successor.attempt == 2
    assert lock_attempt(kind.model, successor).lease_owner == "successor"


def test_a_late_result_does_not_change_a_job_that_nobody_has_taken_over_yet(
    kind: LeasedKind, job: LeasedJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[dict[str, Any]] = []

    def take_back() -> None:
        lapse(job)
        kind.sweep()
        seen.append(row(job))

    let_fail(kind, monkeypatch, take_back)
    kind.run(job.pk, worker="late")

    assert [row(job)] == seen
    assert seen[0]["state"] == "queued"


def test_a_worker_that_is_slow_but_whose_job_is_still_its_own_may_write(
    kind: LeasedKind, job: LeasedJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_fail(kind, monkeypatch, lambda: lapse(job))
    kind.run(job.pk, worker="slow")

    job.refresh_from_db()
    assert (job.state, job.attempt, job.lease_owner, job.lease_until) == ("queued", 1, "", None)
    assert job.error_code not in ("", kind.lost)


def test_a_lease_of_another_attempt_locks_nothing(kind: LeasedKind, job: LeasedJob) -> None:
    lease = leased(kind, job)
    with pytest.raises(LeaseLost):
        lock_attempt(kind.model, Lease(job.pk, lease.attempt + 1, lease.until))
    assert lock_attempt(kind.model, lease) == job
    change(job, state=kind.ended[-1], finished_at=Now())
    with pytest.raises(LeaseLost):
        lock_attempt(kind.model, lease)


def test_a_lease_that_lapsed_is_taken_back_and_the_job_is_due_again_at_once(
    kind: LeasedKind, job: LeasedJob
) -> None:
    change(job, error_detail="What went wrong an attempt ago.")
    first = leased(kind, job)
    under_way = row(job)
    kind.sweep()
    assert row(job) == under_way

    lapse(job)
    kind.sweep()

    job.refresh_from_db()
    assert (job.state, job.error_code, job.error_detail) == ("queued", kind.lost, "")
    assert (job.lease_owner, job.lease_until, job.finished_at) == ("", None, None)
    assert job in due(kind.model)
    second = leased(kind, job, "w2")
    assert second.attempt == first.attempt + 1
    job.refresh_from_db()
    assert job.first_tried_at == first.until - LEASE_LENGTHS[kind.model]


def test_a_lapsed_job_that_is_just_being_ended_is_left_to_its_worker(
    transactional_db: None, kind: LeasedKind
) -> None:
    job = kind.make(make_team(), 1)
    leased(kind, job)
    lapse(job)

    def sweep() -> dict[str, Any]:
        try:
            kind.sweep()
            return row(job)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other, connection.cursor() as cursor:
        before = row(job)
        cursor.execute("BEGIN")
        try:
            cursor.execute(
                f"SELECT 1 FROM {kind.model._meta.db_table} WHERE id = %s FOR UPDATE",
                [job.pk],
            )
            assert other.submit(sweep).result(timeout=10) == before
        finally:
            cursor.execute("ROLLBACK")


def test_a_job_whose_workers_are_lost_time_and_again_is_left_alone_for_longer_and_longer(
    kind: LeasedKind, job: LeasedJob
) -> None:
    for attempt in range(1, FREE_RECOVERIES + 2):
        make_due(job)
        assert leased(kind, job).attempt == attempt
        lapse(job)
        now = database_time()
        kind.sweep()
        job.refresh_from_db()
        assert job.next_attempt_at is not None
        assert (job.next_attempt_at > now + timedelta(seconds=1)) is (attempt > FREE_RECOVERIES)
    assert kind.lease(job.pk, worker="w1") is None


@pytest.mark.parametrize("name", ["fetch", "other archive"])
def test_a_job_whose_workers_are_all_lost_is_given_up_after_eight_tries(team: Team, name: str) -> None:
    kind = KINDS[name]
    job = kind.make(team, 1)
    change(job, attempt=TRIES - 1)
    leased(kind, job)
    lapse(job)
    before = database_time()

    kind.sweep()

    job.refresh_from_db()
    assert (job.state, job.error_code, job.attempt) == ("failed", kind.lost, TRIES)
    assert (job.next_attempt_at, job.lease_until, job.lease_owner) == (None, None, "")
    assert job.finished_at is not None
    assert before <= job.finished_at <= database_time()
    make_due(job)
    assert kind.lease(job.pk, worker="w1") is None


@pytest.mark.parametrize("name", ["fetch", "other archive"])
def test_trouble_is_tried_again_after_a_while_and_given_up_after_eight_tries(
    team: Team, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = KINDS[name]
    job = kind.make(team, 1)
    let_fail(kind, monkeypatch)
    for attempt in range(1, TRIES + 1):
        make_due(job)
        now = database_time()
        assert kind.run(job.pk, worker="w1")
        job.refresh_from_db()
        assert (job.attempt, job.lease_until, job.lease_owner) == (attempt, None, "")
        if attempt < TRIES:
            assert (job.state, job.finished_at) == ("queued", None)
            assert job.next_attempt_at is not None
            assert timedelta(seconds=1) <= job.next_attempt_at - now <= timedelta(hours=6, minutes=1)
    assert (job.state, job.next_attempt_at) == ("failed", None)
    assert job.finished_at is not None


def test_what_an_answer_says_fits_the_row_whatever_it_is(
    kind: LeasedKind, job: LeasedJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_fail(kind, monkeypatch, detail="no\x00body " * LONGEST_DETAIL)
    kind.run(job.pk, worker="w1")

    job.refresh_from_db()
    assert (job.state, len(job.error_detail)) == ("queued", LONGEST_DETAIL)
    assert "nobody nobody" in job.error_detail
