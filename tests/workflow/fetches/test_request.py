"""People fetch a page again, fetch many again, ignore a bad certificate, or cancel a fetch."""

import ssl
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models.functions import Now

from annotations.domain.errors import Missing, NotAllowed, Refused
from annotations.domain.fetches.states import FetchKind, FetchState
from annotations.fetching import FetchFailed
from annotations.models import Activity, Capture, Claim, FetchJob, Host, Reference
from annotations.workflow.evidence.attach import attach_file
from annotations.workflow.fetches import request
from annotations.workflow.fetches.enqueue import order_checks
from annotations.workflow.fetches.finish import finish_job
from annotations.workflow.fetches.lease import lease_job
from annotations.workflow.fetches.request import (
    FetchRunning,
    NoCertificateTrouble,
    NotFetchable,
    NothingToCancel,
    Retried,
    cancel_fetch,
    order_unverified,
    retry_fetch,
    retry_fetches,
)
from annotations.workflow.fetches.run import run_fetch
from tests.factories import Team
from tests.fakes.site import Site
from tests.workflow.fetches.steps import attach, leased, make_due


def rows() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (FetchJob, Reference, Host, Activity)]


def failed(team: Team, claim: Claim, url: str, code: str = "http_410") -> Reference:
    evidence, job = attach(team, claim, url)
    make_due(job)
    finish_job(leased(job), FetchFailed(code))
    return evidence.reference


def test_a_failed_fetch_can_be_asked_for_again(team: Team, claim: Claim) -> None:
    reference = failed(team, claim, "https://a.example/")
    again = retry_fetch(reference.pk, by=team.colleague)
    assert (again.state, again.requested_by) == (FetchState.QUEUED, team.colleague)
    assert retry_fetch(reference.pk, by=team.editor).pk == again.pk
    assert Reference.objects.get().fetch_state == FetchState.QUEUED
    make_due(again)
    lease_job(again.pk, worker="w1")
    with pytest.raises(FetchRunning):
        retry_fetch(reference.pk, by=team.editor)
    assert FetchJob.objects.count() == 2


def test_asking_again_lets_one_fetch_through_to_a_site_that_is_left_in_peace(
    team: Team, claim: Claim
) -> None:
    reference = failed(team, claim, "https://a.example/1", "connect_refused")
    _, other = attach(team, claim, "https://a.example/2")
    Host.objects.update(failures=9, free_at=Now(), open_until=Now() + timedelta(hours=1))
    job = retry_fetch(reference.pk, by=team.editor)
    probe = lease_job(job.pk, worker="w1")
    assert probe is not None
    finish_job(probe, FetchFailed("connect_refused"))
    assert Host.objects.get().failures == 10
    Host.objects.update(free_at=Now())
    assert lease_job(other.pk, worker="w1") is None


def test_a_look_that_the_watch_had_queued_becomes_the_persons_own(team: Team, claim: Claim) -> None:
    reference = failed(team, claim, "https://a.example/")
    [check] = order_checks([reference])
    job = retry_fetch(reference.pk, by=team.editor)
    job.refresh_from_db()
    assert (job.pk, job.kind, job.requested_by) == (check.pk, FetchKind.ASKED, team.editor)
    assert Reference.objects.get().fetch_state == FetchState.QUEUED


def test_a_cancelled_fetch_writes_nothing_any_more_and_sets_its_host_free_when_it_ends(
    team: Team, claim: Claim
) -> None:
    evidence, job = attach(team, claim, "https://a.example/1")
    _, other = attach(team, claim, "https://a.example/2")
    lease = leased(job)
    cancel_fetch(evidence.reference_id, by=team.editor)
    assert lease_job(other.pk, worker="w2") is None
    assert finish_job(lease, FetchFailed("net_reset")) is False
    assert Reference.objects.get(pk=evidence.reference_id).fetch_state == FetchState.CANCELLED
    assert Host.objects.get().busy_until is None
    with pytest.raises(NothingToCancel):
        cancel_fetch(evidence.reference_id, by=team.editor)


def test_a_look_of_the_watch_is_not_a_persons_to_call_off(team: Team, claim: Claim) -> None:
    reference = failed(team, claim, "https://a.example/")
    order_checks([reference])
    before = rows()
    with pytest.raises(NothingToCancel):
        cancel_fetch(reference.pk, by=team.editor)
    assert rows() == before


@pytest.mark.parametrize(("person", "error"), [("viewer", NotAllowed), ("outsider", Missing)])
@pytest.mark.parametrize("act", [retry_fetch, cancel_fetch, order_unverified])
def test_who_may_not_attach_may_not_ask_anything_of_a_fetch(
    team: Team, claim: Claim, person: str, error: type[Refused], act: Callable[..., Any]
) -> None:
    reference = failed(team, claim, "https://a.example/", "tls_expired")
    before = rows()
    with pytest.raises(error):
        act(reference.pk, by=getattr(team, person))
    with pytest.raises(error):
        retry_fetches(team.desk.pk, by=getattr(team, person))
    assert rows() == before


def test_an_uploaded_file_has_nothing_to_fetch(team: Team, claim: Claim) -> None:
    evidence = attach_file(
        claim_id=claim.pk, filename="a.txt", content=b"Some words.", stance="context", by=team.editor
    )
    with pytest.raises(NotFetchable):
        retry_fetch(evidence.reference_id, by=team.editor)
    assert retry_fetches(team.desk.pk, by=team.editor, reference_ids=[evidence.reference_id]) == Retried(0, 1)
    assert not FetchJob.objects.exists()


def test_all_that_failed_or_waits_is_fetched_again_in_one_go(
    team: Team, claim: Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request, "RETRIED_AT_ONCE", 2)
    for number in range(3):
        failed(team, claim, f"https://a.example/{number}")
    waiting = failed(team, claim, "https://b.example/", "http_503")
    called_off, _ = attach(team, claim, "https://c.example/")
    cancel_fetch(called_off.reference_id, by=team.editor)
    _, running = attach(team, claim, "https://d.example/")
    leased(running)
    assert retry_fetches(team.desk.pk, by=team.colleague) == Retried(count=5, passed_over=0)
    assert set(Reference.objects.values_list("fetch_state", flat=True)) == {"queued", "fetching"}
    assert Activity.objects.filter(verb="retried_fetch", actor=team.colleague).count() == 5
    due = FetchJob.objects.filter(state=FetchState.QUEUED, next_attempt_at__lte=Now())
    assert due.count() == 5
    assert due.get(reference=waiting).attempt == 1


def test_a_bulk_retry_goes_by_host_and_state_and_counts_what_it_passed_over(team: Team, claim: Claim) -> None:
    one = failed(team, claim, "https://a.example/")
    other = failed(team, claim, "https://b.example/")
    _, running = attach(team, claim, "https://b.example/running")
    make_due(running)
    leased(running)
    by = team.editor
    assert retry_fetches(team.desk.pk, by=by, host="c.example") == Retried(0, 0)
    assert retry_fetches(team.desk.pk, by=by, host="b.example", state=FetchState.FAILED) == Retried(1, 0)
    named = [one.pk, running.reference_id]
    assert retry_fetches(team.desk.pk, by=by, reference_ids=named) == Retried(1, 1)
    assert FetchJob.objects.filter(reference=other).count() == 2


def test_a_bulk_retry_stays_on_its_desk(team: Team, claim: Claim) -> None:
    reference = failed(team, claim, "https://a.example/")
    desk = team.outsider.memberships.get().desk
    before = rows()
    asked = retry_fetches(desk.pk, by=team.outsider, reference_ids=[reference.pk])
    assert asked == Retried(count=0, passed_over=0)
    assert rows() == before


@pytest.fixture
def expired() -> Iterator[Site]:
    """A site on this machine whose certificate nobody vouches for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(__file__).parents[2] / "fakes" / "tls" / "expired.pem")
    with Site(tls=context) as site:
        yield site


@pytest.mark.usefixtures("open_loopback")
def test_a_page_behind_a_bad_certificate_is_fetched_once_when_asked_for_and_marked_for_good(
    team: Team, claim: Claim, expired: Site
) -> None:
    evidence, job = attach(team, claim, expired.url("/article", host="localhost"))
    run_fetch(job.pk, worker="w1")
    job.refresh_from_db()
    assert job.error_code.startswith("tls_")
    unverified = order_unverified(evidence.reference_id, by=team.editor)
    assert run_fetch(unverified.pk, worker="w1")
    capture = Capture.objects.get()
    assert (capture.outcome_code, capture.tls_unverified) == ("ok", True)
    assert "tls_unverified" in capture.warnings
    assert Activity.objects.filter(verb="fetched_unverified", actor=team.editor).count() == 1
    again = retry_fetch(evidence.reference_id, by=team.editor)
    run_fetch(again.pk, worker="w1")
    again.refresh_from_db()
    assert again.verify_tls is True
    assert again.error_code.startswith("tls_")
    assert Capture.objects.count() == 1


@pytest.mark.parametrize("code", ["http_410", "connect_refused"])
def test_no_certificate_is_overlooked_that_nobody_saw_fail(team: Team, claim: Claim, code: str) -> None:
    reference = failed(team, claim, "https://a.example/", code)
    before = rows()
    with pytest.raises(NoCertificateTrouble):
        order_unverified(reference.pk, by=team.editor)
    assert rows() == before
