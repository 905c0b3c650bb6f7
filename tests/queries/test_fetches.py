"""What operators and desks see of the fetching."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from annotations.domain.fetches.states import FetchState
from annotations.fetching import FetchFailed
from annotations.models import Claim, FetchJob, Host, WorkerHeartbeat
from annotations.queries.evidence.attached import evidence_views
from annotations.queries.fetches.totals import (
    ended_last_hour,
    hosts_now,
    queue_now,
    references_by_state,
)
from annotations.queries.heartbeats import workers_now
from annotations.queries.references.lists import ReferenceFilter, references_page
from annotations.queries.references.page import reference_record
from annotations.workflow.fetches.finish import finish_job
from tests.factories import Team, make_claim
from tests.workflow.fetches.steps import attach, leased

PEACE = "Several fetches from this site failed in a row, so it is left in peace for a while."


@pytest.fixture
def claim(team: Team) -> Claim:
    return make_claim(team)


def ended(team: Team, claim: Claim, url: str, code: str) -> None:
    _, job = attach(team, claim, url)
    finish_job(leased(job), FetchFailed(code))


def test_the_queue_counts_what_is_due_planned_under_way_and_held_up(team: Team, claim: Claim) -> None:
    assert queue_now().oldest is None
    _, first = attach(team, claim, "https://a.example/")
    attach(team, claim, "https://shut.example/")
    attach(team, claim, "https://patient.example/")
    _, running = attach(team, claim, "https://running.example/")
    _, later = attach(team, claim, "https://later.example/")
    leased(running)
    FetchJob.objects.filter(pk=later.pk).update(next_attempt_at=Now() + timedelta(hours=1))
    Host.objects.filter(name="shut.example").update(open_until=Now() + timedelta(hours=1))
    Host.objects.filter(name="patient.example").update(free_at=Now() + timedelta(hours=1))
    first.refresh_from_db()
    for desk_id in (None, team.desk.pk):
        queue = queue_now(desk_id=desk_id)
        assert (queue.due, queue.held_up, queue.later, queue.fetching) == (3, 2, 1, 1)
        assert queue.oldest == first.next_attempt_at
    assert queue_now(desk_id=team.outsider.memberships.get().desk_id).due == 0


def test_how_the_last_hour_ended_is_counted_by_outcome(team: Team, claim: Claim) -> None:
    ended(team, claim, "https://a.example/", "http_410")
    ended(team, claim, "https://b.example/", "http_410")
    ended(team, claim, "https://c.example/", "http_403")
    ended(team, claim, "https://waits.example/", "http_503")
    assert ended_last_hour() == {"http_410": 2, "http_403": 1}
    assert ended_last_hour(desk_id=team.outsider.memberships.get().desk_id) == {}
    FetchJob.objects.filter(error_code="http_403").update(finished_at=Now() - timedelta(hours=2))
    assert ended_last_hour(desk_id=team.desk.pk) == {"http_410": 2}


def test_the_sources_of_a_desk_are_counted_by_state(team: Team, claim: Claim) -> None:
    ended(team, claim, "https://a.example/", "http_410")
    attach(team, claim, "https://b.example/")
    counted = references_by_state(team.desk.pk)
    assert counted == {state: int(state in (FetchState.FAILED, FetchState.QUEUED)) for state in FetchState}


def test_sites_are_told_of_while_fetches_wait_for_them_or_they_are_left_in_peace(
    team: Team, claim: Claim
) -> None:
    ended(team, claim, "https://done.example/", "http_410")
    ended(team, claim, "https://shut.example/", "connect_refused")
    Host.objects.filter(name="shut.example").update(failures=5, open_until=Now() + timedelta(hours=1))
    attach(team, claim, "https://a.example/1")
    _, running = attach(team, claim, "https://a.example/2")
    leased(running)
    shut, busy = hosts_now()
    assert (shut.name, shut.waiting, shut.failures, shut.last_code) == (
        "shut.example",
        1,
        5,
        "connect_refused",
    )
    assert shut.open_until is not None
    assert (busy.name, busy.waiting, busy.fetching, busy.open_until) == ("a.example", 2, True, None)
    assert [row.name for row in hosts_now(desk_id=team.desk.pk)] == ["shut.example", "a.example"]
    assert hosts_now(desk_id=team.outsider.memberships.get().desk_id) == []


@pytest.mark.django_db
def test_a_worker_that_is_silent_is_shown_as_such() -> None:
    WorkerHeartbeat.objects.create(name="silent", beat_at=Now() - timedelta(seconds=20))
    WorkerHeartbeat.objects.create(name="lively", beat_at=Now())
    assert [(row.name, row.alive) for row in workers_now()] == [("lively", True), ("silent", False)]


@pytest.mark.parametrize("ask", [queue_now, ended_last_hour, hosts_now, workers_now])
def test_each_answer_is_one_query_however_many_rows_there_are(
    team: Team, claim: Claim, ask: Callable[[], Any], django_assert_num_queries: Any
) -> None:
    for number in range(12):
        attach(team, claim, f"https://host{number}.example/")
    with django_assert_num_queries(1):
        ask()


def test_a_source_whose_site_is_left_in_peace_says_so_and_until_when(team: Team, claim: Claim) -> None:
    evidence, _ = attach(team, claim, "https://a.example/")
    reference = evidence.reference
    [row] = evidence_views(claim.pk)
    assert (row.fetch.problem, row.fetch.next_at) == ("", None)
    Host.objects.update(free_at=Now() + timedelta(hours=2))
    assert evidence_views(claim.pk)[0].fetch.problem == "The site asks us to come back later (429)."
    Host.objects.update(open_until=Now() + timedelta(hours=1))
    host = Host.objects.get()
    views = [
        evidence_views(claim.pk)[0].fetch,
        reference_record(team.viewer, reference.pk).fetch,
        references_page(team.desk.pk, ReferenceFilter()).rows[0].fetch,
    ]
    assert {(view.problem, view.next_at) for view in views} == {(PEACE, host.open_until)}
    Host.objects.update(open_until=Now() - timedelta(seconds=1), free_at=Now())
    assert evidence_views(claim.pk)[0].fetch.problem == ""
