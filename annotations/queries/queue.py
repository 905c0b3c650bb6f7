"""The home page: what waits for this person, what they hold, what is late."""

from dataclasses import dataclass

from django.db.models import Q
from django.db.models.functions import Now

from annotations.domain.roles import Action
from annotations.models import Claim, User
from annotations.models.claim import ClaimQuerySet
from annotations.permissions import can, roles_of
from annotations.queries.claims import ClaimFilter, as_rows
from annotations.queries.paging import CappedCount, capped_count

SHOWN = 8
"""How many rows each section shows before it leads to the full list."""


@dataclass(frozen=True)
class Section:
    """One heap of work: its first rows, and how many there are."""

    rows: list[Claim]
    count: CappedCount


@dataclass(frozen=True)
class Queue:
    """The home page of one person on one or all of their desks."""

    held: Section
    to_check: Section
    to_review: Section
    overdue: Section
    parked: Section
    can_check: bool
    can_review: bool


def queue_of(user: User, *, desk_ids: list[int] | None = None, chosen: ClaimFilter | None = None) -> Queue:
    """Return what waits for `user` on these desks, all of theirs when None, narrowed by `chosen`.

    Ten queries at most, whatever there is. “To check” and “to review” hold what Next could hand
    them: theirs or nobody's, awake, not in someone else's hands, and never their own for review.
    """
    desks = [desk for desk in roles_of(user) if desk_ids is None or desk in desk_ids]
    claims = (chosen or ClaimFilter()).apply(Claim.objects.filter(desk_id__in=desks), user)
    checks = [desk for desk in desks if can(user, Action.GIVE_VERDICT, desk)]
    reviews = [desk for desk in desks if can(user, Action.REVIEW, desk)]
    mine = Q(assignee=user) | Q(assignee__isnull=True)
    free = Q(lease_holder__isnull=True) | Q(lease_holder=user) | Q(lease_until__lte=Now())
    waiting = claims.filter(mine, free).awake()
    return Queue(
        held=_section(claims.held_by(user.pk)),
        to_check=_section(waiting.filter(desk_id__in=checks).to_check()),
        to_review=_section(waiting.filter(desk_id__in=reviews).reviewable_by(user.pk)),
        overdue=_section(claims.filter(mine).overdue()),
        parked=_section(claims.filter(mine, parked_until__gt=Now())),
        can_check=bool(checks),
        can_review=bool(reviews),
    )


def _section(claims: ClaimQuerySet) -> Section:
    return Section(list(as_rows(claims).in_queue_order()[:SHOWN]), capped_count(claims))
