"""What each change of a desk, its people and their accounts needs; private to this package.

The lock, checked input, and the lines of the log.
"""

from django.db import connection

from annotations.domain.activity import Verb
from annotations.domain.desks.roles import Action, Role
from annotations.domain.errors import Duplicate, Invalid
from annotations.models import Desk, Membership, User
from annotations.permissions import check_can_now
from annotations.visibility import not_here
from annotations.workflow.activity import activity, record, record_all


class DeskRefused(Invalid):
    """A name, person or role that cannot be used; `fields` says what is wrong where."""

    code = "desk_invalid"


class AlreadyThere(Duplicate):
    """The desk or the member is there already."""

    code = "already_there"


def lock_desk(desk_id: int, by: User) -> Desk:
    """Return the desk, locked, if the person runs it. Raises Missing or NotAllowed."""
    # Without `no_key` this would wait for whoever has written a line of the desk's log, and deadlock where
    # somebody who holds a claim that is locked later here writes one.
    desk = Desk.objects.select_for_update(no_key=True).filter(pk=desk_id).first()
    if desk is None:
        raise not_here(Desk)
    check_can_now(by, Action.RUN_DESK, desk.pk)
    return desk


def save_desk(desk: Desk) -> None:
    """Store the name of the desk and a new version; no other field.

    The version counts changes of its name, of its people and of whether it requires two-factor sign-in.
    """
    desk.version += 1
    desk.save(update_fields=["name", "version"])


def role_named(role: str) -> Role:
    """Return the role of this name; raises DeskRefused."""
    if role not in set(Role):
        raise DeskRefused("Choose a role.", fields={"role": "Choose viewer, editor, reviewer or manager."})
    return Role(role)


def reserve_username(name: str) -> bool:
    """Return whether no account has this user name, in any case of its letters.

    Until the transaction ends nobody else gets an answer, so of two who want one name the second finds it
    taken.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('annotations.user_name'))")
    return not User.objects.filter(username__iexact=name).exists()


def username_typed(username: str) -> str:
    """Return the user name without the spaces around it; raises DeskRefused for what can be none."""
    name = User.normalize_username(username.strip())
    if not name or len(name) > 150 or any(letter.isspace() for letter in name):
        raise DeskRefused(
            "Give a user name without spaces.", fields={"username": "1 to 150 characters, no spaces."}
        )
    return name


def log_member(verb: Verb, desk: Desk, user: User, by: User, details: dict[str, object]) -> None:
    """Write a line about a person on the log of one desk."""
    record(
        verb,
        desk_id=desk.pk,
        by=by,
        object_type="member",
        object_id=user.pk,
        details={"person": user.display_name, **details},
    )


def log_everywhere(
    verb: Verb, user: User, *, by: User | None, object_type: str, object_id: int, details: dict[str, object]
) -> None:
    """Write a line about a person's account on the log of each desk of which they are a member."""
    desks = Membership.objects.filter(user=user).order_by("desk_id").values_list("desk_id", flat=True)
    record_all(
        activity(verb, desk_id=desk, by=by, object_type=object_type, object_id=object_id, details=details)
        for desk in desks
    )
