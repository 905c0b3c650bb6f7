"""A worker with full hands is no worker that is missing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.db.models.functions import Now

from annotations.domain.background import BackgroundPart
from annotations.models import WorkerHeartbeat
from annotations.queries.heartbeats import part_alive
from annotations.workflow import heartbeat
from annotations.workflow.heartbeat import TaskHeartbeat
from factcheck.celery import app
from tests.factories import make_claim, make_team
from tests.fakes.site import Site
from tests.waiting import until
from tests.workflow.fetches.steps import attach


def silence() -> None:
    """Let every sign of life be too old."""
    WorkerHeartbeat.objects.update(beat_at=Now() - timedelta(minutes=1))


@pytest.mark.django_db(transaction=True)
def test_a_long_task_shows_again_and_again_that_its_worker_is_at_work() -> None:
    pulse = TaskHeartbeat("w1", every=0.05)
    pulse.start()
    until(lambda: part_alive(BackgroundPart.WORKER))
    silence()
    until(lambda: part_alive(BackgroundPart.WORKER))
    pulse.stop()
    silence()

    assert not part_alive(BackgroundPart.WORKER)
    assert WorkerHeartbeat.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_short_task_writes_nothing() -> None:
    pulse = TaskHeartbeat("w1")
    pulse.start()
    pulse.stop()

    assert not WorkerHeartbeat.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_ends_neither_task_nor_pulse(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []
    really = heartbeat.beat

    def fail_once(*, name: str, part: BackgroundPart) -> None:
        tried.append(name)
        if len(tried) == 1:
            raise DatabaseError("restarting")
        really(name=name, part=part)

    monkeypatch.setattr(heartbeat, "beat", fail_once)
    pulse = TaskHeartbeat("w1", every=0.05)
    pulse.start()
    until(lambda: part_alive(BackgroundPart.WORKER))
    pulse.stop()

    assert len(tried) >= 2


@pytest.mark.endtoend
@pytest.mark.usefixtures("open_loopback")
def test_a_worker_whose_every_slot_waits_for_a_slow_site_is_alive(start_worker: Callable[..., Any]) -> None:
    team = make_team()
    worker = start_worker(concurrency=1)
    with Site() as site:
        _, job = attach(team, make_claim(team), site.url("/gate"))
        app.send_task("annotations.fetch_reference", kwargs={"job_id": job.pk})
        until(lambda: len(site.requests) == 1)
        silence()
        app.send_task("annotations.heartbeat", expires=1)

        until(lambda: part_alive(BackgroundPart.FETCHER))

        job.refresh_from_db()
        assert job.state == "fetching"
        silence()
        worker.end()
        site.opened.set()
        assert not part_alive(BackgroundPart.FETCHER)
