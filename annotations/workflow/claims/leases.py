"""Who works on what: take the next item under a lease, then renew that lease or end it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from annotations.domain.activity import Verb
from annotations.domain.claims.states import ClaimState
from annotations.domain.desks.roles import Action
from annotations.domain.errors import LeaseLost, NotAllowed, WrongState
from annotations.models import Claim, User
from annotations.permissions import can, check_can_review, roles_of
from annotations.workflow.activity import claim_activity, record_all
from annotations.workflow.claims.locking import lock_claim

LEASE_MINUTES = 15
"""How long a lease lasts; the open page renews it every few minutes."""

ACTIVE = (ClaimState.OPEN, ClaimState.RETURNED, ClaimState.IN_REVIEW)


class Work(StrEnum):
    """What a person asks the next item for."""

    CHECK = "check"
    REVIEW = "review"


@dataclass(frozen=True)
class LeasedItem:
    """An item that is leased to a person: until when, under which token, and why this one."""

    claim_id: int
    lease_token: int
    lease_until: datetime
    reason: str


class HeldByOther(LeaseLost):
    """Someone else holds a live lease on this item."""

    code = "held_by_other"


class NothingToHold(WrongState):
    """The claim is in no state in which anyone works on it."""

    code = "nothing_to_hold"


# One statement decides: it locks the row, checks it again and marks it, so no two people get the same
# item. SKIP LOCKED passes over what someone is taking right now. The first arm looks for what is assigned
# to the person, the second for what is assigned to nobody; both walk one partial index.
_NEXT = """
UPDATE annotations_claim AS claim
SET lease_holder_id = %(user)s,
    lease_token = claim.lease_token + 1,
    lease_until = statement_timestamp() + make_interval(mins => %(minutes)s)
FROM (
    SELECT id, assigned FROM (
        (SELECT c.id, true AS assigned, c.queue_rank FROM annotations_claim c
         WHERE c.desk_id = ANY (%(desks)s) AND c.assignee_id = %(user)s AND {waits} AND {free}
         ORDER BY c.queue_rank, c.id LIMIT 1 FOR NO KEY UPDATE OF c SKIP LOCKED)
    ) mine
    UNION ALL
    SELECT id, assigned FROM (
        SELECT picked.id, false AS assigned
        FROM unnest(%(desks)s::bigint[]) AS desk (id)
        CROSS JOIN LATERAL (
            SELECT c.id, c.queue_rank FROM annotations_claim c
            WHERE c.desk_id = desk.id AND c.assignee_id IS NULL AND {waits} AND {free}
            -- The assignee leads the index; named here, its order is used although all are empty.
            ORDER BY c.assignee_id, c.queue_rank, c.id LIMIT 1 FOR NO KEY UPDATE OF c SKIP LOCKED
        ) picked
        ORDER BY picked.queue_rank, picked.id LIMIT 1
    ) anyone
    LIMIT 1
) AS next
WHERE claim.id = next.id
RETURNING claim.id, claim.lease_token, claim.lease_until, next.assigned, claim.priority, claim.due_at,
    claim.state, claim.due_at < statement_timestamp() AS is_overdue
"""
_FREE = """(c.lease_until IS NULL OR c.lease_until < statement_timestamp())
    AND (c.parked_until IS NULL OR c.parked_until <= statement_timestamp())
    AND NOT EXISTS (SELECT 1 FROM annotations_claimskip s
        WHERE s.claim_id = c.id AND s.user_id = %(user)s AND s.until > statement_timestamp())"""
_WAITS = {
    Work.CHECK: "c.state IN ('open', 'returned')",
    Work.REVIEW: "c.state = 'in_review' AND NOT (c.contributor_ids @> ARRAY[%(user)s]::bigint[])",
}
NEEDS = {Work.CHECK: Action.GIVE_VERDICT, Work.REVIEW: Action.REVIEW}


@transaction.atomic(durable=True)
def take_next(*, work: Work, by: User, desk_ids: Sequence[int] | None = None) -> LeasedItem | None:
    """Lease the next item to a person, or return None when nothing waits.

    What the person already holds comes first, then what is assigned to them, then what is assigned to
    nobody; each in the order of priority, due date and age. Nobody is given their own work to review.
    `desk_ids` narrows the desks. Raises NotAllowed where the person's role allows this work on none.
    """
    desks = [
        desk for desk in roles_of(by) if can(by, NEEDS[work], desk) and (desk_ids is None or desk in desk_ids)
    ]
    if not desks:
        raise NotAllowed(
            "Your role on this desk does not include this work. A manager of the desk can change that."
        )
    held = _held(work, by, desks)
    if held:
        return held
    with connection.cursor() as cursor:
        cursor.execute(
            _NEXT.format(waits=_WAITS[work], free=_FREE),
            {"user": by.pk, "desks": desks, "minutes": LEASE_MINUTES},
        )
        row = cursor.fetchone()
    if row is None:
        return None
    claim_id, token, until, assigned, priority, due_at, state, is_overdue = row
    return LeasedItem(
        claim_id, token, until, _why(state, priority, due_at, assigned=assigned, is_overdue=is_overdue)
    )


@transaction.atomic(durable=True)
def hold(claim_id: int, *, by: User) -> LeasedItem:
    """Lease a chosen claim, or renew that lease; others see who holds it.

    In review only whoever may sign it off can. Raises Missing, NotAllowed, NothingToHold or HeldByOther.
    """
    claim = _lock_for_work(claim_id, by)
    check_in_no_other_hands(claim, by)
    if not (_is_live(claim) and claim.lease_holder_id == by.pk):
        claim.lease_token += 1
    return _give(claim, by, "You opened it yourself.")


@transaction.atomic(durable=True)
def renew(claim_id: int, *, lease_token: int, by: User) -> LeasedItem:
    """Renew a lease, also one that has lapsed while nobody else took the item.

    Raises Missing, NotAllowed, NothingToHold or LeaseLost.
    """
    return _give(_lock_for_work(claim_id, by, lease_token=lease_token), by, "")


@transaction.atomic(durable=True)
def release(claim_id: int, *, by: User, lease_token: int | None = None) -> None:
    """End one's own lease on a claim; where one has none, nothing changes."""
    claim = lock_claim(claim_id, by=by, action=Action.READ)
    if claim.lease_holder_id != by.pk or (lease_token is not None and lease_token != claim.lease_token):
        return
    drop(claim)


@transaction.atomic(durable=True)
def take_over(claim_id: int, *, by: User) -> LeasedItem:
    """Take over the lease on a claim; the other person's next save is refused, and their text is kept.

    Raises Missing, NotAllowed or NothingToHold.
    """
    claim = lock_claim(claim_id, by=by, action=Action.RELEASE_OTHERS)
    check_active(claim)
    holder = claim.lease_holder
    told: dict[str, object] = {"from": holder.pk, "person": holder.display_name} if holder else {}
    claim.lease_token += 1
    record_all([claim_activity(Verb.TOOK_OVER, claim, by, details=told)])
    return _give(claim, by, "You took it over.")


def _held(work: Work, by: User, desks: Sequence[int]) -> LeasedItem | None:
    waiting = Claim.objects.to_check() if work is Work.CHECK else Claim.objects.in_review()
    claim = (
        waiting.held_by(by.pk)
        .filter(desk_id__in=desks)
        # The index of leased claims ends in these columns; in queue order the whole queue would be read.
        .order_by("lease_until", "id")
        .only("lease_token", "lease_until")
        .first()
    )
    if claim is None or claim.lease_until is None:
        return None
    return LeasedItem(claim.pk, claim.lease_token, claim.lease_until, "You already hold it.")


def _why(
    state: str, priority: int, due_at: datetime | None, *, assigned: bool, is_overdue: bool | None
) -> str:
    parts = []
    if assigned:
        parts.append("It is assigned to you")
    if state == ClaimState.RETURNED:
        parts.append("a reviewer returned it")
    if is_overdue:
        parts.append(f"it was due {_clock(due_at)}")
    elif due_at is not None:
        parts.append(f"it is due {_clock(due_at)}")
    parts.append(f"priority {priority}")
    if len(parts) == 1:
        parts.append("the oldest of those that wait")
    words = ", ".join(parts)
    return f"{words[0].upper()}{words[1:]}."


def _clock(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%-d %b %H:%M}" if moment else ""


def _lock_for_work(claim_id: int, by: User, *, lease_token: int | None = None) -> Claim:
    claim = lock_claim(claim_id, by=by, action=Action.ORGANISE, lease_token=lease_token)
    check_active(claim)
    if claim.state == ClaimState.IN_REVIEW:
        # An author who held it would keep those away who have to decide.
        check_can_review(by, claim)
    return claim


def check_active(claim: Claim) -> None:
    """Raise NothingToHold unless the claim is in a state in which someone works on it."""
    state = ClaimState(claim.state)
    if state not in ACTIVE:
        raise NothingToHold(f"This claim is “{state.label}”; nobody works on it now.")


def check_in_no_other_hands(claim: Claim, by: User) -> None:
    """Raise HeldByOther while someone else holds a live lease on this locked claim."""
    holder = claim.lease_holder
    if holder is not None and holder.pk != by.pk and _is_live(claim):
        raise HeldByOther(
            f"{holder.display_name} is working on this claim until {_clock(claim.lease_until)}. "
            "You can read it; to take it over, ask them or a manager."
        )


def _is_live(claim: Claim) -> bool:
    return claim.lease_until is not None and Claim.objects.filter(pk=claim.pk, lease_until__gt=Now()).exists()


def _give(claim: Claim, by: User, reason: str) -> LeasedItem:
    claim.lease_holder = by
    claim.lease_until = Now() + timedelta(minutes=LEASE_MINUTES)
    claim.save(update_fields=["lease_holder", "lease_token", "lease_until"])
    claim.refresh_from_db(fields=["lease_until"])
    assert claim.lease_until is not None
    return LeasedItem(claim.pk, claim.lease_token, claim.lease_until, reason)


def drop(claim: Claim) -> None:
    """End the lease on a locked claim."""
    claim.lease_holder = claim.lease_until = None
    claim.save(update_fields=["lease_holder", "lease_until"])
