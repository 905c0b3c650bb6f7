"""Whoever wrote the article into the workbench has a hand in what is signed of it."""

import pytest

from annotations.models import SignedRecord
from annotations.permissions import OwnWork
from annotations.workflow.claims.organise import tag_claims
from annotations.workflow.documents.load import load_text
from annotations.workflow.documents.particulars import About
from annotations.workflow.documents.revise import add_version, edit_document
from annotations.workflow.evidence.upload import upload_capture
from annotations.workflow.verdicts import give, review
from tests.factories import (
    TEXT,
    Team,
    give_verdict,
    make_capture,
    make_claim,
    make_claim_in_review,
    make_document,
    make_evidence,
    make_verified_claim,
    record_of,
)

pytestmark = pytest.mark.django_db


def test_whoever_gives_the_article_a_newer_text_does_not_sign_what_is_submitted_of_it(team: Team) -> None:
    claim = make_claim(team)
    make_evidence(team, claim)
    give_verdict(team, claim)
    add_version(claim.document_id, text="Vooraf een zin.\n\n" + TEXT, by=team.reviewer)
    give.submit_for_review(claim.pk, by=team.editor)
    with pytest.raises(OwnWork):
        review.approve(claim.pk, record=record_of(claim.pk), by=team.reviewer)
    claim.refresh_from_db()
    assert (claim.state, claim.contributor_ids) == ("in_review", [team.editor.pk, team.reviewer.pk])


def test_whoever_only_loaded_the_article_may_sign_its_claims(team: Team) -> None:
    document = load_text(desk=team.desk, text=TEXT, about=About(title="Onrust"), by=team.reviewer)
    claim = make_claim_in_review(team, document=document)
    review.approve(claim.pk, record=record_of(claim.pk), by=team.reviewer)
    claim.refresh_from_db()
    assert claim.state == "verified"


@pytest.mark.parametrize("moment", ["before", "after"])
def test_whoever_corrects_an_article_has_a_hand_in_what_is_submitted_later(team: Team, moment: str) -> None:
    claim = make_claim(team)
    make_evidence(team, claim)
    give_verdict(team, claim, submit=moment == "after")
    edit_document(
        claim.document_id, version=claim.document.version, about=About(title="New"), by=team.reviewer
    )
    if moment == "before":
        give.submit_for_review(claim.pk, by=team.editor)
        with pytest.raises(OwnWork):
            review.approve(claim.pk, record=record_of(claim.pk), by=team.reviewer)
    else:
        review.approve(claim.pk, record=record_of(claim.pk), by=team.reviewer)
    claim.refresh_from_db()
    assert claim.state == ("in_review" if moment == "before" else "verified")


def test_what_another_copy_of_a_page_says_of_itself_is_not_what_was_read(team: Team) -> None:
    claim = make_claim(team)
    source = make_evidence(team, claim)
    claim.evidence.update(capture=make_capture(source.reference, "Minstens vijftig.", title="Read"))
    upload_capture(
        source.reference_id, filename="other.html", by=team.reviewer,
        content=b"<html><head><title>Rosa's words</title></head><body><p>Minstens vijftig.</p></body></html>",
    )  # fmt: skip
    give_verdict(team, claim, submit=True)
    record = SignedRecord.objects.in_force(claim.pk)
    assert record is not None
    assert "Rosa's words" not in record.body
    assert record.hand_ids == [team.editor.pk]


def test_whoever_changed_another_article_may_sign(team: Team) -> None:
    other = make_document(team, "Een ander stuk met een getal: 12.")
    add_version(other.pk, text="Een ander stuk met een getal: 13.", by=team.reviewer)
    claim = make_claim_in_review(team)
    assert team.reviewer.pk not in claim.contributor_ids
    review.approve(claim.pk, record=record_of(claim.pk), by=team.reviewer)


def test_whoever_changes_the_article_after_signing_takes_nothing_from_the_signature(team: Team) -> None:
    claim = make_verified_claim(team)
    assert claim.verified_by is not None
    add_version(claim.document_id, text=f"Vooraf een zin.\n\n{TEXT}", by=claim.verified_by)
    tag_claims([claim.pk], add=["later"], by=team.editor)
    claim.refresh_from_db()
    assert (claim.state, claim.contributor_ids) == ("verified", [team.editor.pk])
