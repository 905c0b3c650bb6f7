"""What a worker does when it is woken. The work itself is tested with its subject."""

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from kombu.exceptions import OperationalError

from annotations import jobs, tasks
from annotations.models import Report, WorkerHeartbeat
from annotations.workflow.fetches import run, sweep
from annotations.workflow.fetches.sweep import Swept
from annotations.workflow.heartbeat import beat
from factcheck.celery import app

NAMES = {value for name, value in vars(jobs).items() if name.isupper() and isinstance(value, str)}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, int]]]:
    """The hints that were sent; none reaches a broker."""
    hints: list[tuple[str, dict[str, int]]] = []
    monkeypatch.setattr(jobs._Silence, "until", 0.0)
    monkeypatch.setattr(
        jobs.current_app, "send_task", lambda name, kwargs, **_: hints.append((name, kwargs)), raising=False
    )
    return hints


def test_every_name_that_can_be_woken_or_is_on_the_timetable_is_a_task() -> None:
    app.loader.import_default_modules()
    timetable = {entry["task"] for entry in django_settings.CELERY_BEAT_SCHEDULE.values()}
    assert timetable <= NAMES
    assert set(app.tasks) >= NAMES


@pytest.mark.django_db(transaction=True)
def test_a_hint_is_sent_after_the_commit_and_never_without_one(sent: list[Any]) -> None:
    with transaction.atomic():
        jobs.wake(jobs.FETCH_REFERENCE, job_id=1)
        assert sent == []
    assert sent == [(jobs.FETCH_REFERENCE, {"job_id": 1})]
    with transaction.atomic():
        jobs.wake(jobs.FETCH_REFERENCE, job_id=2)
        transaction.set_rollback(True)
    assert len(sent) == 1


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_fails_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def fail(name: str, **_: Any) -> None:
        tried.append(name)
        raise OperationalError("no broker")

    monkeypatch.setattr(jobs._Silence, "until", 0.0)
    monkeypatch.setattr(jobs.current_app, "send_task", fail, raising=False)
    for number in range(20):
        jobs.wake(jobs.FETCH_REFERENCE, job_id=number)
    assert len(tried) == 1
    monkeypatch.setattr(jobs._Silence, "until", 0.0)
    jobs.wake(jobs.FETCH_REFERENCE, job_id=21)
    assert len(tried) == 2


@pytest.mark.django_db(transaction=True)
def test_the_sweep_wakes_reports_too(monkeypatch: pytest.MonkeyPatch, sent: list[Any]) -> None:
    swept: list[bool] = []
    monkeypatch.setattr(sweep, "sweep", lambda: swept.append(True) or Swept(0, 0, 0))
    monkeypatch.setattr(tasks.freeze, "queued_reports", lambda: [7])
    tasks.sweep()
    assert swept == [True]
    assert sent == [(jobs.BUILD_REPORT, {"report_id": 7})]
    assert not Report.objects.exists()


@pytest.mark.parametrize(("time_is_up", "hints"), [(False, []), (True, [(jobs.FETCH_REFERENCE, {})])])
def test_a_fetcher_hands_on_only_what_it_had_no_time_for(
    monkeypatch: pytest.MonkeyPatch,
    sent: list[Any],
    transactional_db: None,
    time_is_up: bool,
    hints: list[Any],
) -> None:
    asked: list[float] = []
    monkeypatch.setattr(run, "run_due", lambda *, worker, seconds: asked.append(seconds) or time_is_up)
    tasks.fetch_reference(job_id=1, something_newer="is ignored")
    assert asked == [tasks.FETCH_SECONDS]
    assert sent == hints


@pytest.mark.django_db
def test_a_worker_has_one_heartbeat_and_workers_long_silent_are_forgotten() -> None:
    beat(name="old")
    WorkerHeartbeat.objects.filter(name__startswith="old").update(beat_at="2020-01-01T00:00:00Z")
    beat(name="w1")
    first = WorkerHeartbeat.objects.get().beat_at
    beat(name="w1")
    assert WorkerHeartbeat.objects.get().beat_at > first
