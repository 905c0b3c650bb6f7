"""The second person: who may be one, what they decide, and the ways back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from annotations.domain.claims.states import MoveRefused
from annotations.domain.errors import Missing, NotAllowed
from annotations.models import Activity, Claim, Review
from annotations.permissions import OwnWork
from annotations.workflow.claims import leases
from annotations.workflow.claims.leases import HeldByOther
from annotations.workflow.verdicts import give
from annotations.workflow.verdicts import review as verdict_review
from annotations.workflow.verdicts.review import NoteNeeded, StaleReview
from tests.factories import (
    Team,
    give_verdict,
    make_claim,
    make_claim_in_review,
    make_evidence,
    make_verified_claim,
    record_of,
)

pytestmark = pytest.mark.django_db


def assert_untouched(claim: Claim) -> None:
    lines = Activity.objects.filter(claim_id=claim.pk, verb__in=("approved", "returned")).count()
    claim.refresh_from_db()
    assert (claim.state, lines, Review.objects.filter(claim=claim).count()) == ("in_review", 0, 0)


def test_the_approval_of_a_second_person_verifies_the_claim(team: Team) -> None:
    claim = make_claim_in_review(team)

    review = verdict_review.approve(claim.pk, record=record_of(claim.pk), by=team.reviewer, note="Clear.")

    claim.refresh_from_db()
    assert (claim.state, claim.verified_by) == ("verified", team.reviewer)
    assert (review.decision, review.note, review.verdict) == ("approved", "Clear.", claim.verdict)
    line = Activity.objects.filter(claim_id=claim.pk).latest("id")
    assert (line.verb, line.from_state, line.to_state, line.actor) == (
        "approved",
        "in_review",
        "verified",
        team.reviewer,
    )


@pytest.mark.parametrize("part", ["statement", "source", "verdict"])
def test_nobody_approves_or_returns_a_claim_of_which_they_wrote_a_part(team: Team, part: str) -> None:
    author = {"statement": team.editor, "source": team.editor, "verdict": team.editor} | {part: team.reviewer}
    claim = make_claim(team, by=author["statement"])
    make_evidence(team, claim, by=author["source"])
    give_verdict(team, claim, by=author["verdict"])
    give.submit_for_review(claim.pk, by=team.colleague)

    with pytest.raises(OwnWork):
        verdict_review.approve(claim.pk, record=record_of(claim.pk), by=team.reviewer)
    with pytest.raises(OwnWork):
        verdict_review.return_claim(claim.pk, record=record_of(claim.pk), by=team.reviewer, note="x")

    assert_untouched(claim)
    verdict_review.approve(claim.pk, record=record_of(claim.pk), by=team.manager)


def test_an_editor_does_not_review_and_a_stranger_sees_nothing(team: Team) -> None:
    claim = make_claim_in_review(team)

    with pytest.raises(NotAllowed):
        verdict_review.approve(claim.pk, record=record_of(claim.pk), by=team.colleague)
    with pytest.raises(Missing):
        verdict_review.approve(claim.pk, record=record_of(claim.pk), by=team.outsider)

    assert_untouched(claim)


def test_a_return_needs_a_note(team: Team) -> None:
    claim = make_claim_in_review(team)

    with pytest.raises(NoteNeeded):
        verdict_review.return_claim(claim.pk, record=record_of(claim.pk), by=team.reviewer, note="  ")

    assert_untouched(claim)


def test_a_returned_claim_goes_back_to_who_submitted_it_and_can_come_again(team: Team) -> None:
    claim = make_claim_in_review(team)

    verdict_review.return_claim(
        claim.pk, record=record_of(claim.pk), by=team.reviewer, note="Which hospital?"
    )

    claim.refresh_from_db()
    assert (claim.state, claim.assignee, claim.contributor_ids) == ("returned", team.editor, [])
    give_verdict(team, claim, submit=True)
    verdict_review.approve(claim.pk, record=record_of(claim.pk), by=team.reviewer)
    claim.refresh_from_db()
    assert claim.state == "verified"


def test_a_decision_on_a_verdict_that_was_replaced_meanwhile_is_refused(team: Team) -> None:
    claim = make_claim_in_review(team)
    read = record_of(claim.pk)
    verdict_review.withdraw_from_review(claim.pk, by=team.editor)
    give_verdict(team, claim, submit=True)

    with pytest.raises(StaleReview):
        verdict_review.approve(claim.pk, record=read, by=team.reviewer)

    assert_untouched(claim)


def test_nobody_decides_on_a_claim_in_the_hands_of_another_reviewer(team: Team) -> None:
    claim = make_claim_in_review(team)
    leases.hold(claim.pk, by=team.manager)

    with pytest.raises(HeldByOther):
        verdict_review.approve(claim.pk, record=record_of(claim.pk), by=team.reviewer)
    with pytest.raises(HeldByOther):
        verdict_review.return_claim(claim.pk, record=record_of(claim.pk), by=team.reviewer, note="Later.")
    assert_untouched(claim)

    Claim.objects.filter(pk=claim.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    verdict_review.approve(claim.pk, record=record_of(claim.pk), by=team.reviewer)
    claim.refresh_from_db()
    assert claim.state == "verified"


def test_a_claim_is_approved_once(team: Team) -> None:
    claim = make_verified_claim(team)

    with pytest.raises(MoveRefused):
        verdict_review.approve(claim.pk, record=record_of(claim.pk), by=team.manager)

    assert Review.objects.filter(claim=claim).count() == 1


def test_withdrawing_unlocks_the_claim_for_the_one_who_took_it_back(team: Team) -> None:
    claim = make_claim_in_review(team)

    verdict_review.withdraw_from_review(claim.pk, by=team.editor)

    claim.refresh_from_db()
    assert (claim.state, claim.assignee) == ("open", team.editor)
    make_evidence(team, claim, url="https://example.org/more")


def test_reopening_a_verified_claim_needs_a_reason_and_a_reviewer(team: Team) -> None:
    claim = make_verified_claim(team)

    with pytest.raises(NotAllowed):
        verdict_review.reopen(claim.pk, by=team.editor, reason="New figures.")
    with pytest.raises(NoteNeeded):
        verdict_review.reopen(claim.pk, by=team.reviewer, reason="")
    claim.refresh_from_db()
    assert claim.state == "verified"

    verdict_review.reopen(claim.pk, by=team.reviewer, reason="New figures.")
    claim.refresh_from_db()
    assert (claim.state, claim.verified_by, claim.verified_at) == ("open", None, None)
    assert Activity.objects.filter(claim_id=claim.pk).latest("id").details == {"reason": "New figures."}
