"""Make accounts for a desk, and the one link with which their people set a first password."""

from dataclasses import dataclass

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from annotations.domain.activity import Verb
from annotations.domain.errors import Invalid, Missing, NotAllowed
from annotations.models import Membership, Session, User
from annotations.workflow.desks.rows import (
    lock_desk,
    log_everywhere,
    log_member,
    reserve_username,
    role_named,
    save_desk,
    username_typed,
)


class NameUnusable(Invalid):
    """A user name that cannot be given to a new account."""

    code = "name_unusable"


class NoLink(NotAllowed):
    """A link to set a first password is made only for an account that this desk made and nobody has used."""

    code = "no_link"


@dataclass(frozen=True)
class Link:
    """What the address of a welcome page is made of. Whoever has it may set the account's first password."""

    user: User
    uid: str
    token: str


class WelcomeTokens(PasswordResetTokenGenerator):
    """Tokens of welcome links. They end with the first password, the first sign-in, or after three days."""

    key_salt = "annotations.workflow.desks.accounts"


TOKENS = WelcomeTokens()


@transaction.atomic(durable=True)
def create_account(
    desk_id: int, *, username: str, role: str, by: User, full_name: str = "", email: str = ""
) -> Membership:
    """Make an account without a password, and put it on the desk. The account says who made it.

    `email` is kept unconfirmed. `full_name` is cut at the first blank into two names of at most 150 letters.

    Raises Missing, NotAllowed, DeskRefused, or NameUnusable for a name that is taken, whoever has it.
    """
    desk = lock_desk(desk_id, by)
    wanted, name = role_named(role), username_typed(username)
    first, _, last = " ".join(full_name.split()).partition(" ")
    user = User(
        username=name,
        email=email.strip(),
        first_name=first[:150],
        last_name=last[:150],
        made_by=by,
        made_by_desk=desk,
    )
    if not _is_free(name):
        raise NameUnusable(
            "This user name cannot be used for a new account. Choose another; or, if the person has an "
            "account already, ask them to join.",
            fields={"username": "Cannot be used for a new account."},
        )
    user.set_unusable_password()
    user.save(force_insert=True)
    member = Membership.objects.create(desk=desk, user=user, role=wanted)
    save_desk(desk)
    log_member(Verb.MADE_ACCOUNT, desk, user, by, {"role": wanted.value})
    return member


@transaction.atomic(durable=True)
def make_link(desk_id: int, *, user_id: int, by: User) -> Link:
    """Make a link with which a member sets the first password of an account that this desk made.

    Raises Missing or NotAllowed. Raises NoLink if the account was made elsewhere or by nobody's desk, is on
    any other desk, is an administrator's, or was ever used: such a link would open somebody's account.
    """
    desk = lock_desk(desk_id, by)
    user = User.objects.select_for_update().filter(pk=user_id, memberships__desk=desk).first()
    if user is None:
        raise Missing("This person is not on the desk.")
    elsewhere = Membership.objects.filter(user=user).exclude(desk=desk).exists()
    if user.made_by_desk_id != desk.pk or elsewhere or not is_unused(user):
        raise NoLink(
            "A link is made only for an account that this desk made, that is on no other desk and that "
            "nobody has used yet. Whoever runs this workbench resets a forgotten password."
        )
    log_member(Verb.MADE_LINK, desk, user, by, {})
    return Link(user, urlsafe_base64_encode(force_bytes(user.pk)), TOKENS.make_token(user))


def user_of_link(uid: str, token: str) -> User | None:
    """Return the account that a welcome link opens now, None where it opens none."""
    try:
        user = User.objects.filter(pk=int(urlsafe_base64_decode(uid))).first()
    except (ValueError, OverflowError):
        return None
    return user if user is not None and is_unused(user) and TOKENS.check_token(user, token) else None


@transaction.atomic(durable=True)
def set_first_password(uid: str, token: str, *, password: str) -> User:
    """Set the first password of the account behind a welcome link, which ends the link. Raises Missing."""
    found = user_of_link(uid, token)
    user = User.objects.select_for_update().filter(pk=found.pk).first() if found else None
    if user is None or not is_unused(user) or not TOKENS.check_token(user, token):
        raise Missing("This link has ended. Ask the manager who sent it for a new one.")
    _set_password(user, password, by=user)
    return user


@transaction.atomic(durable=True)
def change_password(user: User, *, password: str, by: User | None, keep_session: str | None = None) -> None:
    """Give an account another password; None as `by` is whoever runs this copy's commands.

    Whoever calls this has asked for the old password, or is on the machine. Every session of the person ends
    but the one with the key `keep_session`.
    """
    _set_password(user, password, by=by)
    Session.objects.filter(user=user).exclude(session_key=keep_session).delete()


def is_unused(user: User) -> bool:
    """Return whether nobody has ever been in this account, and it is no administrator's."""
    return (
        user.is_active
        and not user.is_staff
        and not user.is_superuser
        and not user.has_usable_password()
        and user.last_login is None
    )


def _set_password(user: User, password: str, *, by: User | None) -> None:
    user.set_password(password)
    user.save(update_fields=["password"])
    log_everywhere(
        Verb.SET_PASSWORD,
        user,
        by=by,
        object_type="member",
        object_id=user.pk,
        details={} if by == user else {"person": user.display_name},
    )


def _is_free(name: str) -> bool:
    try:
        UnicodeUsernameValidator()(name)
    except ValidationError:
        return False
    return reserve_username(name)
