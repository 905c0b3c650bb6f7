"""Claims with a past, in every state."""

from django.db.models.functions import Now

from annotations.domain.claims.states import ClaimState
from annotations.models import Claim, Review, SignedRecord, User, Verdict
from annotations.workflow.claims import edit
from annotations.workflow.verdicts import give, review
from tests.factories import Team, give_verdict, make_claim, make_evidence, record_of
from tests.without_rules import change_row


def make_claim_in(team: Team, state: ClaimState) -> Claim:
    """Return a claim in `state` whose second verdict was submitted and approved once before.

    So it meets every condition of every state, and has an earlier verdict beside the one in force.
    """
    claim = make_claim(team)
    make_evidence(team, claim, url=f"https://example.org/{claim.pk}")
    give_verdict(team, claim, rating="false")
    give_verdict(team, claim, rating="true", submit=True)
    review.approve(claim.pk, record=record_of(claim.pk), by=team.reviewer)
    if state is not ClaimState.VERIFIED:
        review.reopen(claim.pk, by=team.reviewer, reason="A newer source.")
    if state is ClaimState.DISMISSED:
        edit.dismiss_claims([claim.pk], by=team.editor, reason="Opinion.")
    if state in (ClaimState.IN_REVIEW, ClaimState.RETURNED):
        give.submit_for_review(claim.pk, by=team.editor)
    if state is ClaimState.RETURNED:
        review.return_claim(claim.pk, record=record_of(claim.pk), by=team.reviewer, note="Not yet.")
    if state is ClaimState.PROPOSED:
        # No road leads back there, so only the owner of the table can make such a claim.
        change_row("UPDATE annotations_claim SET state = 'proposed' WHERE id = %s", claim.pk)
    claim.refresh_from_db()
    assert claim.state == state
    return claim


def earlier_verdict(claim: Claim) -> Verdict:
    """Return the verdict of such a claim that is no longer in force."""
    return claim.verdicts.get(number=1)


def write_review(claim: Claim, reviewer: User, **changed: object) -> Review:
    """Write an approval of what is in review, but for what is `changed`, as a row and nothing else."""
    given = {
        "verdict_id": claim.verdict_id,
        "record": SignedRecord.objects.in_force(claim.pk),
        "submitted_at": claim.submitted_at,
        "decision": "approved",
    }
    return Review.objects.create(claim=claim, reviewer=reviewer, **(given | changed))


def set_decision(claim: Claim, decision: str) -> None:
    """Make the decision on the record in force this one: that of the reviews there is."""
    record = SignedRecord.objects.in_force(claim.pk)
    assert record is not None
    change_row(
        "UPDATE annotations_review SET decision = %s, note = 'x' WHERE record_id = %s", decision, record.pk
    )


def set_verified(claim: Claim, reviewer: User, **changed: object) -> None:
    """Set the columns of a verified claim, and what is `changed`, and nothing else."""
    Claim.objects.filter(pk=claim.pk).update(
        state="verified", verified_by=reviewer, verified_at=Now(), **changed
    )
