"""What a reviewer has to know before they sign stands on the page of the record."""

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from annotations.models import Anchor, Claim
from annotations.workflow.documents.revise import add_version
from annotations.workflow.evidence.edit import edit_evidence
from annotations.workflow.evidence.upload import upload_capture
from annotations.workflow.verdicts import review
from tests.factories import TEXT, Team, make_claim, make_evidence
from tests.factories import give_verdict as judge

pytestmark = pytest.mark.django_db
SIXTY = TEXT.replace("vijftig", "zestig")


def test_a_reviewer_is_told_what_stands_before_the_claim_now_and_that_its_place_is_unsure(team: Team) -> None:
    client = Client()
    client.force_login(team.reviewer)
    claim = make_claim(team)
    make_evidence(team, claim)
    add_version(claim.document_id, text=TEXT.replace("onrustige dag", "rustige dag"), by=team.editor)
    assert Anchor.objects.get(claim=claim, document_version__number=2).before_changed
    judge(team, claim, submit=True)
    shown = client.get(reverse("claim", args=[claim.pk])).content.decode()
    assert "The sentence before it has changed" in shown
    assert "Nobody has said yet" not in shown

    review.withdraw_from_review(claim.pk, by=team.editor)
    add_version(claim.document_id, text=SIXTY, by=team.editor)
    # By SQL it can be sent in all the same: then the reviewer reads it.
    Claim.objects.filter(pk=claim.pk).update(state="in_review", submitted_by=team.editor, submitted_at=Now())
    shown = client.get(reverse("claim", args=[claim.pk])).content.decode()
    assert "Nobody has said yet where the claim stands" in shown


def test_a_reviewer_is_told_that_a_passage_does_not_stand_in_the_page(team: Team) -> None:
    client = Client()
    client.force_login(team.reviewer)
    claim = make_claim(team)
    reference = make_evidence(team, claim).reference_id
    upload_capture(reference, filename="a.txt", content=b"Forty were hurt.", by=team.editor)
    evidence = claim.evidence.get()
    edit_evidence(
        evidence.pk,
        version=evidence.version,
        stance="supports",
        passage="Fifty died.",
        note="",
        by=team.editor,
    )
    judge(team, claim, submit=True)
    shown = client.get(reverse("claim", args=[claim.pk])).content.decode()
    assert "Fifty died." in shown
    assert "These words do not stand in the page as it was read." in shown
