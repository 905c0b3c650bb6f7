"""What the account page shows."""

from annotations.models import ApiToken, Membership, User


def tokens_of(user: User) -> list[ApiToken]:
    """Return the person's tokens that still work, newest first: one query."""
    return list(ApiToken.objects.filter(user=user, revoked_at__isnull=True).order_by("-id"))


def memberships_for(user: User) -> list[Membership]:
    """Return the person's desks and roles by desk name: one query."""
    return list(Membership.objects.filter(user=user).select_related("desk").order_by("desk__name", "desk_id"))
