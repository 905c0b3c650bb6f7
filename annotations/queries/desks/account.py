"""The records that belong to one person: their tokens, desks and saved filters."""

from annotations.models import ApiToken, Membership, SavedFilter, User
from annotations.queries.paging import Page, newest_first
from annotations.visibility import visible_to


def tokens_of(user: User) -> list[ApiToken]:
    """Return the person's tokens that are still valid, newest first: one query."""
    return list(ApiToken.objects.filter(user=user, revoked_at__isnull=True).order_by("-id"))


def memberships_for(user: User) -> list[Membership]:
    """Return the person's desks and roles by desk name: one query."""
    return list(Membership.objects.filter(user=user).select_related("desk").order_by("desk__name", "desk_id"))


def filters_page(
    user: User, *, desk_id: int | None = None, after: str = "", size: int | None = None
) -> Page[SavedFilter]:
    """Return one page of the person's saved filters, newest first, in one query; raises BadCursor."""
    rows = visible_to(SavedFilter.objects.filter(user=user), user)
    return newest_first(rows if desk_id is None else rows.filter(desk_id=desk_id), after=after, size=size)
