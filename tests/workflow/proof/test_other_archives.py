"""Other archives are asked for their own copy if the settings name them, and nobody waits for an answer."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from annotations.fetching import Fetched, exchange
from annotations.models import Capture, FetchJob, WitnessJob
from annotations.workflow.proof import other_archives
from annotations.workflow.proof.other_archives import ask_archive, sweep
from tests.factories import Team, make_capture, make_reference
from tests.fakes.archive import Archive
from tests.without_rules import rules_off

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("open_loopback")]

PAGE = "https://news.example.org/hospital?day=30&ward=2"
PENDING = {"url": PAGE, "job_id": "spn2-77"}


@pytest.fixture
def archive(settings: Any) -> Iterator[Archive]:
    with Archive() as running:
        settings.WITNESSES = ["wayback_save"]
        settings.WAYBACK_URL = running.url
        settings.WAYBACK_ACCESS_KEY, settings.WAYBACK_SECRET_KEY = "key", "secret"
        settings.MEMENTO_TIMEGATE = f"{running.url}/web/"
        yield running


def captured(team: Team, url: str = PAGE, **facts: Any) -> Capture:
    """A capture that a finished fetch brought."""
    reference = make_reference(team, url)
    job = FetchJob.objects.create(reference=reference, state="fetched", finished_at=Now(), attempt=1)
    return make_capture(reference, job=job, **{"attempt": 1, **facts})


def make_due(job: WitnessJob) -> WitnessJob:
    WitnessJob.objects.filter(pk=job.pk).update(next_attempt_at=Now())
    return WitnessJob.objects.get(pk=job.pk)


def ask(job: WitnessJob) -> WitnessJob:
    assert ask_archive(make_due(job).pk, worker="w1")
    return WitnessJob.objects.get(pk=job.pk)


def ordered(team: Team, **facts: Any) -> WitnessJob:
    captured(team, **facts)
    sweep()
    return WitnessJob.objects.get()


def test_nobody_is_asked_unless_the_deployment_names_a_witness(team: Team, settings: Any) -> None:
    assert settings.WITNESSES == []
    captured(team)

    assert sweep() == 0
    assert not WitnessJob.objects.exists()


def test_a_page_is_saved_by_the_archive_and_found_there(team: Team, archive: Archive) -> None:
    moment = datetime.now(UTC).replace(microsecond=0)
    stamp = f"{moment:%Y%m%d%H%M%S}"
    saved = {"status": "success", "timestamp": stamp, "original_url": PAGE}
    archive.saves.append((200, PENDING))
    archive.statuses.extend([(200, {"status": "pending"}), (200, saved)])

    job = ask(ordered(team))
    assert (job.state, job.remote_id, job.error_code) == ("queued", "spn2-77", "witness_pending")
    assert job.next_attempt_at is not None
    job = ask(ask(job))

    assert (job.state, job.error_code, job.next_attempt_at) == ("done", "witness_saved", None)
    assert job.found_url == f"{archive.url}/web/{stamp}/{PAGE}"
    assert job.found_at == moment
    begun, *polls = archive.asked
    assert begun[:2] == ("POST", "/save")
    assert begun[2]["Authorization"] == "LOW key:secret"
    assert begun[3]["url"] == PAGE
    assert [(verb, path) for verb, path, _, _ in polls] == [("GET", "/save/status/spn2-77")] * 2


def test_a_copy_that_another_archive_has_is_found_by_the_moment_of_the_capture(
    team: Team, archive: Archive, settings: Any
) -> None:
    settings.WITNESSES = ["memento_lookup"]
    archive.mementos.append((302, {"Location": f"/web/20260430093000/{PAGE}"}))
    archive.mementos.append((200, {"Memento-Datetime": "Thu, 30 Apr 2026 09:30:00 GMT"}))

    job = ask(ordered(team))

    assert (job.state, job.error_code) == ("done", "witness_found")
    assert job.found_url == f"{archive.url}/web/20260430093000/{PAGE}"
    assert job.found_at == datetime(2026, 4, 30, 9, 30, tzinfo=UTC)
    assert archive.asked[0][2]["Accept-Datetime"].endswith(" GMT")


def test_a_page_that_no_archive_has_is_an_answer_too(team: Team, archive: Archive, settings: Any) -> None:
    settings.WITNESSES = ["memento_lookup"]
    archive.mementos.append((404, {}))

    job = ask(ordered(team))

    assert (job.state, job.error_code, job.found_url) == ("done", "witness_none", "")


def test_a_busy_archive_is_asked_again_later(team: Team, archive: Archive) -> None:
    archive.saves.append((429, {}))

    job = ask(ordered(team))

    assert (job.state, job.error_code) == ("queued", "witness_busy")
    assert job.next_attempt_at is not None
    assert job.next_attempt_at > job.created_at
    assert not ask_archive(job.pk, worker="w1")


def test_an_archive_that_refuses_the_page_is_not_asked_again(team: Team, archive: Archive) -> None:
    archive.saves.append((200, {"status": "error", "status_ext": "error:blocked-url", "message": "No."}))

    job = ask(ordered(team))

    assert (job.state, job.error_code, job.next_attempt_at) == ("failed", "witness_refused", None)
    assert "blocked-url" in job.error_detail


def test_an_archive_that_cannot_be_reached_costs_nothing_but_a_try(
    team: Team, archive: Archive, settings: Any
) -> None:
    settings.WAYBACK_URL = "http://127.0.0.1:9"

    job = ask(ordered(team))

    assert (job.state, job.error_code, job.attempt) == ("queued", "witness_unreachable", 1)


@pytest.mark.parametrize(
    "facts",
    [
        {"outcome_code": "http_404"},
        {"tls_unverified": True},
        {"url": "http://127.0.0.1:8000/page"},
        {"url": "http://intranet/page"},
        {"fetched_at": Now() - timedelta(days=2)},
    ],
    ids=["missing page", "unverified certificate", "own machine", "own network", "long ago"],
)
def test_only_fresh_pages_that_others_could_see_are_asked_about(
    team: Team, archive: Archive, facts: dict[str, Any]
) -> None:
    with rules_off("annotations_capture"):
        captured(team, **facts)

    assert sweep() == 0
    assert not WitnessJob.objects.exists()


def test_a_capture_is_asked_about_once(team: Team, archive: Archive) -> None:
    captured(team)

    assert [sweep(), sweep()] == [1, 1]
    assert WitnessJob.objects.count() == 1


def test_a_worker_that_lost_its_lease_writes_nothing(
    team: Team, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = ordered(team)
    archive.saves.append((200, PENDING))

    def taken_over_meanwhile(*given: Any, **options: Any) -> Fetched:
        WitnessJob.objects.filter(pk=job.pk).update(attempt=7)
        return exchange(*given, **options)

    monkeypatch.setattr(other_archives, "exchange", taken_over_meanwhile)

    assert not ask_archive(make_due(job).pk, worker="w1")
    after = WitnessJob.objects.get()
    assert (after.attempt, after.state, after.remote_id) == (7, "asking", "")


def test_a_question_whose_worker_vanished_is_asked_again(team: Team, archive: Archive) -> None:
    job = ordered(team)
    WitnessJob.objects.filter(pk=job.pk).update(
        state="asking", attempt=1, lease_until=Now() - timedelta(seconds=1)
    )
    archive.saves.append((200, PENDING))

    assert sweep() == 1
    assert ask_archive(job.pk, worker="w1")
    assert WitnessJob.objects.get().remote_id == "spn2-77"


def test_pages_are_given_to_the_archive_one_a_sweep(team: Team, archive: Archive) -> None:
    for number in range(3):
        captured(team, f"https://news.example.org/{number}")

    assert sweep() == 1
    assert WitnessJob.objects.count() == 3
