"""The rows a person may see: those of the desks of which they are a member, and no others.

Pages, API and workflow use this module. A row that a person may not see is answered exactly as if it did not
exist, so that no answer reveals what another desk has.
"""

from typing import Any, TypeVar

from django.db import models

from annotations.domain.errors import Missing
from annotations.models import (
    Activity,
    Alert,
    Capture,
    Claim,
    Desk,
    Document,
    Evidence,
    Invitation,
    Membership,
    Reference,
    Report,
    SavedFilter,
    User,
)

Row = TypeVar("Row", bound=models.Model)
Rows = TypeVar("Rows", bound=models.QuerySet[Any])

_DESK_PATHS: dict[type[models.Model], str] = {
    Activity: "desk",
    Capture: "reference__desk",
    Claim: "desk",
    Document: "desk",
    Evidence: "claim__desk",
    Invitation: "desk",
    Reference: "desk",
    Report: "desk",
    SavedFilter: "desk",
    Alert: "desk",
}
_NAMES: dict[type[models.Model], str] = {
    Capture: "capture",
    Claim: "claim",
    Document: "article",
    Evidence: "source",
    Reference: "source",
    Report: "report",
    Alert: "alert",
}


def not_here(model: type[models.Model]) -> Missing:
    """Return the refusal for a row that does not exist or that the person may not see."""
    if model is Desk:
        return Missing("There is no such desk, or you are not a member of it.")
    if model is User:
        return Missing("There is no such person on your desks.")
    if model is Invitation:
        return Missing("There is no such invitation, or it has ended.")
    return Missing(f"There is no such {_NAMES[model]}, or it belongs to a desk you are not a member of.")


def desks_open_to(user: User) -> models.QuerySet[Membership, Any]:
    """Return the ids of the desks whose things `user` may see, as a subquery."""
    return Membership.objects.in_force().filter(user=user).values("desk")


def visible_to(rows: Rows, user: User) -> Rows:
    """Keep the rows of desks of which `user` is a member. Adds no query."""
    path = _DESK_PATHS[rows.model]
    return rows.filter(**{f"{path}__in": desks_open_to(user)})


def get_visible(user: User, rows: type[Row] | models.QuerySet[Row], row_id: int) -> Row:
    """Return the row with this id if the person may see it, in one query; raises Missing.

    `rows` is a model, or a queryset of a model that says what else to load.
    """
    queryset = rows if isinstance(rows, models.QuerySet) else rows._default_manager.all()
    found = visible_to(queryset, user).filter(pk=row_id).first()
    if found is None:
        raise not_here(queryset.model)
    return found


def check_visible(user: User, model: type[models.Model], row_id: int) -> None:
    """Raise Missing unless the person may see the row with this id. One query that loads nothing."""
    if not visible_to(model._default_manager.filter(pk=row_id), user).exists():
        raise not_here(model)


def get_membership(user: User, desk_id: int) -> Membership:
    """Return the person's membership of a desk, with the desk, in one query; raises Missing."""
    found = Membership.objects.in_force().filter(user=user, desk_id=desk_id).select_related("desk").first()
    if found is None:
        raise not_here(Desk)
    return found


def get_colleague(user: User, person_id: int) -> User:
    """Return a person who shares a desk with `user`, in one query; raises Missing for everyone else."""
    shared = Membership.objects.filter(desk__in=desks_open_to(user), user_id=person_id)
    found = User.objects.filter(pk__in=shared.values("user")).first()
    if found is None:
        raise not_here(User)
    return found
