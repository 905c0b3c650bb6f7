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

    At most eleven queries, whatever there is: the wide one that loads what rows show is asked once for
    all sections, and only a section with more than it shows is counted. “To check” and “to review”
    hold what Next could hand them: theirs or nobody's, awake, not in someone else's hands, and never
    their own for review.
    """
    desks = [desk for desk in roles_of(user) if desk_ids is None or desk in desk_ids]
    claims = (chosen or ClaimFilter()).apply(Claim.objects.filter(desk_id__in=desks), user)
    checks = [desk for desk in desks if can(user, Action.GIVE_VERDICT, desk)]
    reviews = [desk for desk in desks if can(user, Action.REVIEW, desk)]
    mine = Q(assignee=user) | Q(assignee__isnull=True)
    free = Q(lease_holder__isnull=True) | Q(lease_holder=user) | Q(lease_until__lte=Now())
    waiting = claims.filter(mine, free).awake()
    held, to_check, to_review, overdue, parked = _sections(
        claims.held_by(user.pk),
        waiting.filter(desk_id__in=checks).to_check(),
        waiting.filter(desk_id__in=reviews).reviewable_by(user.pk),
        claims.filter(mine).overdue(),
        claims.filter(mine, parked_until__gt=Now()),
    )
    return Queue(
        held=held,
        to_check=to_check,
        to_review=to_review,
        overdue=overdue,
        parked=parked,
        can_check=bool(checks),
        can_review=bool(reviews),
    )


def _sections(*heaps: ClaimQuerySet) -> list[Section]:
    heads = [list(heap.in_queue_order().values_list("pk", flat=True)[: SHOWN + 1]) for heap in heaps]
    shown = {pk for head in heads for pk in head[:SHOWN]}
    rows = {claim.pk: claim for claim in as_rows(Claim.objects.filter(pk__in=shown))}
    return [
        Section(
            [rows[pk] for pk in head[:SHOWN]],
            capped_count(heap) if len(head) > SHOWN else CappedCount(len(head)),
        )
        for heap, head in zip(heaps, heads, strict=True)
    ]
