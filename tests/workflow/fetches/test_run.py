from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import OperationalError
from django.db.models import F
from django.db.models.functions import Now

from annotations.domain.fetches.states import FetchState
from annotations.fetching import FetchFailed
from annotations.models import Activity, Capture, Claim, FetchJob, Host, LoadingState, Reference
from annotations.workflow.documents.load import complete_loading, load_address
from annotations.workflow.fetches import finish, run
from annotations.workflow.fetches.finish import finish_job
from annotations.workflow.fetches.lease import lease_job
from annotations.workflow.fetches.request import retry_fetch
from annotations.workflow.fetches.run import run_fetch
from annotations.workflow.fetches.sweep import sweep
from tests.factories import Team
from tests.fakes.site import ARTICLE, Site, response
from tests.workflow.fetches.steps import attach, lapse, leased, make_due

pytestmark = pytest.mark.usefixtures("open_loopback")


def test_a_page_is_kept_read_and_its_passage_found(team: Team, claim: Claim, site: Site) -> None:
    evidence, job = attach(team, claim, site.url("/redirect?to=/article"), "It cost 41 million euros.")
    assert run_fetch(job.pk, worker="w1")
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
    assert not run_fetch(job.pk, worker="w1")
    assert len(site.requests) == 1


def test_an_address_into_a_private_network_fails_at_once_and_for_good(team: Team, claim: Claim) -> None:
    _, job = attach(team, claim, "http://10.0.0.1/")
    run_fetch(job.pk, worker="w1")
    job.refresh_from_db()
    assert (job.state, job.attempt, job.error_code) == (FetchState.FAILED, 1, "policy_private_address")
    assert not Capture.objects.exists()


@pytest.mark.parametrize(("number", "code"), [(28, "storage_full"), (5, "storage_failed")])
def test_a_storage_that_takes_nothing_is_our_trouble_and_is_tried_again(
    team: Team, claim: Claim, site: Site, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    def full(body: bytes) -> tuple[str, str]:
        raise OSError(number, "the storage says so")

    _, job = attach(team, claim, site.url("/article"))
    with monkeypatch.context() as patch:
        patch.setattr(run, "keep", full)
        run_fetch(job.pk, worker="w1")
    job.refresh_from_db()
    assert (job.state, job.error_code) == (FetchState.QUEUED, code)
    make_due(job)
    run_fetch(job.pk, worker="w1")
    job.refresh_from_db()
    assert job.state == FetchState.FETCHED


def test_a_fault_of_ours_ends_in_the_row(
    team: Team, claim: Claim, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("a bug")

    _, job = attach(team, claim, site.url("/article"))
    monkeypatch.setattr(run, "extract_page", broken)
    run_fetch(job.pk, worker="w1")
    job.refresh_from_db()
    assert (job.state, job.error_code) == (FetchState.QUEUED, "internal")
    assert job.error_detail == "ZeroDivisionError: a bug"


def test_a_fault_of_ours_in_writing_ends_in_the_row_too(
    team: Team, claim: Claim, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError("a bug")

    _, job = attach(team, claim, site.url("/article"))
    monkeypatch.setattr(finish, "store_capture", broken)
    run_fetch(job.pk, worker="w1")
    job.refresh_from_db()
    assert (job.state, job.error_code, job.attempt) == (FetchState.QUEUED, "internal", 1)
    assert Host.objects.get().busy_until is None


def test_a_database_that_is_away_for_a_moment_costs_no_fetch(
    team: Team, claim: Claim, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[bool] = []

    def away(*given: Any) -> bool:
        tried.append(True)
        if len(tried) < 3:
            raise OperationalError("the database system is starting up")
        return finish_job(*given)

    _, job = attach(team, claim, site.url("/article"))
    monkeypatch.setattr(run, "finish_job", away)
    # As outside of a test, where nothing is rolled back at the end and each try has a session of its own.
    monkeypatch.setattr(
        run,
        "connection",
        SimpleNamespace(
            in_atomic_block=False, close=lambda: None, close_if_unusable_or_obsolete=lambda: None
        ),
    )
    monkeypatch.setattr(run, "LONGEST_LOOK", 0.0)
    run_fetch(job.pk, worker="w1")
    job.refresh_from_db()
    assert (job.state, job.attempt, len(tried), len(site.requests)) == (FetchState.FETCHED, 1, 3, 1)


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


def test_a_zombie_worker_writes_nothing(team: Team, claim: Claim, site: Site) -> None:
    _, job = attach(team, claim, site.url("/article"))
    zombie = leased(job)
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
        assert lease_job(job.pk, worker="w1") is not None
        assert sweep().recovered == 0
        lapse(job)
        assert sweep().recovered == 1
        job.refresh_from_db()
        expected = FetchState.FAILED if tries == 8 else FetchState.QUEUED
        assert (job.state, job.attempt, job.error_code) == (expected, tries, "worker_lost")
    assert Reference.objects.get().fetch_code == "worker_lost"


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
