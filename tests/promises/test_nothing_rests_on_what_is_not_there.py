"""Keys between tables are looked at when a transaction ends; no rule takes a row on trust until then.

Nor does a rule that sees a claim before the statement is done let the rest of that statement go round it.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from annotations.domain.documents.text import text_sha256
from annotations.models import (
    Anchor,
    Claim,
    Evidence,
    KeptWords,
    Report,
    ReportRow,
    Review,
    SignedRecord,
)
from annotations.workflow.verdicts import review
from tests.factories import (
    Team,
    give_verdict,
    make_capture,
    make_claim,
    make_claim_in_review,
    make_evidence,
    make_reference,
    make_verified_claim,
)
from tests.models.refusing import refused_by
from tests.promises.facts import run

pytestmark = pytest.mark.django_db
LATER = 10**9


def anchor_before_its_text(claim: Claim) -> None:
    Anchor.objects.create(claim=claim, document_version_id=LATER, start=0, end=3, exact="Abc")


def place_without_words_before_its_text(claim: Claim) -> None:
    Anchor.objects.create(claim=claim, document_version_id=LATER, start=0, end=0, exact="", state="orphaned")


def review_before_its_claim(claim: Claim) -> None:
    Review.objects.create(
        claim_id=LATER, verdict_id=claim.verdict_id, record=SignedRecord.objects.in_force(claim.pk),
        submitted_at=claim.submitted_at, reviewer_id=LATER, decision="approved",
    )  # fmt: skip


def source_before_its_page(claim: Claim) -> None:
    Evidence.objects.create(
        claim=claim, reference_id=LATER, stance="supports", author_ids=[1], created_by_id=LATER
    )


def source_before_what_was_read_of_it(claim: Claim) -> None:
    make_capture(Evidence.objects.get(claim=claim).reference)
    Evidence.objects.filter(claim=claim).update(capture_id=LATER)


def source_with_the_page_of_another(claim: Claim) -> None:
    source = Evidence.objects.get(claim=claim)
    source.reference.pk = None
    source.reference.canonical_url = "https://example.org/other"
    source.reference.save(force_insert=True)
    Evidence.objects.filter(claim=claim).update(capture=make_capture(source.reference))


def claim_before_its_article(claim: Claim) -> None:
    Claim.objects.create(
        desk_id=claim.desk_id, document_id=LATER, state="open", origin="selected", statement="x",
        statement_author_ids=[1],
    )  # fmt: skip


def row_before_its_report(claim: Claim) -> None:
    ReportRow.objects.create(report_id=LATER, claim=claim, position=1, data={})


def words_kept_before_their_claim(claim: Claim) -> None:
    KeptWords.objects.create(
        claim_id=LATER, record=SignedRecord.objects.in_force(claim.pk), kept_by_id=LATER, reason="x",
        document_version_id=claim.document.current_version_id,
    )  # fmt: skip


BEFORE: dict[Callable[[Claim], None], str] = {
    anchor_before_its_text: "anchor_exact",
    place_without_words_before_its_text: "anchor_exact",
    review_before_its_claim: "review_of_submission",
    source_before_its_page: "evidence_of_reference",
    source_before_what_was_read_of_it: "evidence_of_reference",
    source_with_the_page_of_another: "evidence_of_reference",
    claim_before_its_article: "claim_of_document",
    row_before_its_report: "report_rows_closed",
    words_kept_before_their_claim: "kept_words_of_record",
}


@pytest.mark.parametrize(
    ("attempt", "rule"), BEFORE.items(), ids=lambda given: getattr(given, "__name__", "")
)
def test_there_is_no(attempt: Callable[[Claim], None], rule: str, team: Team) -> None:
    claim = make_claim_in_review(team)
    with refused_by(rule):
        attempt(claim)
    assert list(SignedRecord.objects.values_list("number", flat=True)) == [1]


APPROVE_WHILE_SUBMITTING = """
    WITH sent AS (
        UPDATE annotations_claim SET state = 'in_review', submitted_by_id = %(by)s, submitted_at = now()
        WHERE id = %(claim)s RETURNING id, verdict_id, submitted_at
    )
    INSERT INTO annotations_review
        (claim_id, verdict_id, submitted_at, record_id, reviewer_id, reviewer_name, decision, note)
    SELECT id, verdict_id, submitted_at, %(record)s, %(reviewer)s, '', 'approved', '' FROM sent
"""


@pytest.mark.parametrize("names", ["no record", "an earlier record"])
def test_no_review_is_given_in_the_statement_that_submits(names: str, team: Team) -> None:
    claim = make_claim_in_review(team)
    earlier = SignedRecord.objects.in_force(claim.pk)
    review.withdraw_from_review(claim.pk, by=team.editor)
    assert earlier is not None
    with refused_by("review_of_record"):
        run(
            APPROVE_WHILE_SUBMITTING,
            claim=claim.pk,
            by=team.editor.pk,
            reviewer=team.reviewer.pk,
            record=earlier.pk if names == "an earlier record" else None,
        )
    assert not Review.objects.exists()


def test_nothing_is_read_in_the_statement_that_signs_off(team: Team) -> None:
    claim = make_claim_in_review(team)
    record, source = SignedRecord.objects.in_force(claim.pk), Evidence.objects.get(claim=claim)
    Review.objects.create(
        claim=claim, verdict_id=claim.verdict_id, record=record, submitted_at=claim.submitted_at,
        reviewer=team.reviewer, decision="approved",
    )  # fmt: skip
    capture = make_capture(source.reference)
    with refused_by("evidence_recorded"):
        run(
            """WITH had AS (
                UPDATE annotations_evidence SET capture_id = %(capture)s WHERE claim_id = %(claim)s
                RETURNING claim_id
            )
            UPDATE annotations_claim SET state = 'verified', verified_by_id = %(by)s, verified_at = now()
            FROM had WHERE id = had.claim_id""",
            capture=capture.pk,
            claim=claim.pk,
            by=team.reviewer.pk,
        )
    claim.refresh_from_db()
    source.refresh_from_db()
    assert (claim.state, source.capture_id) == ("in_review", None)


@pytest.mark.parametrize("state", ["open", "in_review"])
def test_whoever_withdrew_a_source_is_never_exchanged(state: str, team: Team) -> None:
    claim = make_claim(team)
    make_evidence(team, claim, url="https://example.org/kept")
    gone = make_evidence(team, claim, url="https://example.org/gone")
    Evidence.objects.filter(pk=gone.pk).update(withdrawn_at=Now(), withdrawn_by=team.reviewer)
    give_verdict(team, claim, submit=state == "in_review")
    with refused_by("evidence_stays"):
        Evidence.objects.filter(pk=gone.pk).update(withdrawn_by=team.editor)
    gone.refresh_from_db()
    assert gone.withdrawn_by_id == team.reviewer.pk


def test_a_source_that_was_withdrawn_can_be_restored_and_withdrawn_again(team: Team) -> None:
    claim = make_claim(team)
    source = make_evidence(team, claim)
    for by in (team.reviewer, None, team.editor):
        Evidence.objects.filter(pk=source.pk).update(withdrawn_at=Now() if by else None, withdrawn_by=by)
    source.refresh_from_db()
    assert source.withdrawn_by_id == team.editor.pk


def test_a_scale_in_use_takes_no_further_rating(team: Team) -> None:
    scale = team.ratings["true"].scale
    given: dict[str, Any] = {"label": "x", "definition": "x", "tone": "green", "value": 99}
    scale.ratings.create(position=98, slug="unused-yet", **given)
    make_verified_claim(team)
    with refused_by("rating_scale_unused"):
        scale.ratings.create(position=99, slug="late", **given)
    assert not scale.ratings.filter(slug="late").exists()


@pytest.mark.parametrize(
    "changed",
    [{"sha256": "0" * 64}, {"length": 5}, {"text": "Another"}],
    ids=["hash", "length", "text"],
)
def test_a_version_states_the_hash_and_the_length_of_its_text(changed: dict[str, Any], team: Team) -> None:
    document = make_claim(team).document
    text = "Één"
    given = {"text": text, "sha256": text_sha256(text), "length": 3, "number": 2}
    with refused_by("document_version_hash"):
        document.versions.create(**(given | changed))
    document.versions.create(**given)


def test_a_report_bears_the_moment_it_is_made_and_frozen(team: Team) -> None:
    def report(**changed: Any) -> Report:
        return Report.objects.create(
            desk=team.desk, number=1, title="x", state="queued", created_by=team.editor, **changed
        )

    yesterday = "2019-04-30T00:00:00Z"
    with refused_by("report_dated_now"):
        report(created_at=yesterday)
    made = report()
    ReportRow.objects.create(report=made, claim=make_verified_claim(team), position=1, data={})
    ready = {"state": "ready", "row_count": 1, "content_hash": "0" * 64}
    with refused_by("report_frozen_now"):
        Report.objects.filter(pk=made.pk).update(frozen_at=yesterday, **ready)
    made.refresh_from_db()
    assert made.state == "queued"
    Report.objects.filter(pk=made.pk).update(frozen_at=Now(), **ready)


@pytest.mark.parametrize("days", [-2, 2])
def test_nobody_brings_a_page_of_another_day(days: int, team: Team) -> None:
    reference = make_reference(team)
    with refused_by("capture_of_today"):
        make_capture(reference, fetched_at=timezone.now() + timedelta(days=days))
    assert not reference.captures.exists()
    assert make_capture(reference, fetched_at=timezone.now() - timedelta(hours=20)).pk


@pytest.mark.django_db(transaction=True)
def test_no_claim_is_submitted_from_a_snapshot_that_misses_a_source(team: Team) -> None:
    claim = make_claim(team)
    make_evidence(team, claim)
    give_verdict(team, claim)
    for level in ("REPEATABLE READ", "SERIALIZABLE"):
        with connection.cursor() as cursor:
            cursor.execute(f"SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL {level}")
        with refused_by("claim_moved_as_committed"):
            Claim.objects.filter(pk=claim.pk).update(
                state="in_review", submitted_by=team.editor, submitted_at=Now()
            )
    connection.close()
    assert not SignedRecord.objects.exists()
