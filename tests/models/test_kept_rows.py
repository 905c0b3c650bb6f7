"""What was kept, stated, stamped and seen stays as it was written, whoever asks and by whatever road."""

import hashlib

import pytest
from django.db import connection, models, transaction
from django.db.utils import ProgrammingError
from django.utils import timezone

from annotations.models import (
    Capture,
    Evidence,
    FetchJob,
    KeptFile,
    Manifest,
    PassagePlace,
    ProofChain,
    Reading,
    SourceAlert,
    Stamp,
    StampBatch,
    StampLeaf,
    WatchCheck,
)
from tests.factories import Team, make_capture, make_claim, make_evidence, make_reference
from tests.models.refusing import refused_by

pytestmark = pytest.mark.django_db


def make_manifest(team: Team, number: int = 1, previous: str = "", body: str = "{}") -> Manifest:
    return Manifest.objects.create(
        desk=team.desk,
        number=number,
        kind="capture",
        body=body,
        sha256=hashlib.sha256(body.encode()).hexdigest(),
        previous_sha256=previous,
        made_at=timezone.now(),
    )


def make_row(team: Team, model: type[models.Model]) -> models.Model:
    """A row of any of the kept kinds, with what it stands on."""
    evidence = make_evidence(team, make_claim(team))
    reference = evidence.reference
    capture = make_capture(reference)
    if model is Capture:
        return capture
    if model is KeptFile:
        return KeptFile.objects.create(key=capture.body_key, size=26)
    if model is Reading:
        return Reading.objects.create(capture=capture, reader="2")
    if model is PassagePlace:
        return PassagePlace.objects.create(evidence=evidence, capture=capture, state="gone")
    if model is WatchCheck:
        job = FetchJob.objects.create(reference=reference, kind="watch")
        return WatchCheck.objects.create(
            reference=reference, job=job, attempt=1, verdict="live", code="not_modified"
        )
    manifest = make_manifest(team)
    if model is Manifest:
        return manifest
    batch = StampBatch.objects.create(root_sha256=manifest.sha256, leaf_count=1)
    return (
        batch if model is StampBatch else StampLeaf.objects.create(batch=batch, manifest=manifest, position=0)
    )


@pytest.mark.parametrize(
    "model", [Capture, KeptFile, Reading, PassagePlace, WatchCheck, Manifest, StampBatch, StampLeaf]
)
def test_what_was_kept_is_never_changed_or_deleted(team: Team, model: type[models.Model]) -> None:
    row = make_row(team, model)
    table, key = model._meta.db_table, model._meta.pk.column

    for statement in ("UPDATE {0} SET {1} = {1} WHERE {1} = %s", "DELETE FROM {0} WHERE {1} = %s"):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(table, key), [row.pk])

    assert model._default_manager.filter(pk=row.pk).exists()


def test_a_manifest_must_follow_the_last_one_of_its_desk(team: Team) -> None:
    first = make_manifest(team)

    with refused_by("manifest_follows"):
        make_manifest(team, number=2, previous="00" * 32)
    with refused_by("manifest_follows"):
        make_manifest(team, number=3, previous=first.sha256)
    with refused_by("manifest_follows"):
        make_manifest(team, number=2, previous="")

    assert make_manifest(team, number=2, previous=first.sha256).number == 2


def test_two_manifests_cannot_follow_the_same_one(team: Team) -> None:
    first = make_manifest(team)
    make_manifest(team, number=2, previous=first.sha256)

    with refused_by("manifest_number_unique"):
        make_manifest(team, number=2, previous=first.sha256, body='{"other":1}')


def test_the_hash_of_a_manifest_is_the_hash_of_its_words(team: Team) -> None:
    with refused_by("manifest_hash_of_body"):
        Manifest.objects.create(
            desk=team.desk,
            number=1,
            kind="capture",
            body='{"name":"Zürich"}',
            sha256="00" * 32,
            made_at=timezone.now(),
        )

    assert make_manifest(team, body='{"name":"Zürich"}').number == 1


def test_a_capture_is_stated_once(team: Team) -> None:
    capture = make_capture(make_reference(team))
    first = Manifest.objects.create(
        desk=team.desk,
        number=1,
        kind="capture",
        capture=capture,
        body="{}",
        sha256=hashlib.sha256(b"{}").hexdigest(),
        made_at=timezone.now(),
    )

    with refused_by("manifest_once_a_capture"):
        Manifest.objects.create(
            desk=team.desk,
            number=2,
            kind="capture",
            capture=capture,
            body="{}",
            sha256=first.sha256,
            previous_sha256=first.sha256,
            made_at=timezone.now(),
        )


def test_the_chain_of_a_desk_is_never_deleted(team: Team) -> None:
    ProofChain.objects.get_or_create(desk=team.desk)

    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM annotations_proofchain WHERE desk_id = %s", [team.desk.pk])


def test_a_time_stamp_that_is_held_never_changes(team: Team) -> None:
    batch = StampBatch.objects.create(root_sha256="ab" * 32, leaf_count=1)
    stamp = Stamp.objects.create(batch=batch, authority="https://tsa.example.org/")
    Stamp.objects.filter(pk=stamp.pk).update(state="held", token=b"token", stamped_at=timezone.now())

    with pytest.raises(ProgrammingError), transaction.atomic():
        Stamp.objects.filter(pk=stamp.pk).update(token=b"another")

    stamp.refresh_from_db()
    assert bytes(stamp.token or b"") == b"token"


def test_a_time_stamp_is_not_held_without_its_token(team: Team) -> None:
    batch = StampBatch.objects.create(root_sha256="ab" * 32, leaf_count=1)

    with refused_by("stamp_held_whole"):
        Stamp.objects.create(batch=batch, authority="https://tsa.example.org/", state="held")


def test_a_passage_that_is_gone_stands_nowhere(team: Team) -> None:
    evidence = make_evidence(team, make_claim(team))
    capture = make_capture(evidence.reference)

    with refused_by("passage_place_whole"):
        PassagePlace.objects.create(evidence=evidence, capture=capture, state="gone", start=0, end=8)
    with refused_by("passage_place_whole"):
        PassagePlace.objects.create(evidence=evidence, capture=capture, state="found")


def test_the_place_of_a_passage_has_two_ends(team: Team) -> None:
    evidence = make_evidence(team, make_claim(team))
    capture = make_capture(evidence.reference)

    with refused_by("evidence_passage_place_whole"):
        Evidence.objects.filter(pk=evidence.pk).update(capture=capture, passage_start=3)


def test_one_alert_is_open_for_a_piece_of_evidence(team: Team) -> None:
    evidence = make_evidence(team, make_claim(team))
    capture = make_capture(evidence.reference)
    job = FetchJob.objects.create(reference=evidence.reference, kind="watch")
    seen = WatchCheck.objects.create(
        reference=evidence.reference, job=job, attempt=1, verdict="changed", code="ok"
    )

    def alert() -> SourceAlert:
        return SourceAlert.objects.create(
            desk=team.desk,
            claim=evidence.claim,
            evidence=evidence,
            reference=evidence.reference,
            seen_in=seen,
            before=capture,
            level="passage",
        )

    alert()
    with refused_by("source_alert_one_open"):
        alert()
    with refused_by("source_alert_decided_whole"):
        SourceAlert.objects.update(state="dismissed")
