"""What people see where we are not let in becomes a capture of that page, and says whose upload it is."""

from typing import Any

import pytest

from annotations.domain.errors import Missing, NotAllowed
from annotations.domain.fetches.states import FetchState
from annotations.fetching import FetchFailed
from annotations.models import Activity, Capture, Claim, FetchJob, Manifest, Reference
from annotations.storing import StorageFull
from annotations.workflow.evidence import upload as evidence_upload
from annotations.workflow.evidence.attach import attach_file
from annotations.workflow.evidence.rules import EvidenceRefused
from annotations.workflow.evidence.upload import FileSource, StorageRefused, upload_capture
from annotations.workflow.fetches.finish import finish_job
from annotations.workflow.fetches.run import run_fetch
from tests.factories import Team, make_user
from tests.fakes.site import Site
from tests.workflow.fetches.steps import attach, leased

pytestmark = pytest.mark.usefixtures("open_loopback")

PAGE = (
    b"<html><title>Hospital</title><article><p>At least fifty injured were brought in.</p></article></html>"
)


def upload(reference: Reference, team: Team, **changes: Any) -> Capture:
    given: dict[str, Any] = {"filename": "seen.html", "content": PAGE, "by": team.editor}
    return upload_capture(reference.pk, **(given | changes))


def test_what_a_person_sees_behind_a_wall_is_kept_and_holds_the_passage(
    team: Team, claim: Claim, site: Site
) -> None:
    evidence, job = attach(team, claim, site.url("/status?code=403"), "fifty injured were brought in")
    run_fetch(job.pk, worker="w1")

    capture = upload(evidence.reference, team)

    for row in (evidence, evidence.reference):
        row.refresh_from_db()
    assert (capture.uploaded_by, capture.filename, capture.job) == (team.editor, "seen.html", None)
    assert evidence.reference.latest_capture == capture
    assert (evidence.reference.fetch_state, evidence.reference.fetch_code) == (FetchState.FETCHED, "")
    assert evidence.capture == capture
    assert capture.text[evidence.passage_start : evidence.passage_end] == "fifty injured were brought in"
    assert set(Manifest.objects.filter(capture=capture).values_list("kind", flat=True)) >= {"capture"}
    line = Activity.objects.get(verb="uploaded_capture")
    assert (line.actor, line.claim_id, line.details["file"]) == (team.editor, claim.pk, "seen.html")


def test_an_upload_calls_off_the_next_try(team: Team, claim: Claim, site: Site) -> None:
    evidence, job = attach(team, claim, site.url("/status?code=503"))
    run_fetch(job.pk, worker="w1")

    upload(evidence.reference, team)

    job.refresh_from_db()
    assert (job.state, job.next_attempt_at) == (FetchState.CANCELLED, None)


def test_a_fetch_that_runs_meanwhile_goes_on(team: Team, claim: Claim, site: Site) -> None:
    evidence, job = attach(team, claim, site.url("/article"))
    lease = leased(job)

    upload(evidence.reference, team)

    evidence.reference.refresh_from_db()
    assert evidence.reference.fetch_state == FetchState.FETCHING
    assert finish_job(lease, FetchFailed("url_host"))
    job.refresh_from_db()
    assert job.state == FetchState.FAILED


@pytest.mark.parametrize("content", [b"", b"\x7fELF\x02\x01\x01\x00" + bytes(200)], ids=["empty", "program"])
def test_a_file_of_no_use_changes_nothing(team: Team, claim: Claim, site: Site, content: bytes) -> None:
    evidence, job = attach(team, claim, site.url("/status?code=403"))

    with pytest.raises(EvidenceRefused):
        upload(evidence.reference, team, content=content)

    assert not Capture.objects.exists()
    assert FetchJob.objects.get(pk=job.pk).state == FetchState.QUEUED


def test_a_full_storage_refuses_an_upload_and_changes_nothing(
    team: Team, claim: Claim, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    evidence, _ = attach(team, claim, site.url("/status?code=403"))

    def full(_: bytes) -> None:
        raise StorageFull(28, "no room")

    monkeypatch.setattr(evidence_upload, "keep", full)

    with pytest.raises(StorageRefused):
        upload(evidence.reference, team)
    assert not Capture.objects.exists()


def test_a_viewer_and_a_stranger_cannot_upload(team: Team, claim: Claim, site: Site) -> None:
    evidence, _ = attach(team, claim, site.url("/status?code=403"))

    with pytest.raises(NotAllowed):
        upload(evidence.reference, team, by=team.viewer)
    with pytest.raises(Missing):
        upload(evidence.reference, team, by=make_user("stranger"))
    assert not Capture.objects.exists()


def test_an_uploaded_file_is_no_page_to_upload_the_look_of(team: Team, claim: Claim) -> None:
    evidence = attach_file(
        claim_id=claim.pk, filename="a.html", content=PAGE, stance="supports", by=team.editor
    )

    with pytest.raises(FileSource):
        upload(evidence.reference, team)
    assert Capture.objects.count() == 1
