"""Evidence in a bucket is kept, stated, verified and handed out, and a change in the bucket is found."""

import io
from pathlib import Path
from typing import Any

import pytest

from annotations.archiving.wacz_checks import check_wacz
from annotations.models import Evidence
from annotations.storing.bucket import KeptBucket
from annotations.workflow.captures import storage
from annotations.workflow.evidence.attach import attach_file
from annotations.workflow.proof.download import wacz_of
from annotations.workflow.proof.manifest_files import keep_manifests
from annotations.workflow.proof.verify import verify
from tests.factories import Team, make_claim


@pytest.fixture(autouse=True)
def _own_key(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def evidence(
    team: Team, bucket: KeptBucket, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Evidence:
    monkeypatch.setattr(storage, "_storage", lambda: bucket)
    evidence = attach_file(
        claim_id=make_claim(team).pk, filename="a.txt", content=b"The bridge cost 41 million euros.",
        stance="supports", passage="The bridge cost", by=team.editor,
    )  # fmt: skip
    keep_manifests(team.desk.pk)
    return evidence


def test_what_is_kept_in_a_bucket_is_verified_and_handed_out(
    evidence: Evidence, team: Team, settings: Any
) -> None:
    assert verify().exit_code == 0
    assert not Path(settings.MEDIA_ROOT).exists()
    assert evidence.capture_id is not None
    with wacz_of(evidence.capture_id, user=team.viewer).file as file:
        assert check_wacz(io.BytesIO(file.read())).problems == []


def test_a_flipped_bit_in_a_bucket_is_found(evidence: Evidence, bucket: KeptBucket) -> None:
    names = sorted(name for name, _ in bucket.listed(""))
    assert names
    for name in names:
        before = b"".join(bucket.chunks(name))
        changed = bytes([before[0] ^ 1]) + before[1:]
        bucket.bucket.put_object(Key=f"newsroom/{name}", Body=changed)
        assert name in {problem.name for problem in verify().problems}
        bucket.bucket.put_object(Key=f"newsroom/{name}", Body=before)
    assert verify().exit_code == 0


def test_a_file_that_is_gone_from_a_bucket_is_found(evidence: Evidence, bucket: KeptBucket) -> None:
    name = storage.keep(b"The bridge cost 41 million euros.").key
    bucket.bucket.Object(f"newsroom/{name}").delete()
    assert name in {problem.name for problem in verify().problems}
