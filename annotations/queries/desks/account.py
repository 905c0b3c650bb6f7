"""The records that belong to one person: their tokens, desks and saved filters."""

from annotations.models import (
    ApiToken,
    Desk,
    Membership,
    OutsideIdentity,
    SavedFilter,
    SecondFactor,
    SecurityKey,
    User,
)
from annotations.queries.paging import Page, newest_first
from annotations.visibility import visible_to


def tokens_of(user: User) -> list[ApiToken]:
    """Return the person's tokens that are still valid, newest first: one query."""
    return list(ApiToken.objects.filter(user=user, revoked_at__isnull=True).order_by("-id"))


def memberships_for(user: User) -> list[Membership]:
    """Return the desks that are open to the person, with their role, by desk name: one query."""
    rows = Membership.objects.in_force().filter(user=user)
    return list(rows.select_related("desk").order_by("desk__name", "desk_id"))


def desks_that_wait(user: User) -> list[Desk]:
    """Return the person's desks that require the second factor they lack, by name: one query."""
    rows = Membership.objects.filter(
        user=user, desk__requires_two_factor=True, user__second_factor__isnull=True
    )
    return [row.desk for row in rows.select_related("desk").order_by("desk__name", "desk_id")]


def has_second_factor(user: User) -> bool:
    """Return whether the person's sign-in takes a second factor: one query."""
    return SecondFactor.objects.filter(user=user).exists()


def second_factor_of(user: User) -> SecondFactor | None:
    """Return the person's second factor, if they have one: one query."""
    return SecondFactor.objects.filter(user=user).first()


def security_keys_of(user: User) -> list[SecurityKey]:
    """Return the person's security keys, the oldest first: one query."""
    return list(SecurityKey.objects.filter(factor_id=user.pk).order_by("id"))


def is_connected(user: User) -> bool:
    """Return whether the newsroom's own sign-in opens the account: one query."""
    return OutsideIdentity.objects.filter(user=user).exists()


def membership_on(user: User, desk_id: int) -> Membership:
    """Return the person's own membership, whether or not it opens the desk: one query."""
    return Membership.objects.select_related("desk").get(user=user, desk_id=desk_id)


def filters_page(
    user: User, *, desk_id: int | None = None, after: str = "", size: int | None = None
) -> Page[SavedFilter]:
    """Return one page of the person's saved filters, newest first, in one query; raises BadCursor."""
    rows = visible_to(SavedFilter.objects.filter(user=user), user)
    return newest_first(rows if desk_id is None else rows.filter(desk_id=desk_id), after=after, size=size)
