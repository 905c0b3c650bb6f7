"""Put the work in order: whose turn it is, what comes first, and what waits."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from annotations.domain.activity import Verb
from annotations.domain.claims.states import ClaimState
from annotations.domain.desks.roles import Action
from annotations.domain.errors import Invalid
from annotations.models import Activity, Claim, ClaimSkip, Membership, User
from annotations.models.claim import PRIORITIES
from annotations.permissions import can
from annotations.workflow.activity import claim_activity, record_all
from annotations.workflow.claims.edit import clean_tags
from annotations.workflow.claims.leases import NEEDS, Work, check_active, check_in_no_other_hands, drop
from annotations.workflow.claims.locking import lock_claim, lock_claims

_DONE = (ClaimState.VERIFIED, ClaimState.DISMISSED)

SKIP_HOURS = 12
"""How long a skipped claim is not offered to the person who skipped it."""


class QueueingRefused(Invalid):
    """A reason, date, person or tag that cannot be used."""

    code = "queueing_invalid"


@transaction.atomic(durable=True)
def skip(claim_id: int, *, by: User, reason: str) -> None:
    """Stop offering this claim to a person for a while; others are still offered it. Ends their lease.

    Raises Missing, NotAllowed, HeldByOther or QueueingRefused.
    """
    claim = lock_claim(claim_id, by=by, action=Action.ORGANISE)
    check_in_no_other_hands(claim, by)
    why = _reason(reason, "Say in a few words why you skip it.")
    ClaimSkip.objects.update_or_create(
        claim=claim, user=by, defaults={"reason": why, "until": Now() + timedelta(hours=SKIP_HOURS)}
    )
    if claim.lease_holder_id == by.pk:
        drop(claim)
    record_all([claim_activity(Verb.SKIPPED, claim, by, details={"reason": why})])


@transaction.atomic(durable=True)
def park(claim_id: int, *, by: User, reason: str, until: datetime) -> None:
    """Park a claim for everyone until a moment, with a reason. Ends its lease.

    Raises Missing, NotAllowed, NothingToHold, HeldByOther or QueueingRefused.
    """
    claim = lock_claim(claim_id, by=by, action=Action.ORGANISE)
    check_active(claim)
    check_in_no_other_hands(claim, by)
    why = _reason(reason, "Say what it waits for.")
    if until <= timezone.now():
        raise QueueingRefused(
            "The wake date has to be in the future.", fields={"until": "Choose a later moment."}
        )
    claim.parked_until, claim.parked_reason = until, why
    claim.lease_holder = claim.lease_until = None
    claim.version += 1
    claim.save(update_fields=["parked_until", "parked_reason", "lease_holder", "lease_until", "version"])
    record_all([claim_activity(Verb.PARKED, claim, by, details={"reason": why, "until": until.isoformat()})])


@transaction.atomic(durable=True)
def unpark(claim_id: int, *, by: User) -> None:
    """Bring a parked claim back to the queue now; one that is not parked stays as it is."""
    claim = lock_claim(claim_id, by=by, action=Action.ORGANISE)
    if claim.parked_until is None:
        return
    claim.parked_until, claim.parked_reason = None, ""
    claim.version += 1
    claim.save(update_fields=["parked_until", "parked_reason", "version"])
    record_all([claim_activity(Verb.WOKE, claim, by)])


@transaction.atomic(durable=True)
def assign_claims(claim_ids: Collection[int], *, assignee: User | None, by: User) -> int:
    """Assign these claims to a person, or to nobody with None; return how many changed.

    Raises Missing, NotAllowed, or QueueingRefused where the assignee is not on the desk, may not do
    the work that a claim waits for, or a claim waits for none.
    """
    claims = lock_claims(claim_ids, by=by, action=Action.ORGANISE)
    if assignee is not None:
        _check_assignable(claims, assignee)
    changed = [claim for claim in claims if claim.assignee_id != (assignee.pk if assignee else None)]
    Claim.objects.filter(pk__in=[claim.pk for claim in changed]).update(
        assignee=assignee, version=F("version") + 1, updated_at=Now()
    )
    name = assignee.display_name if assignee else "nobody in particular"
    details: dict[str, object] = {"to": assignee.pk if assignee else None, "person": name}
    record_all(claim_activity(Verb.ASSIGNED, claim, by, details=details) for claim in changed)
    return len(changed)


@transaction.atomic(durable=True)
def prioritise_claims(
    claim_ids: Collection[int],
    *,
    by: User,
    priority: int | None = None,
    due_at: datetime | None = None,
    clear_due: bool = False,
) -> int:
    """Set the priority (1 first, 5 last) and the due moment of these claims; return how many there were.

    What is None stays as it is; `clear_due` removes the due moment. Raises Missing, NotAllowed or
    QueueingRefused.
    """
    if priority is not None and priority not in PRIORITIES:
        raise QueueingRefused("Priority goes from 1 (first) to 5 (last).", fields={"priority": "1 to 5."})
    claims = lock_claims(claim_ids, by=by, action=Action.ORGANISE)
    changes: dict[str, object] = {}
    if priority is not None:
        changes["priority"] = priority
    if due_at is not None or clear_due:
        changes["due_at"] = due_at
    if not changes:
        return 0
    Claim.objects.filter(pk__in=[claim.pk for claim in claims]).update(
        **changes, version=F("version") + 1, updated_at=Now()
    )
    details = {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in changes.items()
    }
    record_all(claim_activity(Verb.PRIORITISED, claim, by, details=details) for claim in claims)
    return len(claims)


@transaction.atomic(durable=True)
def tag_claims(
    claim_ids: Collection[int], *, by: User, add: Collection[str] = (), remove: Collection[str] = ()
) -> int:
    """Add and remove tags; return how many claims changed. Raises Missing, NotAllowed or ClaimRefused."""
    lines: list[Activity] = []
    changed: list[Claim] = []
    for claim in lock_claims(claim_ids, by=by, action=Action.ORGANISE):
        tags = clean_tags((set(claim.tags) | set(clean_tags(add))) - set(clean_tags(remove)))
        if tags == claim.tags:
            continue
        lines.append(claim_activity(Verb.TAGGED, claim, by, details={"from": claim.tags, "to": tags}))
        claim.tags = tags
        claim.version += 1
        changed.append(claim)
    Claim.objects.bulk_update(changed, ["tags", "version"], batch_size=500)
    record_all(lines)
    return len(changed)


def _reason(reason: str, advice: str) -> str:
    words = " ".join(reason.split())
    if not words:
        raise QueueingRefused(advice, fields={"reason": advice})
    if len(words) > 300:
        raise QueueingRefused("The reason is too long.", fields={"reason": "At most 300 characters."})
    return words


def _check_assignable(claims: Sequence[Claim], assignee: User) -> None:
    desks = {claim.desk_id for claim in claims}
    if Membership.objects.filter(user=assignee, desk_id__in=desks).count() != len(desks):
        raise QueueingRefused(
            f"{assignee.display_name} is not a member of this desk.",
            fields={"assignee": "Not a member of this desk."},
        )
    for claim in claims:
        if claim.state in _DONE:
            raise QueueingRefused(
                f"“{claim.statement[:80]}” is “{ClaimState(claim.state).label}”: nobody has to work on it.",
                fields={"assignee": "Nobody has to work on one of the claims."},
            )
        work = Work.REVIEW if claim.state == ClaimState.IN_REVIEW else Work.CHECK
        own = claim.state == ClaimState.IN_REVIEW and assignee.pk in claim.contributor_ids
        if own or not can(assignee, NEEDS[work], claim.desk_id):
            raise QueueingRefused(
                f"{assignee.display_name} may not {work.value} “{claim.statement[:80]}”"
                + (": they worked on it." if own else "."),
                fields={"assignee": "May not do this work on one of the claims."},
            )
