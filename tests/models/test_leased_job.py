"""What the database holds every job of the background work to, whoever writes the row."""

import pytest
from django.db.models.functions import Now

from tests.factories import Team
from tests.leased_kinds import KINDS, LeasedKind
from tests.models.refusing import refused_by

PREFIXES = {"fetch": "fetch_job", "time stamp": "stamp", "other archive": "witness_job"}


@pytest.fixture(params=list(KINDS))
def named(request: pytest.FixtureRequest) -> tuple[str, LeasedKind]:
    return PREFIXES[request.param], KINDS[request.param]


def test_a_queued_job_is_due_at_some_time(team: Team, named: tuple[str, LeasedKind]) -> None:
    prefix, kind = named
    job = kind.make(team, 1)

    with refused_by(f"{prefix}_queued_has_time"):
        kind.model._default_manager.update(next_attempt_at=None)

    job.refresh_from_db()
    assert job.next_attempt_at is not None


def test_a_job_that_is_being_tried_has_a_lease_that_ends(team: Team, named: tuple[str, LeasedKind]) -> None:
    prefix, kind = named
    job = kind.make(team, 1)

    with refused_by(f"{prefix}_{kind.model.running}_has_lease"):
        kind.model._default_manager.update(state=kind.model.running)

    job.refresh_from_db()
    assert job.state == "queued"
    kind.model._default_manager.update(state=kind.model.running, lease_until=Now())


@pytest.mark.parametrize(
    ("name", "state"), [(name, state) for name in ("fetch", "other archive") for state in KINDS[name].ended]
)
def test_a_job_that_has_ended_says_when(team: Team, name: str, state: str) -> None:
    kind = KINDS[name]
    job = kind.make(team, 1)

    with refused_by(f"{PREFIXES[name]}_ended_has_time"):
        kind.model._default_manager.update(state=state)

    job.refresh_from_db()
    assert job.state == "queued"
    kind.model._default_manager.update(state=state, finished_at=Now())
