"""A record is what holds in the rows when a claim goes to review; nobody writes, changes or bypasses it."""

import hashlib

import pytest
from django.db.models.functions import Now

from annotations.domain.claims.states import ClaimState
from annotations.domain.documents.text import text_sha256
from annotations.domain.verdicts.records import read_record
from annotations.models import Anchor, Claim, DocumentVersion, Evidence, Review, SignedRecord
from annotations.workflow.evidence.edit import withdraw_evidence
from annotations.workflow.verdicts import give, review
from tests.factories import (
    TEXT,
    Team,
    give_verdict,
    make_claim,
    make_claim_in_review,
    make_document,
    make_evidence,
    make_team,
    make_verified_claim,
    record_of,
)
from tests.models.claim_histories import make_claim_in, set_verified, write_review
from tests.models.refusing import refused_by
from tests.without_rules import change_row

pytestmark = pytest.mark.django_db


def in_force(claim: Claim) -> SignedRecord:
    record = SignedRecord.objects.in_force(claim.pk)
    assert record is not None
    return record


def test_the_record_holds_what_a_reviewer_judges_and_its_hash_is_of_its_text(team: Team) -> None:
    claim = make_claim_in_review(team)
    source = Evidence.objects.get(claim=claim)

    record = in_force(claim)
    says = read_record(record.body)

    assert record.sha256 == hashlib.sha256(record.body.encode()).hexdigest()
    assert (record.number, record.cause, says["cause"]) == (1, "submitted", "submitted")
    assert (says["statement"], says["article"]["version"]) == (claim.statement, 1)
    assert says["words"] is not None
    assert says["words"]["exact"] == "minstens vijftig gewonden"
    assert TEXT[says["words"]["start"] : says["words"]["end"]] == says["words"]["exact"]
    assert (says["rating"]["label"], says["verdict"]["reasoning"]) == ("True", "Two sources say so.")
    assert says["rating"]["definition"] == team.ratings["true"].definition
    assert [(row["id"], row["read"], row["capture"]) for row in says["evidence"]] == [
        (source.pk, "never read", None)
    ]
    assert [hand["id"] for hand in says["hands"]] == record.hand_ids == [team.editor.pk]


def test_sql_that_submits_a_claim_makes_its_record_too(team: Team) -> None:
    claim = make_claim(team)
    make_evidence(team, claim)
    give_verdict(team, claim)

    Claim.objects.filter(pk=claim.pk).update(state="in_review", submitted_by=team.editor, submitted_at=Now())

    assert read_record(in_force(claim).body)["statement"] == claim.statement


def test_nobody_writes_a_record_of_their_own(team: Team) -> None:
    claim = make_claim_in_review(team)

    body = '{"statement": "Forged."}'
    forged = SignedRecord.objects.create(
        claim=claim, number=9, cause="submitted", body=body, sha256="0" * 64, hand_ids=[]
    )

    forged.refresh_from_db()
    assert (forged.number, forged.hand_ids) == (2, [team.editor.pk])
    assert read_record(forged.body)["statement"] == claim.statement


@pytest.mark.parametrize("state", [state for state in ClaimState if state is not ClaimState.IN_REVIEW])
def test_a_record_is_made_of_a_claim_in_review_only(team: Team, state: ClaimState) -> None:
    claim = make_claim_in(team, state)
    before = SignedRecord.objects.count()

    with refused_by("signed_record_in_review"):
        SignedRecord.objects.create(claim=claim, cause="submitted")

    assert SignedRecord.objects.count() == before


def test_no_record_is_made_of_a_claim_that_is_not_there(team: Team) -> None:
    with refused_by("signed_record_in_review"):
        SignedRecord.objects.create(claim_id=10**9, cause="submitted")

    assert not SignedRecord.objects.exists()


def test_a_hash_that_is_not_of_the_text_is_refused(team: Team) -> None:
    make_claim_in_review(team)

    with refused_by("signed_record_hash"):
        change_row("UPDATE annotations_signedrecord SET body = body || ' '")


@pytest.mark.parametrize("cause", ["", "invented"])
def test_a_record_says_why_it_was_made(team: Team, cause: str) -> None:
    claim = make_claim_in_review(team)

    with refused_by("signed_record_cause_known"):
        SignedRecord.objects.create(claim=claim, cause=cause)

    assert claim.records.count() == 1


def test_a_claim_is_not_submitted_without_the_sources_that_its_rating_needs(team: Team) -> None:
    claim = make_claim(team)
    source = make_evidence(team, claim)
    give_verdict(team, claim)
    withdraw_evidence(source.pk, by=team.editor)
    moved = {"state": "in_review", "submitted_by": team.editor, "submitted_at": Now()}

    with refused_by("claim_submission_whole"):
        Claim.objects.filter(pk=claim.pk).update(**moved)
    claim.refresh_from_db()
    assert (claim.state, claim.records.count()) == ("open", 0)

    give_verdict(team, claim, rating="not_checkable")
    Claim.objects.filter(pk=claim.pk).update(**moved)
    assert claim.records.count() == 1


def test_a_claim_is_not_returned_without_a_decision(team: Team) -> None:
    claim = make_claim_in_review(team)

    with refused_by("claim_returned_by_review"):
        Claim.objects.filter(pk=claim.pk).update(state="returned")
    write_review(claim, team.reviewer)
    with refused_by("claim_returned_by_review"):
        Claim.objects.filter(pk=claim.pk).update(state="returned")

    claim.refresh_from_db()
    assert claim.state == "in_review"


def test_a_review_of_an_earlier_record_decides_nothing(team: Team) -> None:
    claim = make_claim_in_review(team)
    first = in_force(claim)
    review.withdraw_from_review(claim.pk, by=team.editor)
    give.submit_for_review(claim.pk, by=team.editor)
    claim.refresh_from_db()

    with refused_by("review_of_record"):
        write_review(claim, team.reviewer, record=first)
    with refused_by("review_of_record"):
        write_review(claim, team.reviewer, record=None)

    assert not Review.objects.exists()


def test_an_approval_of_an_earlier_record_does_not_verify_a_claim(team: Team) -> None:
    claim = make_claim_in_review(team)
    write_review(claim, team.reviewer)
    review.withdraw_from_review(claim.pk, by=team.editor)
    give.submit_for_review(claim.pk, by=team.editor)

    with refused_by("claim_four_eyes"):
        set_verified(claim, team.reviewer)

    claim.refresh_from_db()
    assert claim.state == "in_review"


def test_one_record_is_decided_on_once(team: Team) -> None:
    claim = make_claim_in_review(team)
    write_review(claim, team.reviewer)

    with refused_by("review_once_a_submission"):
        write_review(claim, team.manager)

    assert claim.reviews.count() == 1


@pytest.mark.parametrize("make", [make_claim_in_review, make_verified_claim])
def test_sql_does_not_exchange_the_words_under_a_signature(team: Team, make) -> None:  # type: ignore[no-untyped-def]
    claim, _ = make(team), make_claim(team)
    anchor = Anchor.objects.get(claim=claim)
    start = TEXT.index("SEBIN")

    with refused_by("anchor_signed"):
        Anchor.objects.filter(pk=anchor.pk).update(start=start, end=start + 5, exact="SEBIN")
    with refused_by("anchor_signed"):
        Anchor.objects.filter(pk=anchor.pk).delete()

    assert Anchor.objects.get(claim=claim).exact == anchor.exact


def test_a_reopened_claim_may_stand_on_other_words_than_those_once_signed(team: Team) -> None:
    claim, _ = make_verified_claim(team), make_verified_claim(team)
    review.reopen(claim.pk, by=team.reviewer, reason="The words changed.")
    version = DocumentVersion.objects.create(
        document=claim.document, number=2, text=TEXT, sha256=text_sha256(TEXT), length=len(TEXT)
    )
    start = TEXT.index("SEBIN")

    Anchor.objects.create(
        claim=claim, document_version=version, start=start, end=start + 5, exact="SEBIN", state="confirmed"
    )

    assert claim.anchors.count() == 2


def test_an_anchor_stays_with_its_claim_and_its_text(team: Team) -> None:
    claim, other = make_claim(team), make_claim(team, words="SEBIN")
    elsewhere = make_document(team)

    with refused_by("anchor_stays"):
        Anchor.objects.filter(claim=claim).update(claim=other)
    with refused_by("anchor_stays"):
        Anchor.objects.filter(claim=claim).update(document_version=elsewhere.current_version)

    assert Anchor.objects.filter(claim=claim).count() == 1


@pytest.mark.parametrize("state", [ClaimState.IN_REVIEW, ClaimState.VERIFIED])
def test_sql_does_not_rewrite_who_submitted_or_verified_a_claim(team: Team, state: ClaimState) -> None:
    claim = make_claim_in(team, state)
    before = Claim.objects.values().get(pk=claim.pk)

    with refused_by("claim_submission_kept"):
        Claim.objects.filter(pk=claim.pk).update(submitted_by=team.colleague)
    with refused_by("claim_submission_kept"):
        Claim.objects.filter(pk=claim.pk).update(submitted_at=Now())
    if state is ClaimState.VERIFIED:
        with refused_by("claim_signature_kept"):
            Claim.objects.filter(pk=claim.pk).update(verified_at=Now())
        with refused_by("claim_signature_kept"):
            Claim.objects.filter(pk=claim.pk).update(verified_by=team.manager)

    assert Claim.objects.values().get(pk=claim.pk) == before


@pytest.mark.parametrize(
    "changed",
    [
        {"claimant_name": "Iemand"},
        {"claimant_kind": "person"},
        {"claimant_role": "burgemeester"},
        {"said_on": "2019-04-30"},
        {"said_where": "Caracas"},
        {"chosen_because": "Omdat."},
        {"language": "de"},
    ],
    ids=lambda changed: next(iter(changed)),
)
@pytest.mark.parametrize("make", [make_claim_in_review, make_verified_claim])
def test_sql_changes_no_detail_of_what_is_signed(team: Team, make, changed) -> None:  # type: ignore[no-untyped-def]
    claim = make(team)
    before = Claim.objects.values().get(pk=claim.pk)

    with refused_by("claim_statement_locked"):
        Claim.objects.filter(pk=claim.pk).update(**changed)

    assert Claim.objects.values().get(pk=claim.pk) == before


def test_a_claim_is_of_the_desk_of_its_document(team: Team) -> None:
    elsewhere = make_document(make_team())

    with refused_by("claim_of_document"):
        Claim.objects.create(
            desk=team.desk,
            document=elsewhere,
            state="open",
            origin="selected",
            statement="Fifty.",
            statement_author_ids=[team.editor.pk],
        )

    assert not Claim.objects.exists()


def test_a_selected_claim_has_an_author(team: Team) -> None:
    with refused_by("claim_authored"):
        Claim.objects.create(
            desk=team.desk, document=make_document(team), state="open", origin="selected", statement="Fifty."
        )

    assert not Claim.objects.exists()


def test_a_reviewer_is_named_as_on_the_day_of_the_decision(team: Team) -> None:
    claim = make_claim_in_review(team)
    review.approve(claim.pk, record=record_of(claim.pk), by=team.reviewer)
    called = team.reviewer.display_name

    team.reviewer.first_name = "Somebody"
    team.reviewer.last_name = "Else"
    team.reviewer.save()

    assert Review.objects.get(claim=claim).reviewer_name == called
