"""The clock says that it goes, and goes on while the database is away."""

from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError

from annotations.domain.background import BackgroundPart
from annotations.queries.heartbeats import part_alive, workers_now
from factcheck import clock
from factcheck.celery import app
from factcheck.clock import Clock


@pytest.fixture
def ticking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr(Clock, "apply_entry", lambda *given, **named: None)
    return Clock(app, schedule_filename=str(tmp_path / "schedule"))


@pytest.mark.django_db
def test_a_clock_that_ticks_gives_a_sign_of_life_and_is_no_worker(ticking: Clock) -> None:
    assert not part_alive(BackgroundPart.CLOCK)
    ticking.tick()
    assert part_alive(BackgroundPart.CLOCK)
    assert workers_now() == []


def test_it_writes_every_five_seconds_and_not_at_each_tick(
    ticking: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Any] = []
    now = 100.0
    monkeypatch.setattr(clock, "beat", lambda **named: written.append(named))
    monkeypatch.setattr(clock.time, "monotonic", lambda: now)
    for now in (100.0, 101.0, 104.9, 105.0):  # noqa: B007 - the clock reads it
        ticking.tick()
    assert len(written) == 2


def test_a_database_that_is_away_does_not_stop_it(ticking: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[Any] = []

    def fail(**named: Any) -> None:
        tried.append(named)
        raise DatabaseError("restarting")

    monkeypatch.setattr(clock, "beat", fail)
    assert ticking.tick() <= 5
    assert tried
