"""Review by a second person: approve, return, and the ways back."""

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from annotations.domain.activity import Verb
from annotations.domain.claims.reanchoring import NEEDS_A_PERSON
from annotations.domain.claims.states import ClaimState, Move, target_of
from annotations.domain.desks.roles import Action
from annotations.domain.errors import Invalid, StaleEdit, WrongState
from annotations.domain.verdicts import Decision
from annotations.models import Anchor, Claim, Review, User
from annotations.permissions import check_can_review
from annotations.workflow.activity import claim_activity, record_all
from annotations.workflow.claims.leases import check_in_no_other_hands
from annotations.workflow.claims.locking import lock_claim


class NoteNeeded(Invalid):
    """A return, a withdrawal by someone else or a reopening has to say why."""

    code = "note_needed"


class StaleReview(StaleEdit):
    """The claim was taken back and submitted again since the reviewer read it."""

    code = "stale_review"


class ArticleChanged(WrongState):
    """The words of the claim are no longer the same in the article since it was submitted."""

    code = "article_changed"


@transaction.atomic(durable=True)
def approve(
    claim_id: int, *, verdict_number: int, by: User, note: str = "", lease_token: int | None = None
) -> Review:
    """Sign off the verdict in force: the claim becomes verified and stays locked.

    `verdict_number` is the one the reviewer read. Raises Missing, NotAllowed, OwnWork, LeaseLost,
    HeldByOther, MoveRefused, StaleReview, or ArticleChanged where a later version of the article has other
    words there.
    """
    return _decide(
        claim_id,
        Move.APPROVE,
        Decision.APPROVED,
        verdict_number=verdict_number,
        by=by,
        note=note,
        lease_token=lease_token,
    )


@transaction.atomic(durable=True)
def return_claim(
    claim_id: int, *, verdict_number: int, by: User, note: str, lease_token: int | None = None
) -> Review:
    """Send the claim back to whoever submitted it, with a note.

    Raises Missing, NotAllowed, OwnWork, LeaseLost, HeldByOther, MoveRefused, StaleReview or NoteNeeded.
    """
    return _decide(
        claim_id,
        Move.RETURN,
        Decision.RETURNED,
        verdict_number=verdict_number,
        by=by,
        note=note,
        lease_token=lease_token,
    )


@transaction.atomic(durable=True)
def withdraw_from_review(claim_id: int, *, by: User) -> None:
    """Take a claim back from review to change it; it is then assigned to whoever took it back.

    Raises Missing, NotAllowed or MoveRefused.
    """
    withdraw_locked(lock_claim(claim_id, by=by, action=Action.GIVE_VERDICT), by=by)


def withdraw_locked(claim: Claim, *, by: User) -> None:
    """Take a locked claim back from review in the running transaction; see `withdraw_from_review`."""
    source = ClaimState(claim.state)
    target = target_of(Move.WITHDRAW, source)
    claim.state = target
    claim.assignee = by
    _end_lease(claim)
    claim.save(update_fields=["state", "assignee", *_LEASE_ENDED_FIELDS])
    record_all([claim_activity(Verb.WITHDREW, claim, by, from_state=source, to_state=target)])


@transaction.atomic(durable=True)
def reopen(claim_id: int, *, by: User, reason: str) -> None:
    """Open a verified claim for work again; frozen reports keep what they said.

    Raises Missing, NotAllowed, MoveRefused or NoteNeeded.
    """
    reopen_locked(lock_claim(claim_id, by=by, action=Action.REOPEN), by=by, reason=reason)


def reopen_locked(claim: Claim, *, by: User, reason: str) -> None:
    """Open a locked claim for work again in the running transaction; see `reopen`."""
    source = ClaimState(claim.state)
    target = target_of(Move.REOPEN, source)
    if not reason.strip():
        raise NoteNeeded("Say why this verified claim is reopened.", fields={"reason": "Say why."})
    claim.state = target
    claim.verified_at = claim.verified_by = None
    claim.assignee = None
    _end_lease(claim)
    claim.save(update_fields=["state", "verified_at", "verified_by", "assignee", *_LEASE_ENDED_FIELDS])
    record_all(
        [
            claim_activity(
                Verb.REOPENED,
                claim,
                by,
                from_state=source,
                to_state=target,
                details={"reason": reason.strip()},
            )
        ]
    )


def _words_are_lost(claim: Claim) -> bool:
    anchors = Anchor.objects.filter(
        claim=claim,
        document_version_id=F("claim__document__current_version_id"),
        state__in=NEEDS_A_PERSON,
        created_at__gt=claim.submitted_at,
    )
    return anchors.exists()


_LEASE_ENDED_FIELDS = ["lease_holder", "lease_until", "version", "updated_at"]


def _end_lease(claim: Claim) -> None:
    claim.lease_holder = claim.lease_until = None
    claim.version += 1
    claim.updated_at = Now()


def _decide(
    claim_id: int,
    move: Move,
    decision: Decision,
    *,
    verdict_number: int,
    by: User,
    note: str,
    lease_token: int | None,
) -> Review:
    claim = lock_claim(claim_id, by=by, action=Action.REVIEW, lease_token=lease_token)
    source = ClaimState(claim.state)
    target = target_of(move, source)
    check_can_review(by, claim)
    check_in_no_other_hands(claim, by)
    verdict = claim.verdict
    assert verdict is not None
    assert claim.submitted_at is not None
    if verdict.number != verdict_number:
        raise StaleReview(
            "The verdict was changed and submitted again since you read it. Read it as it is now, then "
            "decide. Your note is kept below.",
            current={"number": verdict.number, "reasoning": verdict.reasoning},
        )
    if decision is Decision.APPROVED and _words_are_lost(claim):
        raise ArticleChanged(
            "The article has a newer version in which the words of this claim are not surely the same. "
            "Return it, so that someone looks where it stands now. Your note is kept below."
        )
    if decision is Decision.RETURNED and not note.strip():
        raise NoteNeeded(
            "Say in a note what is missing or wrong.", fields={"note": "Say what is missing or wrong."}
        )
    review = Review.objects.create(
        claim=claim,
        verdict=verdict,
        submitted_at=claim.submitted_at,
        reviewer=by,
        decision=decision,
        note=note.strip(),
    )
    claim.state = target
    if decision is Decision.APPROVED:
        claim.verified_by, claim.verified_at = by, Now()
        claim.assignee = None
    else:
        claim.assignee = claim.submitted_by
    _end_lease(claim)
    claim.save(update_fields=["state", "verified_by", "verified_at", "assignee", *_LEASE_ENDED_FIELDS])
    record_all(
        [
            claim_activity(
                Verb.APPROVED if decision is Decision.APPROVED else Verb.RETURNED,
                claim,
                by,
                from_state=source,
                to_state=target,
                details={"note": review.note, "verdict": verdict.pk},
            )
        ]
    )
    return review
