"""One claim by its number, with everything a person needs to judge it, as the API returns it."""

from dataclasses import dataclass

from annotations.domain.claims.states import ClaimState, Move, moves_from
from annotations.domain.desks.roles import Action
from annotations.models import Anchor, Claim, Review, User
from annotations.permissions import can, can_review
from annotations.queries.evidence.attached import EvidenceView, evidence_views
from annotations.queries.verdicts import reviews_of
from annotations.visibility import get_visible


@dataclass(frozen=True, slots=True)
class ClaimRecord:
    """A claim with everything a person needs to judge it. `moves` are the moves this person may make now."""

    claim: Claim
    anchor: Anchor | None
    sources: list[EvidenceView]
    reviews: list[Review]
    moves: list[Move]


def claim_for(user: User, claim_id: int) -> Claim:
    """Return a claim with its article's details, its verdict in force and its people; raises Missing."""
    joined = (
        *("document", "rating", "verdict__rating", "verdict__created_by", "assignee", "lease_holder"),
        *("created_by", "submitted_by", "verified_by"),
    )
    return get_visible(user, Claim.objects.select_related(*joined), claim_id)


def claim_record(user: User, claim_id: int) -> ClaimRecord:
    """Return a claim with its place in the current text, its evidence and reviews; raises Missing.

    Five queries.
    """
    claim = claim_for(user, claim_id)
    version = claim.document.current_version_id
    anchor = Anchor.objects.filter(claim=claim, document_version_id=version).first()
    moves = [
        rule.move
        for rule in moves_from(ClaimState(claim.state))
        if can(user, rule.action, claim.desk_id) and (rule.action != Action.REVIEW or can_review(user, claim))
    ]
    return ClaimRecord(claim, anchor, evidence_views(claim.pk), reviews_of(claim.pk), moves)
