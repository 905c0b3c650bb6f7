"""Review by a second person: approve, return, and the ways back."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models.functions import Now

from annotations.domain.activity import Verb
from annotations.domain.claims.states import ClaimState, Move, target_of
from annotations.domain.desks.roles import Action
from annotations.domain.errors import Invalid, StaleEdit, WrongState
from annotations.domain.verdicts.records import Difference, differences, read_record
from annotations.domain.verdicts.scale import Decision
from annotations.models import Claim, Review, SignedRecord, User, changed_words
from annotations.permissions import check_can_review
from annotations.queries.desks.people import accounts_made_by, without_confirmed_email
from annotations.workflow.activity import claim_activity, record_all
from annotations.workflow.captures.fetch_results import pin_late_captures
from annotations.workflow.claims.leases import check_in_no_other_hands
from annotations.workflow.claims.locking import lock_claim
from annotations.workflow.proof.chain import sign_passages


class NoteNeeded(Invalid):
    """A return, a reopening, a claim kept as submitted or a decision on an alert has to say why."""

    code = "note_needed"


class StaleReview(StaleEdit):
    """Another record is in force than the one that the reviewer read. `changes` says how they differ."""

    code = "stale_review"

    def __init__(self, sentence: str, *, changes: Sequence[Difference], current: dict[str, object]) -> None:
        super().__init__(sentence, current=current)
        self.changes = changes


class ArticleChanged(WrongState):
    """The words of the claim are no longer the same in the article since it was submitted."""

    code = "article_changed"


@transaction.atomic(durable=True)
def approve(
    claim_id: int, *, record: str, by: User, note: str = "", lease_token: int | None = None
) -> Review:
    """Sign off the record in force: the claim becomes verified and stays locked.

    `record` is the SHA-256 of the record that the reviewer read, in hexadecimal. Raises Missing, NotAllowed,
    OwnWork, LeaseLost, HeldByOther, MoveRefused, StaleReview, or ArticleChanged where a later version of the
    article has other words there and nobody keeps the claim as submitted (see `keep_as_signed`).
    """
    return _decide(
        claim_id,
        Move.APPROVE,
        Decision.APPROVED,
        record=record,
        by=by,
        note=note,
        lease_token=lease_token,
    )


@transaction.atomic(durable=True)
def return_claim(
    claim_id: int, *, record: str, by: User, note: str, lease_token: int | None = None
) -> Review:
    """Send the claim back to whoever submitted it, with a note. `record` is as in `approve`.

    Raises Missing, NotAllowed, OwnWork, LeaseLost, HeldByOther, MoveRefused, StaleReview or NoteNeeded.
    """
    return _decide(
        claim_id,
        Move.RETURN,
        Decision.RETURNED,
        record=record,
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
    """Open a verified claim for work again, assigned to nobody; frozen reports keep what they said.

    Pages that were read since the signature now become the captures of its sources, and their passages are
    signed. Raises Missing, NotAllowed, MoveRefused or NoteNeeded.
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
    pinned = pin_late_captures(claim)
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
    sign_passages(pinned)


def _stale(claim: Claim, record: str, in_force: SignedRecord) -> StaleReview:
    read = SignedRecord.objects.filter(claim=claim, sha256=record).first()
    changes = differences(read_record(read.body), read_record(in_force.body)) if read else []
    return StaleReview(
        "This is not what you read: it was changed and submitted again, or a source was read meanwhile. Read "
        "it as it is now, then decide. Your note is kept below.",
        changes=changes,
        current={
            "record": in_force.sha256,
            "changes": [
                {"part": change.part.value, "before": change.before, "after": change.after}
                for change in changes
            ],
        },
    )


def _doubts(people: set[int]) -> dict[str, object]:
    """Return, for the log, signs that two of these accounts may be one person's.

    Which of them one of the others made, and, where mail is set up, which have confirmed no address.
    """
    made = accounts_made_by(people)
    named = [{"account": one.account.username, "made_by": one.maker.username} for one in made]
    without = [user.username for user in without_confirmed_email(people)]
    return {
        **({"accounts_made": named} if named else {}),
        **({"without_confirmed_email": without} if without else {}),
    }


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
    record: str,
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
    in_force = SignedRecord.objects.in_force(claim.pk)
    assert in_force is not None
    if in_force.sha256 != record:
        raise _stale(claim, record, in_force)
    if decision is Decision.APPROVED and changed_words().filter(claim=claim).exists():
        raise ArticleChanged(
            "The article has a newer version in which the words of this claim are not surely the same. "
            "Return it, so that someone looks where it stands now, or decide first to keep it as submitted. "
            "Your note is kept below."
        )
    if decision is Decision.RETURNED and not note.strip():
        raise NoteNeeded(
            "Say in a note what is missing or wrong.", fields={"note": "Say what is missing or wrong."}
        )
    review = Review.objects.create(
        claim=claim,
        verdict=verdict,
        record=in_force,
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
                details={
                    "note": review.note,
                    "verdict": verdict.pk,
                    "record": in_force.sha256,
                    **_doubts({*in_force.hand_ids, by.pk}),
                },
            )
        ],
        entries=[review],
    )
    return review
