"""One site is asked by one worker at a time, with pauses, and not at all while it does not answer."""

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from annotations.domain.fetches.states import FetchKind, FetchState
from annotations.domain.hops import Hop
from annotations.fetching import FetchFailed
from annotations.models import Claim, Evidence, FetchJob, Host, Reference
from annotations.workflow.evidence.attach import attach_addresses
from annotations.workflow.fetches import lease
from annotations.workflow.fetches.enqueue import order_checks
from annotations.workflow.fetches.finish import finish_job
from annotations.workflow.fetches.lease import lease_job, lease_next, seconds_until_due
from annotations.workflow.fetches.run import run_due, run_fetch
from annotations.workflow.fetches.sweep import sweep
from annotations.workflow.leased_jobs import database_time
from tests.factories import Team, make_claim, make_team
from tests.fakes.site import Site
from tests.without_rules import as_owner
from tests.workflow.fetches.steps import attach, lapse, leased, make_due

DEAD = FetchFailed("connect_refused")


def end_as(job: FetchJob, result: FetchFailed) -> Host:
    """Let an attempt end like this, whatever the time."""
    make_due(job)
    assert finish_job(leased(job), result)
    return Host.objects.get(name=job.host)


def test_a_job_is_leased_once_and_its_host_is_busy_meanwhile(team: Team, claim: Claim) -> None:
    _, first = attach(team, claim, "https://a.example/1")
    _, second = attach(team, claim, "https://a.example/2")
    assert lease_job(first.pk, worker="w1") is not None
    assert lease_job(first.pk, worker="w2") is None
    assert lease_job(second.pk, worker="w2") is None
    assert lease_next(worker="w2") is None
    lapse(first)
    assert lease_job(second.pk, worker="w2") is not None


def test_the_pause_of_a_host_binds_every_worker_and_no_other_host(team: Team, claim: Claim) -> None:
    _, first = attach(team, claim, "https://a.example/1")
    _, second = attach(team, claim, "https://a.example/2")
    _, elsewhere = attach(team, claim, "https://b.example/")
    host = end_as(first, FetchFailed("http_404"))
    assert host.busy_until is None
    assert timedelta(seconds=0.9) < host.free_at - database_time() <= timedelta(seconds=1.5)
    assert lease_job(second.pk, worker="w2") is None
    following = lease_next(worker="w2")
    assert following is not None
    assert following.job_id == elsewhere.pk
    make_due(second)
    assert lease_job(second.pk, worker="w2") is not None


@pytest.mark.usefixtures("open_loopback")
def test_a_host_of_our_own_network_takes_no_pause(team: Team, claim: Claim, site: Site) -> None:
    _, first = attach(team, claim, site.url("/article"))
    _, second = attach(team, claim, site.url("/article?2"))
    assert run_fetch(first.pk, worker="w1")
    assert lease_job(second.pk, worker="w1") is not None


@pytest.mark.usefixtures("open_loopback")
def test_a_busy_page_of_our_own_network_holds_up_no_other(team: Team, claim: Claim, site: Site) -> None:
    _, first = attach(team, claim, site.url("/1"))
    _, second = attach(team, claim, site.url("/2"))
    end_as(first, FetchFailed("http_503", retry_after=timedelta(minutes=15)))
    assert lease_job(second.pk, worker="w1") is not None
    first.refresh_from_db()
    assert first.next_attempt_at is not None
    assert first.next_attempt_at > database_time() + timedelta(minutes=14)


@pytest.mark.parametrize("code", ["http_429", "http_503"])
def test_what_a_site_asks_for_holds_for_all_its_pages(team: Team, claim: Claim, code: str) -> None:
    _, first = attach(team, claim, "https://a.example/1")
    _, second = attach(team, claim, "https://a.example/2")
    host = end_as(first, FetchFailed(code, retry_after=timedelta(days=3)))
    assert timedelta(hours=23, minutes=59) < host.free_at - database_time() <= timedelta(days=1)
    assert lease_job(second.pk, worker="w1") is None
    second.refresh_from_db()
    assert (second.state, second.attempt) == (FetchState.QUEUED, 0)


def test_five_failures_in_a_row_open_the_circuit_and_nobody_loses_a_try_to_it(
    team: Team, claim: Claim
) -> None:
    jobs = [attach(team, claim, f"https://a.example/{number}")[1] for number in range(6)]
    for number in range(4):
        assert end_as(jobs[number], DEAD).open_until is None
    host = end_as(jobs[4], DEAD)
    assert (host.failures, host.last_code) == (5, "connect_refused")
    assert host.open_until is not None
    assert timedelta(seconds=55) < host.open_until - database_time() <= timedelta(minutes=2)
    Host.objects.update(free_at=Now() - timedelta(seconds=1))
    assert lease_job(jobs[5].pk, worker="w1") is None
    assert sweep().woken == 0
    jobs[5].refresh_from_db()
    assert (jobs[5].state, jobs[5].attempt) == (FetchState.QUEUED, 0)


def test_one_probe_decides_whether_a_circuit_closes_or_stays_open_for_longer(
    team: Team, claim: Claim
) -> None:
    _, job = attach(team, claim, "https://a.example/1")
    _, other = attach(team, claim, "https://a.example/2")
    Host.objects.update(failures=5, open_until=Now() - timedelta(seconds=1))
    probe = leased(job)
    assert lease_job(other.pk, worker="w2") is None
    finish_job(probe, DEAD)
    host = Host.objects.get()
    assert host.failures == 6
    assert host.open_until is not None
    assert host.open_until - database_time() > timedelta(minutes=1, seconds=55)
    host = end_as(other, FetchFailed("http_404"))
    assert (host.failures, host.open_until) == (0, None)


@pytest.mark.parametrize("code", ["internal", "storage_failed", "policy_private_address"])
def test_trouble_on_our_side_neither_opens_nor_closes_a_circuit(team: Team, claim: Claim, code: str) -> None:
    _, job = attach(team, claim, "https://a.example/1")
    Host.objects.update(failures=7)
    host = end_as(job, FetchFailed(code))
    assert (host.failures, host.open_until, host.busy_until) == (7, None, None)


def test_a_host_that_leads_on_to_a_dead_one_has_answered(team: Team, claim: Claim) -> None:
    _, job = attach(team, claim, "https://a.example/1")
    Host.objects.update(failures=4)
    host = end_as(
        job, FetchFailed("connect_refused", hops=(Hop("https://a.example/1"), Hop("https://dead.example/")))
    )
    assert (host.failures, host.open_until) == (0, None)


def test_a_worker_whose_lease_lapsed_does_not_set_the_host_of_another_free(team: Team, claim: Claim) -> None:
    _, first = attach(team, claim, "https://a.example/1")
    _, second = attach(team, claim, "https://a.example/2")
    late = leased(first)
    lapse(first)
    sweep()
    assert lease_job(second.pk, worker="w2") is not None
    before = list(Host.objects.values())
    assert finish_job(late, DEAD) is False
    assert list(Host.objects.values()) == before


def test_what_people_ask_for_comes_before_what_the_watch_asks_for(team: Team, claim: Claim) -> None:
    watched, job = attach(team, claim, "https://watched.example/")
    end_as(job, FetchFailed("http_410"))
    reference = watched.reference
    [check] = order_checks([reference])
    FetchJob.objects.filter(pk=check.pk).update(next_attempt_at=F("created_at") - timedelta(hours=1))
    Host.objects.update(free_at=Now())
    _, asked = attach(team, claim, "https://asked.example/")
    leases = [lease_next(worker="w1"), lease_next(worker="w1")]
    assert [held and held.job_id for held in leases] == [asked.pk, check.pk]
    assert [held and held.kind for held in leases] == [FetchKind.ASKED, FetchKind.WATCH]


def test_a_look_of_the_watch_is_not_shown_as_the_state_of_the_fetch(team: Team, claim: Claim) -> None:
    evidence, job = attach(team, claim, "https://a.example/")
    end_as(job, FetchFailed("http_410"))
    before = Reference.objects.values().get()
    [check] = order_checks([evidence.reference])
    assert order_checks([evidence.reference]) == []
    end_as(check, DEAD)
    check.refresh_from_db()
    assert (check.state, check.error_code) == (FetchState.QUEUED, "connect_refused")
    assert Reference.objects.values().get() == before


def test_the_sweep_sends_a_hint_for_each_host_that_can_be_asked(
    team: Team, claim: Claim, django_capture_on_commit_callbacks: Any
) -> None:
    _, job = attach(team, claim, "https://a.example/1")
    attach(team, claim, "https://a.example/2")
    attach(team, claim, "https://b.example/")
    _, later = attach(team, claim, "https://later.example/")
    FetchJob.objects.filter(pk=later.pk).update(next_attempt_at=Now() + timedelta(hours=1))
    with django_capture_on_commit_callbacks() as callbacks:
        assert sweep().woken == 2
    assert len(callbacks) == 2
    leased(job)
    assert sweep().woken == 1


def test_the_sweep_makes_the_row_of_a_host_that_has_none(team: Team, claim: Claim) -> None:
    _, job = attach(team, claim, "https://a.example/1")
    with as_owner():
        Host.objects.all().delete()
    assert lease_next(worker="w1") is None
    assert sweep().woken == 1
    assert lease_job(job.pk, worker="w1") is not None


def test_how_soon_something_can_be_taken(team: Team, claim: Claim) -> None:
    assert seconds_until_due(within=2) is None
    _, first = attach(team, claim, "https://a.example/1")
    attach(team, claim, "https://a.example/2")
    assert seconds_until_due(within=2) == 0.0
    held = leased(first)
    assert seconds_until_due(within=2) is None
    finish_job(held, FetchFailed("http_410"))
    soon = seconds_until_due(within=2)
    assert soon is not None
    assert 0.5 < soon <= 1.5
    Host.objects.update(open_until=Now() + timedelta(minutes=1))
    assert seconds_until_due(within=2) is None


CROWD = 12
HOSTS = 6
PAGES = 5


@pytest.fixture
def queue(transactional_db: None) -> Team:
    """Some hosts with several jobs each."""
    team = make_team()
    addresses = [f"https://host{host}.example/{page}" for page in range(PAGES) for host in range(HOSTS)]
    attach_addresses(claim_id=make_claim(team).pk, addresses=addresses, stance="supports", by=team.editor)
    return team


@pytest.mark.django_db(transaction=True)
def test_many_workers_never_have_two_fetches_at_one_host_and_keep_its_pauses(
    queue: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    pause = timedelta(seconds=0.05)
    monkeypatch.setattr(lease, "gap", lambda: pause)
    start = Barrier(CROWD)

    def work(number: int) -> list[tuple[str, int, Any, Any]]:
        done = []
        try:
            start.wait(60)
            while FetchJob.objects.filter(state=FetchState.QUEUED).exists():
                held = lease_next(worker=f"w{number}")
                if held is None:
                    continue
                begun = database_time()
                ended = database_time()
                assert finish_job(held, FetchFailed("http_410"))
                done.append((held.host, held.job_id, begun, ended))
        finally:
            connection.close()
        return done

    with ThreadPoolExecutor(CROWD) as pool:
        made = [line for lines in pool.map(work, range(CROWD)) for line in lines]

    assert len({job for _, job, _, _ in made}) == len(made) == HOSTS * PAGES
    by_host = defaultdict(list)
    for host, _, begun, ended in made:
        by_host[host].append((begun, ended))
    for times in by_host.values():
        times.sort()
        for (_, ended), (begun, _) in pairwise(times):
            assert begun - ended >= pause
    assert set(FetchJob.objects.values_list("attempt", flat=True)) == {1}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("open_loopback")
def test_one_worker_goes_through_all_that_is_due_and_sees_the_pauses_of_a_host_through(
    site: Site, monkeypatch: pytest.MonkeyPatch, transactional_db: None
) -> None:
    monkeypatch.setattr(lease, "is_ours", lambda host: host != "127.0.0.1")
    monkeypatch.setattr(lease, "gap", lambda: timedelta(seconds=0.3))
    team = make_team()
    addresses = [site.url(f"/article?{number}") for number in range(3)]
    addresses += [site.url(f"/article?{number}", host="localhost") for number in range(3)]
    attach_addresses(claim_id=make_claim(team).pk, addresses=addresses, stance="supports", by=team.editor)
    begun = database_time()
    assert run_due(worker="w1", seconds=30.0) is False
    assert database_time() - begun >= timedelta(seconds=0.6)
    assert set(FetchJob.objects.values_list("state", "attempt")) == {(FetchState.FETCHED, 1)}
    assert Evidence.objects.filter(capture__isnull=True).count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_finds_nothing_to_do_does_not_wait(queue: Team) -> None:
    Host.objects.update(free_at=Now() + timedelta(seconds=1))
    begun = database_time()
    assert run_due(worker="w1", seconds=30.0) is False
    assert database_time() - begun < timedelta(seconds=0.9)


@pytest.mark.django_db(transaction=True)
def test_a_worker_whose_time_is_up_says_so(queue: Team) -> None:
    assert run_due(worker="w1", seconds=-1.0) is True
    assert set(FetchJob.objects.values_list("state", flat=True)) == {FetchState.QUEUED}
