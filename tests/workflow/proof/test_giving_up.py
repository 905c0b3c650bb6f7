"""When the jobs of proof are tried again, and when they are given up."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from annotations.domain.errors import LeaseLost
from annotations.models import Stamp, WitnessJob
from annotations.workflow.leased_jobs import database_time, lock_attempt
from annotations.workflow.proof import other_archives, timestamps
from factcheck.kept_settings import Authority
from tests.factories import Team
from tests.leased_kinds import AUTHORITY, KINDS, change, lapse, leased, let_fail, make_due


@pytest.fixture(autouse=True)
def _an_authority(settings: Any) -> None:
    settings.TIMESTAMP_AUTHORITIES = (Authority(AUTHORITY, None),)


def test_an_authority_is_asked_for_as_long_as_it_is_configured(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = KINDS["time stamp"]
    job = kind.make(team, 1)
    change(job, attempt=400)
    let_fail(kind, monkeypatch)
    kind.run(job.pk, worker="w1")
    now = database_time()
    job.refresh_from_db()
    assert (job.state, job.attempt) == ("queued", 401)
    assert job.next_attempt_at is not None
    assert timedelta(hours=2, minutes=59) < job.next_attempt_at - now <= timedelta(hours=6)

    make_due(job)
    leased(kind, job)
    lapse(job)
    kind.sweep()
    job.refresh_from_db()
    assert job.state == "queued"


def test_a_stamp_that_nobody_asks_for_any_more_is_taken_from_its_worker(team: Team, settings: Any) -> None:
    kind = KINDS["time stamp"]
    job = kind.make(team, 1)
    lease = leased(kind, job)
    settings.TIMESTAMP_AUTHORITIES = ()
    other = kind.make(team, 2)
    assert kind.lease(other.pk, worker="w2") is None
    timestamps.sweep()

    job.refresh_from_db()
    assert (job.state, job.lease_owner, job.lease_until) == ("failed", "", None)
    assert job.finished_at is not None
    with pytest.raises(LeaseLost):
        lock_attempt(Stamp, lease)
    settings.TIMESTAMP_AUTHORITIES = (Authority(AUTHORITY, None),)
    timestamps.sweep()
    job.refresh_from_db()
    assert (job.state, job.finished_at) == ("queued", None)


@pytest.mark.parametrize(
    ("first_tried_at", "is_given_up"), [(None, False), (Now() - timedelta(days=3), True)], ids=["new", "old"]
)
def test_an_archive_is_given_up_three_days_after_it_was_first_asked_however_long_the_question_waited(
    team: Team, monkeypatch: pytest.MonkeyPatch, first_tried_at: datetime | None, is_given_up: bool
) -> None:
    kind = KINDS["other archive"]
    job = kind.make(team, 1)
    change(job, created_at=Now() - timedelta(days=4), first_tried_at=first_tried_at)
    let_fail(kind, monkeypatch)

    assert other_archives.ask_archive(job.pk, worker="w1")

    job = WitnessJob.objects.get(pk=job.pk)
    assert (job.state == "failed") is is_given_up
