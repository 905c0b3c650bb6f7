"""What those who run a copy are told of kept files and proofs."""

from typing import Any

import pytest

from annotations.models import Stamp, StampBatch
from annotations.queries.proof.totals import AuthorityState, signing_keys, stamp_states, storage_use
from annotations.workflow.evidence.attach import attach_file
from annotations.workflow.proof.manifest_files import keep_manifests
from annotations.workflow.signing_key import signing_key
from tests.factories import Team, make_claim

pytestmark = pytest.mark.django_db
CONTENT = b"The bridge cost 41 million euros."


@pytest.fixture
def _kept(team: Team) -> None:
    attach_file(
        claim_id=make_claim(team).pk, filename="a.txt", content=CONTENT, stance="supports", by=team.editor
    )


@pytest.mark.usefixtures("_kept")
def test_use_counts_files_bytes_and_what_waits(
    team: Team, settings: Any, django_assert_num_queries: Any
) -> None:
    settings.STORAGE_QUOTA = 4 * len(CONTENT)
    with django_assert_num_queries(2):
        use = storage_use()
    assert (use.files, use.used, use.unkept_manifests, use.share) == (2, 2 * len(CONTENT), 1, 0.5)
    keep_manifests(team.desk.pk)
    assert (storage_use().files, storage_use().unkept_manifests) == (3, 0)


def test_an_empty_copy_uses_nothing() -> None:
    use = storage_use()
    assert (use.files, use.used, use.unkept_manifests, use.share) == (0, 0, 0, 0.0)
    assert (signing_keys(), stamp_states()) == ([], [])


@pytest.mark.usefixtures("_kept")
def test_the_keys_that_signed_are_known(team: Team, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        [known] = signing_keys(team.desk.pk)
    assert (known.public_key, known.name, known.count) == (
        signing_key().public_key,
        signing_key().key_id,
        1,
    )
    assert signing_keys(team.desk.pk + 1) == []


def test_each_authority_says_how_it_keeps_up() -> None:
    batch = StampBatch.objects.create(root_sha256="0" * 64, leaf_count=1)
    Stamp.objects.create(batch=batch, authority="http://a", state="queued", error_code="http_503")
    Stamp.objects.create(
        batch=batch, authority="http://b", state="held", token=b"x", stamped_at="2026-01-01T00:00Z"
    )
    assert stamp_states() == [
        AuthorityState("http://a", 0, 1, "http_503"),
        AuthorityState("http://b", 1, 0, ""),
    ]
