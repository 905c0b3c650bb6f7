"""What was kept, stated, stamped and seen stays as it was written, whoever asks and by whatever road."""

import hashlib
from datetime import timedelta

import pgtrigger
import pytest
from django.db import connection, models
from django.db.models.functions import Now
from django.utils import timezone

from annotations.domain.claims.states import ClaimState
from annotations.domain.documents.text import text_sha256
from annotations.domain.reports.criteria import Criteria
from annotations.models import (
    Activity,
    Alert,
    Capture,
    Claim,
    DocumentVersion,
    Evidence,
    Extraction,
    FetchJob,
    KeptFile,
    KeptWords,
    Manifest,
    PassagePlace,
    ProofChain,
    Rating,
    Report,
    ReportRow,
    Review,
    Seal,
    SignedRecord,
    Stamp,
    StampBatch,
    StampLeaf,
    Verdict,
    WatchCheck,
)
from annotations.models.guards import NeverEmptied, Protect
from annotations.workflow.reports.freeze import freeze_report
from tests.factories import (
    Team,
    keep_words,
    make_capture,
    make_claim,
    make_claim_with_changed_words,
    make_evidence,
    make_reference,
    make_team,
    make_verified_claim,
)
from tests.models.claim_histories import make_claim_in, write_review
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


def make_rows_of_every_kind(team: Team) -> None:
    keep_words(make_claim_with_changed_words(team), by=team.manager)
    claim = make_verified_claim(team)
    freeze_report(desk=team.desk, by=team.editor, title="", criteria=Criteria())
    evidence = Evidence.objects.get(claim=claim)
    capture = make_capture(evidence.reference)
    KeptFile.objects.create(key=capture.body_key, size=26)
    Extraction.objects.create(capture=capture, extractor="2")
    PassagePlace.objects.create(evidence=evidence, capture=capture, state="gone")
    job = FetchJob.objects.create(reference=evidence.reference, kind="watch")
    WatchCheck.objects.create(
        reference=evidence.reference, job=job, attempt=1, page_status="live", code="not_modified"
    )
    ProofChain.objects.get_or_create(desk=team.desk)
    manifest = make_manifest(team)
    batch = StampBatch.objects.create(root_sha256=manifest.sha256, leaf_count=1)
    StampLeaf.objects.create(batch=batch, manifest=manifest, position=0)
    Stamp.objects.create(
        batch=batch,
        authority="https://tsa.example.org/",
        state="held",
        token=b"token",
        stamped_at=timezone.now(),
    )


# Every rule of this kind that a model has, so that a new one is tried from the day it is made.
KEPT = [
    pytest.param(model, trigger.name, operation, id=f"{trigger.name}-{operation.lower()}")
    for model, trigger in pgtrigger.registered()
    if isinstance(trigger, Protect)
    for operation in str(trigger.operation).split(" OR ")
]
STATEMENTS = {
    "UPDATE": "UPDATE {0} SET {1} = {1} WHERE {1} = %s",
    "DELETE": "DELETE FROM {0} WHERE {1} = %s",
}


@pytest.mark.parametrize(("model", "trigger", "operation"), KEPT)
def test_what_was_kept_is_never_changed_or_deleted(
    team: Team, model: type[models.Model], trigger: str, operation: str
) -> None:
    make_rows_of_every_kind(team)
    table, key = model._meta.db_table, model._meta.pk
    row = model._default_manager.order_by("-pk").values()[0]

    with refused_by(trigger), connection.cursor() as cursor:
        cursor.execute(STATEMENTS[operation].format(table, key.column), [row[key.attname]])

    assert model._default_manager.order_by("-pk").values()[0] == row


@pytest.mark.parametrize(
    ("model", "trigger"),
    [
        pytest.param(model, trigger.name, id=trigger.name)
        for model, trigger in pgtrigger.registered()
        if isinstance(trigger, NeverEmptied)
    ],
)
def test_what_was_kept_is_never_emptied_at_one_stroke(
    team: Team, model: type[models.Model], trigger: str
) -> None:
    make_rows_of_every_kind(team)
    count = model._default_manager.count()
    assert count

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with refused_by(trigger), connection.cursor() as cursor:
        # CASCADE empties what refers to it first; each of those refuses too, but this one is asked alone.
        for other, its in pgtrigger.registered():
            if other is not model and isinstance(its, NeverEmptied):
                cursor.execute(f"ALTER TABLE {other._meta.db_table} DISABLE TRIGGER {its.get_pgid(other)}")
        cursor.execute(f"TRUNCATE {model._meta.db_table} CASCADE")

    assert model._default_manager.count() == count


def test_every_table_that_keeps_its_rows_refuses_to_be_emptied() -> None:
    emptied = {model for model, trigger in pgtrigger.registered() if isinstance(trigger, NeverEmptied)}
    kept = {parameters.values[0] for parameters in KEPT if parameters.values[2] == "DELETE"}
    assert emptied == kept


@pytest.mark.parametrize("away", [timedelta(seconds=-1), timedelta(hours=1)], ids=["earlier", "later"])
def test_a_line_of_the_log_bears_the_moment_it_is_written(team: Team, away: timedelta) -> None:
    with refused_by("activity_dated_now"):
        Activity.objects.create(
            desk=team.desk, verb="created", object_type="desk", object_id=1, at=Now() + away
        )

    assert not Activity.objects.filter(object_type="desk", object_id=1, verb="created", actor=None).exists()


def test_no_version_of_an_article_is_dated_back_before_a_signature(team: Team) -> None:
    claim = make_verified_claim(team)
    with refused_by("document_version_dated_now"):
        DocumentVersion.objects.create(
            document=claim.document,
            number=2,
            text="x",
            sha256=text_sha256("x"),
            length=1,
            created_at=timezone.now() - timedelta(days=1),
        )
    assert claim.document.versions.count() == 1


@pytest.mark.parametrize("away", [timedelta(seconds=-1), timedelta(hours=1)], ids=["earlier", "later"])
def test_a_submission_and_a_signature_bear_the_moment_they_are_given(team: Team, away: timedelta) -> None:
    claim = make_claim_in(team, ClaimState.RETURNED)
    with refused_by("claim_moved_now"):
        Claim.objects.filter(pk=claim.pk).update(state="in_review", submitted_at=Now() + away)
    submitted = make_claim_in(team, ClaimState.IN_REVIEW)
    write_review(submitted, team.reviewer)
    with refused_by("claim_moved_now"):
        Claim.objects.filter(pk=submitted.pk).update(
            state="verified", verified_by=team.reviewer, verified_at=Now() + away
        )

    assert set(Claim.objects.values_list("state", flat=True)) >= {"returned", "in_review"}


@pytest.mark.parametrize("away", [timedelta(seconds=-1), timedelta(hours=1)], ids=["earlier", "later"])
def test_a_verdict_and_a_review_bear_the_moment_they_are_given(team: Team, away: timedelta) -> None:
    claim = make_claim_in(team, ClaimState.OPEN)
    with refused_by("verdict_dated_now"):
        Verdict.objects.create(
            claim=claim,
            number=3,
            rating=team.ratings["true"],
            reasoning="Back-dated.",
            reason_for_change="Back-dated.",
            as_of=timezone.now().date(),
            created_by=team.editor,
            created_at=Now() + away,
        )
    submitted = make_claim_in(team, ClaimState.IN_REVIEW)
    with refused_by("review_dated_now"):
        write_review(submitted, team.reviewer, created_at=Now() + away)

    assert claim.verdicts.count() == 2
    assert submitted.reviews.count() == 1


def test_the_head_of_a_chain_is_not_wound_back(team: Team) -> None:
    chain, _ = ProofChain.objects.get_or_create(desk=team.desk)
    first, other = make_manifest(team), make_team().desk
    second = make_manifest(team, number=2, previous=first.sha256, body="[]")
    heads = ProofChain.objects.filter(pk=chain.pk)
    heads.update(number=1, sha256=first.sha256)
    heads.update(number=2, sha256=second.sha256, kept_number=2)

    with refused_by("proof_chain_forward"):
        heads.update(number=1, sha256=first.sha256, kept_number=1)
    with refused_by("proof_chain_forward"):
        heads.update(kept_number=1)
    with refused_by("proof_chain_forward"):
        heads.update(kept_number=3)
    with refused_by("proof_chain_forward"):
        heads.update(number=3, sha256=second.sha256)
    with refused_by("proof_chain_forward"):
        heads.update(sha256=first.sha256)
    with refused_by("proof_chain_forward"):
        heads.update(desk=other)

    assert heads.values_list("number", "sha256", "kept_number").get() == (2, second.sha256, 2)


def test_every_kind_of_row_that_must_stay_is_guarded() -> None:
    never_changed = {Activity, Capture, DocumentVersion, KeptFile, Manifest, PassagePlace, Rating, Extraction}
    never_changed |= {KeptWords, ReportRow, Review, SignedRecord, StampBatch, StampLeaf, Verdict, WatchCheck}
    changed_until_done = {Report, Stamp}
    never_deleted = {Claim, Evidence, ProofChain, Seal} | changed_until_done | never_changed

    guarded = [(parameters.values[0], parameters.values[2]) for parameters in KEPT]
    assert {model for model, operation in guarded if operation == "UPDATE"} == (
        never_changed | changed_until_done
    )
    assert {model for model, operation in guarded if operation == "DELETE"} == never_deleted


def test_a_manifest_must_follow_the_last_one_of_its_desk(team: Team) -> None:
    first = make_manifest(team)

    with refused_by("manifest_follows"):
        make_manifest(team, number=2, previous="00" * 32)
    with refused_by("manifest_follows"):
        make_manifest(team, number=3, previous=first.sha256)
    with refused_by("manifest_follows"):
        make_manifest(team, number=2, previous="")
    with refused_by("manifest_follows"):
        make_manifest(team, number=1, previous="00" * 32)

    assert make_manifest(team, number=2, previous=first.sha256).number == 2


def test_a_manifest_does_not_follow_one_of_another_desk(team: Team) -> None:
    theirs = make_manifest(make_team())

    with refused_by("manifest_follows"):
        make_manifest(team, number=2, previous=theirs.sha256)

    assert not Manifest.objects.filter(desk=team.desk).exists()


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


def test_a_time_stamp_that_is_held_never_changes(team: Team) -> None:
    batch = StampBatch.objects.create(root_sha256="ab" * 32, leaf_count=1)
    stamp = Stamp.objects.create(batch=batch, authority="https://tsa.example.org/")
    Stamp.objects.filter(pk=stamp.pk).update(state="held", token=b"token", stamped_at=timezone.now())

    with refused_by("stamp_held"):
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
        reference=evidence.reference, job=job, attempt=1, page_status="changed", code="ok"
    )

    def alert() -> Alert:
        return Alert.objects.create(
            desk=team.desk,
            claim=evidence.claim,
            evidence=evidence,
            reference=evidence.reference,
            seen_in=seen,
            before=capture,
            level="passage",
        )

    alert()
    with refused_by("alert_one_open"):
        alert()
    with refused_by("alert_decided_whole"):
        Alert.objects.update(state="dismissed")
