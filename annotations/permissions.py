"""Permissions, checked in one place by pages, API, commands and lists.

`check_…` raises with a reason, and `can_…` returns True or False for templates. A row that a person may not
see is Missing, as in `visibility`. An action on a visible row that they may not take is NotAllowed.
"""

from django.db import models

from annotations.domain.claims.states import MOVES, Move
from annotations.domain.desks.roles import ACTION_WORDS, OWN_WORK, Action, Role, may, roles_for
from annotations.domain.errors import NotAllowed
from annotations.models import Claim, Desk, Membership, User
from annotations.visibility import not_here

_CACHE = "_roles_by_desk"


class OwnWork(NotAllowed):
    """Nobody signs off what they wrote themselves."""

    code = "own_work"


def roles_of(user: User) -> dict[int, Role]:
    """Return the person's role by desk id; one query for the life of this `user` object."""
    cached: dict[int, Role] | None = getattr(user, _CACHE, None)
    if cached is None:
        cached = {
            desk: Role(role)
            for desk, role in Membership.objects.in_force().filter(user=user).values_list("desk_id", "role")
        }
        setattr(user, _CACHE, cached)
    return cached


def forget_roles(user: User) -> None:
    """Make the next permission check of `user` read their roles again."""
    if hasattr(user, _CACHE):
        delattr(user, _CACHE)


def can(user: User, action: Action, desk_id: int) -> bool:
    """Return whether `user` may do `action` on this desk."""
    role = roles_of(user).get(desk_id)
    return user.is_active and role is not None and may(role, action)


def check_can(user: User, action: Action, desk_id: int, *, model: type[models.Model] = Desk) -> None:
    """Raise Missing if the person is not on the desk, and NotAllowed if their role does not permit it.

    `model` is the kind of row that was asked for. A row that may not be seen gets the same refusal as a row
    that does not exist.
    """
    role = roles_of(user).get(desk_id)
    if role is None or not user.is_active:
        raise not_here(model)
    if not may(role, action):
        needed = " or ".join(str(role.value) for role in roles_for(action))
        raise NotAllowed(
            f"“{ACTION_WORDS[action]}” takes the role {needed} on this desk; you are {role.value}. "
            "A manager of the desk can change that."
        )


def check_can_now(user: User, action: Action, desk_id: int, *, model: type[models.Model] = Desk) -> None:
    """As `check_can`, by the roles of this moment: for whoever has waited for a lock."""
    forget_roles(user)
    check_can(user, action, desk_id, model=model)


def check_can_move(user: User, move: Move, desk_id: int) -> None:
    """Raise unless the person's role allows this move of a claim. The claim's state is not checked."""
    check_can(user, MOVES[move].action, desk_id, model=Claim)


def check_can_review(user: User, claim: Claim) -> None:
    """Raise unless this person counts as a second person for this claim.

    Raises Missing or NotAllowed. Raises OwnWork if the person had a hand in the claim, as `OWN_WORK` lists.
    The database enforces this last rule too.
    """
    check_can(user, Action.REVIEW, claim.desk_id, model=Claim)
    if user.pk in claim.contributor_ids:
        raise OwnWork(
            "You worked on this claim, so another reviewer has to decide. "
            f"This counts as work on it: {OWN_WORK}."
        )


def can_review(user: User, claim: Claim) -> bool:
    """Return whether this person may approve or return this claim."""
    return can(user, Action.REVIEW, claim.desk_id) and user.pk not in claim.contributor_ids
