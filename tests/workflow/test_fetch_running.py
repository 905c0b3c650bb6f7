import ipaddress
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db.models import F
from django.db.models.functions import Now

from annotations.domain.errors import Missing, NotAllowed, Refused
from annotations.domain.states import FetchState
from annotations.fetching import FetchFailed
from annotations.models import Activity, Capture, Claim, Evidence, FetchJob, LoadingState, Reference
from annotations.workflow import fetch_running
from annotations.workflow.fetch_claiming import claim_job, next_on_host
from annotations.workflow.fetch_finishing import finish_job
from annotations.workflow.fetch_running import run_fetch
from annotations.workflow.fetch_sweeping import (
    FetchRunning,
    NotFetchable,
    NothingToCancel,
    cancel_fetch,
    retry_fetch,
    sweep,
)
from annotations.workflow.loading import complete_loading, load_address
from annotations.workflow.referencing import attach_addresses, attach_file
from tests.factories import Team, make_claim
from tests.fakes.site import ARTICLE, Site, response

pytestmark = pytest.mark.usefixtures("_open_loopback")


@pytest.fixture
def _open_loopback(settings: Any) -> None:
    settings.FETCH_ALLOWED_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture
def claim(team: Team) -> Claim:
    return make_claim(team)


def attach(team: Team, claim: Claim, url: str, passage: str = "") -> tuple[Evidence, FetchJob]:
    [evidence] = attach_addresses(
        claim_id=claim.pk, addresses=[url], stance="supports", passage=passage, by=team.editor
    )
    return evidence, FetchJob.objects.get(reference=evidence.reference)


def make_due(job: FetchJob) -> None:
    FetchJob.objects.filter(pk=job.pk).update(next_attempt_at=Now())


def lapse(job: FetchJob) -> None:
    FetchJob.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))


def test_a_page_is_kept_read_and_its_passage_found(team: Team, claim: Claim, site: Site) -> None:
    evidence, job = attach(team, claim, site.url("/redirect?to=/article"), "It cost 41 million euros.")
    assert run_fetch(job.pk, worker="w1") is None
    for row in (job, evidence, evidence.reference):
        row.refresh_from_db()
    capture = Capture.objects.get()
    assert (job.state, job.attempt, job.error_code, job.lease_until) == (FetchState.FETCHED, 1, "", None)
    assert (capture.outcome_code, capture.status) == ("ok", 200)
    assert capture.final_url == site.url("/article")
    assert [hop["status"] for hop in capture.hops] == [302, 200]
    with default_storage.open(capture.body_key) as kept:
        assert kept.read() == ARTICLE
    reference = evidence.reference
    assert (reference.title, reference.language) == ("The bridge opened on Monday", "en")
    assert (reference.fetch_state, reference.latest_capture) == (FetchState.FETCHED, capture)
    assert evidence.capture == capture
    assert capture.text[evidence.passage_start : evidence.passage_end] == "It cost 41 million euros."
    line = Activity.objects.get(verb="fetched")
    assert (line.actor, line.claim_id) == (None, claim.pk)


def test_a_page_that_is_missing_is_kept_as_evidence_and_tried_three_times(
    team: Team, claim: Claim, site: Site
) -> None:
    evidence, job = attach(team, claim, site.url("/status?code=404"))
    for tries, state in ((1, FetchState.QUEUED), (2, FetchState.QUEUED), (3, FetchState.FAILED)):
        make_due(job)
        run_fetch(job.pk, worker="w1")
        job.refresh_from_db()
        assert (job.state, job.attempt, job.error_code) == (state, tries, "http_404")
    reference = Reference.objects.get()
    assert (reference.fetch_state, reference.fetch_code) == (FetchState.FAILED, "http_404")
    assert reference.latest_capture is None
    assert list(Capture.objects.values_list("outcome_code", flat=True)) == ["http_404"] * 3
    evidence.refresh_from_db()
    assert evidence.capture is None


def test_a_site_that_asks_for_patience_gets_it(team: Team, claim: Claim, site: Site) -> None:
    _, job = attach(team, claim, site.url("/status?code=429&after=3600"))
    run_fetch(job.pk, worker="w1")
    waiting = FetchJob.objects.filter(
        pk=job.pk,
        state=FetchState.QUEUED,
        next_attempt_at__range=(Now() + timedelta(minutes=59), Now() + timedelta(minutes=61)),
    )
    assert waiting.exists()
    assert run_fetch(job.pk, worker="w1") is None
    assert len(site.requests) == 1


def test_an_address_into_a_private_network_fails_at_once_and_for_good(team: Team, claim: Claim) -> None:
    _, job = attach(team, claim, "http://10.0.0.1/")
    run_fetch(job.pk, worker="w1")
    job.refresh_from_db()
    assert (job.state, job.attempt, job.error_code) == (FetchState.FAILED, 1, "policy_private_address")
    assert not Capture.objects.exists()


def test_a_storage_that_is_full_is_our_trouble_and_is_tried_again(
    team: Team, claim: Claim, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(body: bytes) -> tuple[str, str]:
        raise OSError(28, "No space left on device")

    _, job = attach(team, claim, site.url("/article"))
    with monkeypatch.context() as patch:
        patch.setattr(fetch_running, "keep", full)
        run_fetch(job.pk, worker="w1")
    job.refresh_from_db()
    assert (job.state, job.error_code) == (FetchState.QUEUED, "storage_failed")
    make_due(job)
    run_fetch(job.pk, worker="w1")
    job.refresh_from_db()
    assert job.state == FetchState.FETCHED


def test_a_fault_of_ours_ends_in_the_row(
    team: Team, claim: Claim, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError("a bug")

    _, job = attach(team, claim, site.url("/article"))
    monkeypatch.setattr(fetch_running, "read_page", broken)
    run_fetch(job.pk, worker="w1")
    job.refresh_from_db()
    assert (job.state, job.error_code) == (FetchState.QUEUED, "internal")
    assert job.error_detail == "ZeroDivisionError: a bug"


def test_characters_the_database_cannot_hold_do_not_stop_a_fetch(
    team: Team, claim: Claim, site: Site
) -> None:
    site.pages["/nul"] = response(
        b"<html><title>A\x00B</title><body><p>Words \x00 and more words here.</p></body></html>"
    )
    _, job = attach(team, claim, site.url("/nul"))
    run_fetch(job.pk, worker="w1")
    job.refresh_from_db()
    assert job.state == FetchState.FETCHED


def test_a_job_is_claimed_once_and_its_host_is_busy_meanwhile(team: Team, claim: Claim, site: Site) -> None:
    _, first = attach(team, claim, site.url("/article"))
    _, second = attach(team, claim, site.url("/page/2"))
    assert claim_job(first.pk, worker="w1") is not None
    assert claim_job(first.pk, worker="w2") is None
    assert claim_job(second.pk, worker="w2") is None
    lapse(first)
    assert claim_job(second.pk, worker="w2") is not None


def test_the_next_job_of_a_host_follows_after_a_polite_pause(team: Team, claim: Claim, site: Site) -> None:
    _, first = attach(team, claim, site.url("/article"))
    _, second = attach(team, claim, site.url("/page/2"))
    following = run_fetch(first.pk, worker="w1")
    assert following is not None
    assert (following.job_id, following.wait_seconds) == (second.pk, 0.0)
    FetchJob.objects.filter(pk=second.pk).update(host="example.org")
    elsewhere = next_on_host("example.org")
    assert elsewhere is not None
    assert 1.0 <= elsewhere.wait_seconds <= 1.5


def test_a_zombie_worker_writes_nothing(team: Team, claim: Claim, site: Site) -> None:
    _, job = attach(team, claim, site.url("/article"))
    zombie = claim_job(job.pk, worker="w1")
    assert zombie is not None
    lapse(job)
    sweep()
    run_fetch(job.pk, worker="w2")
    before = list(FetchJob.objects.values()), list(Reference.objects.values()), Activity.objects.count()
    assert finish_job(zombie, FetchFailed("net_reset")) is False
    assert (
        list(FetchJob.objects.values()),
        list(Reference.objects.values()),
        Activity.objects.count(),
    ) == before
    assert Capture.objects.count() == 1


def test_a_vanished_worker_costs_a_sweep_and_is_given_up_after_eight_tries(
    team: Team, claim: Claim, site: Site
) -> None:
    _, job = attach(team, claim, site.url("/article"))
    for tries in range(1, 9):
        FetchJob.objects.filter(pk=job.pk).update(next_attempt_at=F("created_at"))
        assert claim_job(job.pk, worker="w1") is not None
        assert sweep().recovered == 0
        lapse(job)
        assert sweep().recovered == 1
        job.refresh_from_db()
        expected = FetchState.FAILED if tries == 8 else FetchState.QUEUED
        assert (job.state, job.attempt, job.error_code) == (expected, tries, "worker_lost")
    assert Reference.objects.get().fetch_code == "worker_lost"


def test_the_sweep_wakes_one_due_job_a_host_and_no_host_that_is_busy(
    team: Team, claim: Claim, site: Site, django_capture_on_commit_callbacks: Any
) -> None:
    _, job = attach(team, claim, site.url("/article"))
    attach(team, claim, site.url("/page/2"))
    attach(team, claim, "https://a.example/")
    _, later = attach(team, claim, "https://later.example/")
    FetchJob.objects.filter(pk=later.pk).update(next_attempt_at=Now() + timedelta(hours=1))
    with django_capture_on_commit_callbacks() as callbacks:
        assert sweep().woken == 2
    assert len(callbacks) == 2
    claim_job(job.pk, worker="w1")
    assert sweep().woken == 1


def test_a_failed_fetch_can_be_asked_for_again(team: Team, claim: Claim, site: Site) -> None:
    evidence, job = attach(team, claim, site.url("/status?code=410"))
    run_fetch(job.pk, worker="w1")
    again = retry_fetch(evidence.reference_id, by=team.colleague)
    assert again.pk != job.pk
    assert (again.state, again.requested_by) == (FetchState.QUEUED, team.colleague)
    assert retry_fetch(evidence.reference_id, by=team.editor).pk == again.pk
    assert Reference.objects.get().fetch_state == FetchState.QUEUED
    claim_job(again.pk, worker="w1")
    with pytest.raises(FetchRunning):
        retry_fetch(evidence.reference_id, by=team.editor)
    assert FetchJob.objects.count() == 2


def test_a_cancelled_fetch_writes_nothing_any_more(team: Team, claim: Claim, site: Site) -> None:
    evidence, job = attach(team, claim, site.url("/article"))
    ticket = claim_job(job.pk, worker="w1")
    assert ticket is not None
    cancel_fetch(evidence.reference_id, by=team.editor)
    assert finish_job(ticket, FetchFailed("net_reset")) is False
    assert Reference.objects.get().fetch_state == FetchState.CANCELLED
    with pytest.raises(NothingToCancel):
        cancel_fetch(evidence.reference_id, by=team.editor)


@pytest.mark.parametrize(("person", "error"), [("viewer", NotAllowed), ("outsider", Missing)])
def test_who_may_not_attach_may_not_retry_or_cancel(
    team: Team, claim: Claim, person: str, error: type[Refused]
) -> None:
    evidence, _ = attach(team, claim, "https://a.example/")
    before = list(FetchJob.objects.values())
    for act in (retry_fetch, cancel_fetch):
        with pytest.raises(error):
            act(evidence.reference_id, by=getattr(team, person))
    assert list(FetchJob.objects.values()) == before


def test_an_uploaded_file_has_nothing_to_fetch(team: Team, claim: Claim) -> None:
    evidence = attach_file(
        claim_id=claim.pk, filename="a.txt", content=b"Some words.", stance="context", by=team.editor
    )
    with pytest.raises(NotFetchable):
        retry_fetch(evidence.reference_id, by=team.editor)


def test_a_later_fetch_is_a_capture_of_its_own_and_evidence_keeps_the_earlier(
    team: Team, claim: Claim, site: Site
) -> None:
    evidence, job = attach(team, claim, site.url("/article"))
    run_fetch(job.pk, worker="w1")
    evidence.refresh_from_db()
    first = evidence.capture
    again = retry_fetch(evidence.reference_id, by=team.editor)
    run_fetch(again.pk, worker="w1")
    evidence.refresh_from_db()
    assert evidence.capture == first
    assert Capture.objects.count() == 2
    assert Reference.objects.get().latest_capture != first


def test_a_page_that_lands_after_the_claim_went_to_review_still_shows_its_passage(
    team: Team, claim: Claim, site: Site
) -> None:
    evidence, job = attach(team, claim, site.url("/article"), "41 million euros")
    Claim.objects.filter(pk=claim.pk).update(state="dismissed")
    run_fetch(job.pk, worker="w1")
    evidence.refresh_from_db()
    assert evidence.capture is not None
    assert evidence.passage_start is not None


def test_an_article_loaded_by_address_gets_its_text_from_the_fetched_page(team: Team, site: Site) -> None:
    document = load_address(desk=team.desk, by=team.editor, url=site.url("/article"))
    assert document.loading_state == LoadingState.LOADING
    run_fetch(FetchJob.objects.get().pk, worker="w1")
    assert sweep().articles == 1
    complete_loading(document.pk)
    document.refresh_from_db()
    assert (document.loading_state, document.title) == (LoadingState.READY, "The bridge opened on Monday")
    assert document.current_version is not None
    assert "It cost 41 million euros." in document.current_version.text
    assert sweep().articles == 0


def test_an_article_whose_page_does_not_come_says_why(team: Team, site: Site) -> None:
    document = load_address(desk=team.desk, by=team.editor, url=site.url("/status?code=410"))
    run_fetch(FetchJob.objects.get().pk, worker="w1")
    complete_loading(document.pk)
    document.refresh_from_db()
    assert document.loading_state == LoadingState.FAILED
    assert "410" in document.loading_problem
