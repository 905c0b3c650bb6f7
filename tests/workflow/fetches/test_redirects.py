"""A page that redirects to another site waits its turn there, like any fetch from that site."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from annotations.domain.fetches.states import FetchState
from annotations.models import Claim, FetchJob, Host
from annotations.workflow.fetches import lease
from annotations.workflow.fetches.lease import enter_host, lease_job
from annotations.workflow.fetches.run import run_fetch
from annotations.workflow.leased_jobs import database_time
from tests.factories import Team
from tests.fakes.site import Site
from tests.workflow.fetches.steps import attach, leased

pytestmark = pytest.mark.usefixtures("open_loopback")
HERE, THERE = "127.0.0.1", "localhost"


@pytest.fixture(autouse=True)
def _little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "ENTRY_SECONDS", 0.2)
    monkeypatch.setattr(lease, "ENTRY_LOOK", 0.01)


def led_on(team: Team, claim: Claim, site: Site, path: str = "/article") -> FetchJob:
    """A job whose page here redirects to a page there."""
    _, job = attach(team, claim, site.url(f"/redirect?to={site.url(path, THERE)}", HERE))
    return job


def test_a_host_that_a_page_leads_to_is_busy_for_everyone_else_meanwhile(
    team: Team, claim: Claim, site: Site
) -> None:
    _, direct = attach(team, claim, site.url("/article", THERE))
    held = leased(led_on(team, claim, site))

    enter_host(held, THERE, 1.0)

    assert Host.objects.get(name=THERE).busy_until == held.until
    assert lease_job(direct.pk, worker="w2") is None


def test_both_hosts_of_a_redirect_are_left_alone_for_a_moment_after_it(
    team: Team, claim: Claim, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "is_ours", lambda host: False)
    job = led_on(team, claim, site)

    assert run_fetch(job.pk, worker="w1")

    job.refresh_from_db()
    assert job.state == FetchState.FETCHED
    rests = {host.name: host.free_at - database_time() for host in Host.objects.all()}
    assert set(rests) == {HERE, THERE}
    assert min(rests.values()) > timedelta(seconds=0.5)
    assert not Host.objects.filter(busy_until__isnull=False).exists()


@pytest.mark.parametrize(
    ("there", "code"),
    [
        ({"busy_until": Now() + timedelta(minutes=1)}, "redirect_busy"),
        ({"free_at": Now() + timedelta(minutes=1)}, "redirect_busy"),
        ({"open_until": Now() + timedelta(minutes=1)}, "circuit_open"),
    ],
    ids=["busy", "in its pause", "left in peace"],
)
def test_a_host_that_is_not_free_is_not_asked_by_a_redirect_either(
    team: Team, claim: Claim, site: Site, there: dict[str, object], code: str
) -> None:
    job = led_on(team, claim, site)
    Host.objects.create(name=THERE, failures=6)
    Host.objects.filter(name=THERE).update(**there)
    before = Host.objects.values().get(name=THERE)

    assert run_fetch(job.pk, worker="w1")

    job.refresh_from_db()
    assert (job.state, job.error_code) == (FetchState.QUEUED, code)
    assert job.next_attempt_at is not None
    assert len(site.requests) == 1
    assert Host.objects.values().get(name=THERE) == before
    assert Host.objects.get(name=HERE).busy_until is None


def test_trouble_at_the_end_of_a_redirect_counts_against_the_host_that_made_it(
    team: Team, claim: Claim, site: Site
) -> None:
    job = led_on(team, claim, site, "/status?code=503")
    Host.objects.filter(name=HERE).update(failures=3)

    assert run_fetch(job.pk, worker="w1")

    assert dict(Host.objects.values_list("name", "failures")) == {HERE: 0, THERE: 1}
    assert Host.objects.get(name=THERE).last_code == "http_503"


def test_pages_that_lead_back_to_where_they_began_do_not_wait_for_themselves(
    team: Team, claim: Claim, site: Site
) -> None:
    back = site.url(f"/redirect?to={site.url('/article', HERE)}", THERE)
    _, job = attach(team, claim, site.url(f"/redirect?to={back}", HERE))

    assert run_fetch(job.pk, worker="w1")

    job.refresh_from_db()
    assert (job.state, job.attempt) == (FetchState.FETCHED, 1)
    assert len(site.requests) == 3


def test_a_worker_whose_lease_lapsed_does_not_set_the_host_it_was_led_to_free(
    team: Team, claim: Claim, site: Site
) -> None:
    job = led_on(team, claim, site)
    held = leased(job)
    enter_host(held, THERE, 1.0)
    Host.objects.filter(name=THERE).update(busy_until=Now() + timedelta(minutes=1))
    before = Host.objects.values().get(name=THERE)

    lease.release_hosts(held, "ok", last=THERE, retry_after=None)

    assert Host.objects.values().get(name=THERE) == before
    assert Host.objects.get(name=HERE).busy_until is None
