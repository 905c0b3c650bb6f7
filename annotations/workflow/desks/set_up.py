"""The first person and the first desk of a new copy, made by whoever runs its commands."""

from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from annotations.domain.errors import Invalid, WrongState
from annotations.models import Desk, User
from annotations.workflow.desks.manage import add_desk
from annotations.workflow.desks.rows import reserve_username, username_typed


class SetUpAlready(WrongState):
    """The copy has accounts already."""

    code = "set_up_already"


class PasswordUnusable(Invalid):
    """A password is too short, too common, or too like the name."""

    code = "password_unusable"


@dataclass(frozen=True)
class Begun:
    """The first person and their desk."""

    person: User
    desk: Desk


def has_accounts() -> bool:
    """Return whether anybody has an account here: one query."""
    return User.objects.exists()


@transaction.atomic(durable=True)
def set_up(*, username: str, password: str, desk_name: str, full_name: str = "") -> Begun:
    """Make the first person, who may make desks, and the first desk, with the standard rating scale.

    They are the manager of that desk. Raises SetUpAlready where there is an account, and otherwise
    DeskRefused or PasswordUnusable; then nothing has changed.
    """
    name = username_typed(username)
    # Of two who begin at once, the second finds the account of the first.
    if not reserve_username(name) or has_accounts():
        raise SetUpAlready("There is an account already. Sign in with it; it can make desks and people.")
    first, _, last = " ".join(full_name.split()).partition(" ")
    person = User(
        username=name,
        first_name=first[:150],
        last_name=last[:150],
        is_staff=True,
        is_superuser=True,
    )
    try:
        validate_password(password, person)
    except ValidationError as wrong:
        sentence = " ".join(wrong.messages)
        raise PasswordUnusable(sentence, fields={"password": sentence}) from wrong
    person.set_password(password)
    person.save(force_insert=True)
    return Begun(person, add_desk(name=desk_name, by=person))
