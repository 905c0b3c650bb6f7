"""Sign-in by the newsroom's own provider: which account an identity opens, connect one, disconnect it."""

from dataclasses import dataclass

from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import transaction

from annotations.domain.activity import Verb
from annotations.domain.errors import Duplicate, Invalid, Missing, NotAllowed
from annotations.models import OutsideIdentity, User
from annotations.workflow.desks.rows import log_everywhere, reserve_username
from annotations.workflow.once import refused_where_taken


class NameTaken(Duplicate):
    """The name that the provider gives is the user name of an account that is not connected to it."""

    code = "outside_name_taken"


class IdentityTaken(Duplicate):
    """The identity, or the account, is connected already, to another."""

    code = "outside_identity_taken"


class NameMissing(Invalid):
    """The provider gives no name that can be a user name."""

    code = "outside_name_missing"


class OnlyWayIn(NotAllowed):
    """An account without a password cannot be disconnected from the newsroom's sign-in."""

    code = "only_way_in"


@dataclass(frozen=True)
class Identity:
    """What the provider says: who it is for good, and what they would like to be called."""

    issuer: str
    subject: str
    username: str = ""
    full_name: str = ""


@transaction.atomic(durable=True)
def account_of(identity: Identity) -> User:
    """Return the account that this identity is connected to; for a new identity, make one and connect it.

    The new account is on no desk and has no password; no line of the log is written. An account that is there
    already is never opened because its name or e-mail is the same. Raises NameTaken or NameMissing.
    """
    known = _known(identity)
    if known is not None:
        return known.user
    name = User.normalize_username(identity.username.strip())
    try:
        UnicodeUsernameValidator()(name)
    except ValidationError as wrong:
        raise NameMissing("The newsroom’s sign-in gives no name that can be a user name here.") from wrong
    if len(name) > 150:
        raise NameMissing("The newsroom’s sign-in gives a name that is too long for a user name here.")
    if not reserve_username(name):
        # Somebody with this very identity may have come a moment earlier, from another window.
        known = _known(identity)
        if known is not None:
            return known.user
        raise NameTaken(
            f"There is an account “{name}” here that is not connected to the newsroom’s sign-in. If it is "
            "yours, sign in with its password and connect it on your account page."
        )
    first, _, last = " ".join(identity.full_name.split()).partition(" ")
    user = User(username=name, first_name=first[:150], last_name=last[:150])
    user.set_unusable_password()
    user.save(force_insert=True)
    OutsideIdentity.objects.create(user=user, issuer=identity.issuer, subject=identity.subject)
    return user


@transaction.atomic(durable=True)
def connect(identity: Identity, *, by: User) -> None:
    """Let this identity open the person's account from now on. Raises IdentityTaken."""
    User.objects.select_for_update().get(pk=by.pk)
    known = _known(identity)
    if known is not None and known.user_id == by.pk:
        return
    taken = IdentityTaken("One of the two is connected already, to another account. Disconnect it first.")
    if known is not None or OutsideIdentity.objects.filter(user=by, issuer=identity.issuer).exists():
        raise taken
    with refused_where_taken("outside_identity_opens_one", taken):
        made = OutsideIdentity.objects.create(user=by, issuer=identity.issuer, subject=identity.subject)
    _log(Verb.CONNECTED_OUTSIDE_SIGN_IN, by, made.pk)


@transaction.atomic(durable=True)
def disconnect(*, by: User) -> None:
    """Let no outside identity open the person's account any more. Raises Missing or OnlyWayIn."""
    found = OutsideIdentity.objects.select_for_update().filter(user=by).first()
    if found is None:
        raise Missing("Your account is not connected to the newsroom’s sign-in.")
    if not by.has_usable_password():
        raise OnlyWayIn("Your account has no password, so the newsroom’s sign-in is the only way in.")
    _log(Verb.DISCONNECTED_OUTSIDE_SIGN_IN, by, found.pk)
    OutsideIdentity.objects.filter(user=by).delete()


def _known(identity: Identity) -> OutsideIdentity | None:
    rows = OutsideIdentity.objects.select_related("user")
    return rows.filter(issuer=identity.issuer, subject=identity.subject).first()


def _log(verb: Verb, user: User, number: int) -> None:
    log_everywhere(verb, user, by=user, object_type="outside_identity", object_id=number, details={})
