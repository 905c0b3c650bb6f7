"""Room for files: a quota, a reserve and a disk that fills; nothing that was kept is ever lost by it."""

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.signals import setting_changed

from annotations.domain.fetches.outcomes import sentence_of
from annotations.models import Capture, Claim, Evidence, FetchJob, KeptFile, Reference
from annotations.storing import Damaged, StorageFull
from annotations.workflow.captures import storage
from annotations.workflow.captures.storage import keep, keep_named, keep_text, kept_body, kept_files
from annotations.workflow.evidence.attach import attach_addresses, attach_file
from annotations.workflow.evidence.upload import StorageRefused
from annotations.workflow.fetches.run import run_fetch
from annotations.workflow.proof.manifest_files import keep_manifests
from annotations.workflow.proof.verify import verify
from tests.factories import Team, make_claim
from tests.fakes.site import ARTICLE, Site

pytestmark = pytest.mark.usefixtures("open_loopback")


@pytest.fixture(autouse=True)
def _fresh_sum(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What all files take together is added up anew each time."""
    monkeypatch.setattr(storage, "SUM_SECONDS", -1.0)
    storage._Used.until = 0.0


def upload(team: Team, claim: Claim, content: bytes = b"The bridge cost 41 million euros.") -> Evidence:
    return attach_file(
        claim_id=claim.pk, filename="a.txt", content=content, stance="supports", by=team.editor
    )


def asked(team: Team, claim: Claim, url: str) -> FetchJob:
    [evidence] = attach_addresses(claim_id=claim.pk, addresses=[url], stance="supports", by=team.editor)
    return FetchJob.objects.get(reference=evidence.reference)


def test_the_same_words_are_kept_once_under_their_own_hash() -> None:
    first, second = keep(b"words"), keep(b"words")
    assert first == second
    assert first.key == f"captures/{first.sha256[:2]}/{first.sha256}"
    assert list(kept_files()) == [(first.key, 5)]
    assert kept_body(first.key) == b"words"


def test_a_full_quota_refuses_an_upload_in_words_and_keeps_what_there_is(
    team: Team, claim: Claim, settings: Any
) -> None:
    upload(team, claim)
    before = sorted(kept_files())
    settings.STORAGE_QUOTA = 100
    other = make_claim(team, words="Leopoldo López", document=claim.document)
    with pytest.raises(StorageRefused) as refused:
        upload(team, other, b"Another file that is rather longer than what is left of the quota." * 3)
    assert "no room left" in refused.value.fields["file"]
    assert Evidence.objects.count() == Capture.objects.count() == 1
    assert sorted(kept_files()) == before


def test_a_fetch_without_room_says_so_waits_and_succeeds_once_there_is_room(
    team: Team, claim: Claim, site: Site, settings: Any
) -> None:
    job = asked(team, claim, site.url("/article"))
    settings.STORAGE_QUOTA = 1
    run_fetch(job.pk, worker="w1")
    job.refresh_from_db()
    reference = Reference.objects.get()
    assert (job.state, job.error_code, job.next_attempt_at is not None) == ("queued", "storage_full", True)
    assert reference.fetch_code == "storage_full"
    assert "no room left" in sentence_of(reference.fetch_code)
    assert list(kept_files()) == []
    assert not KeptFile.objects.exists()
    settings.STORAGE_QUOTA = 0
    FetchJob.objects.filter(pk=job.pk).update(next_attempt_at="2019-01-01T00:00Z")
    run_fetch(job.pk, worker="w1")
    assert kept_body(Capture.objects.get().body_key) == ARTICLE
    keep_manifests(team.desk.pk)
    assert verify().problems == []


def test_proofs_of_what_is_kept_are_kept_beyond_the_quota(team: Team, claim: Claim, settings: Any) -> None:
    upload(team, claim)
    settings.STORAGE_QUOTA = 1
    assert keep_manifests(team.desk.pk) == 1


def test_the_reserve_of_the_disk_is_left_alone(
    team: Team, claim: Claim, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.STORAGE_RESERVE = 1000
    free = shutil.disk_usage("/")._replace(free=1100)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free)
    assert keep_text("x" * 100).size == 100
    with pytest.raises(StorageFull):
        keep_text("x" * 101)
    assert len(list(kept_files())) == 1


def test_a_disk_that_fills_while_a_page_is_written_loses_nothing(
    team: Team, claim: Claim, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(team, claim)
    keep_manifests(team.desk.pk)
    before = {name: kept_body(name) for name, _ in kept_files()}
    other = make_claim(team, words="Leopoldo López", document=claim.document)
    job = asked(team, other, site.url("/article"))

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        run_fetch(job.pk, worker="w1")
    job.refresh_from_db()
    assert (job.state, job.error_code) == ("queued", "storage_full")
    assert {name: kept_body(name) for name, _ in kept_files()} == before
    assert verify().problems == []


def test_what_is_kept_already_needs_no_room(db: None, settings: Any) -> None:
    kept = keep(b"words")
    settings.STORAGE_QUOTA = 1
    assert keep(b"words") == kept
    with pytest.raises(StorageFull):
        keep(b"other words")


def test_a_full_disk_of_temporary_files_is_no_room_either(
    team: Team, claim: Claim, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = asked(team, claim, site.url("/article"))

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(storage, "write_warc", full)
    run_fetch(job.pk, worker="w1")
    job.refresh_from_db()
    assert (job.state, job.error_code) == ("queued", "storage_full")
    assert list(kept_files()) == []


def test_a_small_file_is_never_written_over() -> None:
    keep_named("manifests/1/1.json", b"one")
    with pytest.raises(Damaged):
        keep_named("manifests/1/1.json", b"two")
    assert kept_body("manifests/1/1.json") == b"one"


def test_a_kept_file_is_read_in_pieces_and_as_a_whole() -> None:
    body = bytes(range(256)) * 10_000
    key = keep(body).key
    with storage.open_kept(key) as file:
        assert file.read(10) == body[:10]
        assert file.read() == body[10:]
    with pytest.raises(FileNotFoundError):
        storage.open_kept("captures/00/none")


def test_where_files_lie_follows_the_setting(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "elsewhere"
    setting_changed.send(sender=type(default_storage), setting="MEDIA_ROOT", value=None, enter=True)
    keep(b"words")
    assert [path.is_file() for path in (tmp_path / "elsewhere").rglob("captures/*/*")] == [True]
