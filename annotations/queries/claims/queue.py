"""The home page: the claims that wait for this person, that they hold, and that are late."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from annotations.domain.desks.roles import Action
from annotations.models import Claim, ClaimSkip, User
from annotations.models.claim import ClaimQuerySet
from annotations.permissions import can, roles_of
from annotations.queries.claims.lists import ClaimFilter, as_rows
from annotations.queries.paging import COUNT_CAP, CappedCount

SHOWN = 8
"""How many rows each section shows before it links to the full list."""


@dataclass(frozen=True)
class Section:
    """One section of the home page: its first rows and the number of all its rows."""

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
    """Return the claims that wait for `user` on these desks, or on all of theirs, narrowed by `chosen`.

    At most eleven queries. The wide query that loads the rows is made once for all sections. A section is
    counted only if it has more rows than it shows. “To check” and “to review” hold the claims that Next could
    offer: assigned to the person or to nobody, awake, held by nobody, and not skipped by the person. “To
    review” never holds the person's own work.
    """
    desks = [desk for desk in roles_of(user) if desk_ids is None or desk in desk_ids]
    claims = (chosen or ClaimFilter()).apply(Claim.objects.filter(desk_id__in=desks), user)
    checks = [desk for desk in desks if can(user, Action.GIVE_VERDICT, desk)]
    reviews = [desk for desk in desks if can(user, Action.REVIEW, desk)]
    mine = Q(assignee=user) | Q(assignee__isnull=True)
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=Now())
    skipped = ClaimSkip.objects.filter(claim=OuterRef("pk"), user=user, until__gt=Now())
    waiting = claims.filter(free, ~Exists(skipped)).awake()
    held, to_check, to_review, overdue, parked = _sections(
        _Heap([claims.held_by(user.pk)], order=("lease_until", "id")),
        _Heap(_arms(waiting.to_check(), user, checks), order=_INDEXED),
        _Heap(_arms(waiting.reviewable_by(user.pk), user, reviews), order=_INDEXED),
        _Heap([claims.filter(mine).overdue()], order=("due_at", "id")),
        _Heap([claims.filter(mine, parked_until__gt=Now())], order=("parked_until", "id")),
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


# The queue's indexes begin with the assignee. Naming it here makes the database use their order, although the
# assignee is the same within each arm.
_INDEXED = ("assignee_id", "queue_rank", "id")


@dataclass(frozen=True)
class _Heap:
    """The claims of a section: one or more stretches of an index, all read in the same order."""

    arms: list[ClaimQuerySet]
    order: tuple[str, ...] = ("queue_rank", "id")

    def head(self) -> list[int]:
        """Return the ids of the first rows and of one more, which reveals that there are more."""
        if not self.arms:
            return []
        first, *others = [
            arm.order_by(*self.order).values_list(*self.order[-2:])[: SHOWN + 1] for arm in self.arms
        ]
        found = first.union(*others, all=True) if others else first
        return [pk for _, pk in sorted(found)[: SHOWN + 1]]

    def count(self) -> CappedCount:
        first, *others = [arm.order_by().values("pk")[:COUNT_CAP] for arm in self.arms]
        found = first.union(*others, all=True) if others else first
        return CappedCount(min(found.count(), COUNT_CAP))


def _arms(waiting: ClaimQuerySet, user: User, desks: list[int]) -> list[ClaimQuerySet]:
    """Split the waiting claims into the person's own and nobody's, desk by desk.

    Each arm is one stretch of a queue index and stops after a few rows. With both in one condition the
    database would read and sort all waiting claims.
    """
    return [
        waiting.filter(whose, desk_id=desk)
        for desk in desks
        for whose in (Q(assignee=user), Q(assignee__isnull=True))
    ]


def _sections(*heaps: _Heap) -> list[Section]:
    heads = [heap.head() for heap in heaps]
    shown = {pk for head in heads for pk in head[:SHOWN]}
    rows = {claim.pk: claim for claim in as_rows(Claim.objects.filter(pk__in=shown))}
    return [
        Section(
            [rows[pk] for pk in head[:SHOWN]],
            heap.count() if len(head) > SHOWN else CappedCount(len(head)),
        )
        for heap, head in zip(heaps, heads, strict=True)
    ]
