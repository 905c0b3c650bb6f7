"""Two-factor sign-in: set it up, pass it, take it away, and ask it of a whole desk."""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import constant_time, hashes
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from annotations.domain.activity import Verb
from annotations.domain.errors import Duplicate, Invalid, Missing, NotAllowed, WrongState
from annotations.models import Desk, RecoveryCode, SecondFactor, SecurityKey, Session, User
from annotations.workflow.activity import record
from annotations.workflow.desks import security_keys
from annotations.workflow.desks.rows import lock_desk, log_everywhere, save_desk
from annotations.workflow.idempotency import forget_answers
from annotations.workflow.once import refused_where_taken

STEP = 30
PROVED_SECONDS = 600
MOST_KEYS = 10
_HOW_MANY_CODES = 10


class WrongCode(Invalid):
    """A code of two-factor sign-in that is wrong, too old, or used already."""

    code = "code_wrong"


class KeyTaken(Duplicate):
    """The security key is set up already, for this account or another."""

    code = "security_key_taken"


class TooManyKeys(Invalid):
    """An account has as many security keys as it may."""

    code = "too_many_security_keys"


class OnlyFactor(WrongState):
    """The last second factor is not removed by itself; two-factor sign-in is turned off as a whole."""

    code = "only_second_factor"


class ProofNeeded(NotAllowed):
    """The person has not shown their second factor in the last ten minutes."""

    code = "second_factor_proof_needed"


class OwnFactorFirst(NotAllowed):
    """A manager without two-factor sign-in cannot require it of a desk."""

    code = "own_second_factor_first"


def new_secret() -> str:
    """Return a new secret for an authenticator app, in the letters in which apps read it."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def address_for_apps(secret: str, user: User) -> str:
    """Return the otpauth address of a secret, which apps read from its QR code."""
    return _totp(secret).get_provisioning_uri(user.username, "Factcheck workbench")


def code_at(secret: str, moment: datetime) -> str:
    """Return the code that an app shows for a secret at a moment."""
    return _totp(secret).generate(int(moment.timestamp())).decode()


@dataclass(frozen=True)
class Proved:
    """That a person showed a second factor, and when (seconds since 1970).

    `prove` and the functions that set one up return it; a caller may keep it in a place that only the server
    writes, such as the session, and make it anew from there.
    """

    user_id: int
    at: int

    def check(self, by: User) -> None:
        """Raise ProofNeeded unless this person proved it in the last ten minutes."""
        if self.user_id != by.pk or not 0 <= timezone.now().timestamp() - self.at <= PROVED_SECONDS:
            raise ProofNeeded("Show your second factor once more; the last time is too long ago.")


NOT_PROVED = Proved(0, 0)


@dataclass(frozen=True)
class SetUp:
    """A second factor that was just set up: its recovery codes, this once, and that it was shown."""

    codes: list[str]
    proved: Proved


@transaction.atomic(durable=True)
def set_up_app(
    *, by: User, secret: str, code: str, keep_session: str | None, proved: Proved = NOT_PROVED
) -> SetUp:
    """Take codes of this app at each sign-in from now on, and of an earlier one no more.

    Where it is the first factor, every other session of the person ends and recovery codes are made; else
    `proved` has to hold, and the codes stay as they are. Raises WrongCode or ProofNeeded.
    """
    factor = _lock(by)
    if factor is not None:
        proved.check(by)
    step = _step_of(secret, code, after=0)
    if factor is None:
        SecondFactor.objects.create(user=by, sealed_secret=_seal(secret), last_step=step)
        return _begun(by, keep_session)
    factor.sealed_secret, factor.last_step = _seal(secret), step
    factor.save(update_fields=["sealed_secret", "last_step"])
    _log(Verb.SET_UP_SECOND_FACTOR, by, by)
    return SetUp([], _proved(by))


@transaction.atomic(durable=True)
def add_key(
    *,
    by: User,
    name: str,
    answer: security_keys.Answer,
    keep_session: str | None,
    proved: Proved = NOT_PROVED,
) -> SetUp:
    """Take this security key at each sign-in from now on; otherwise as `set_up_app`.

    Raises WrongKey, KeyTaken, TooManyKeys or ProofNeeded.
    """
    factor = _lock(by)
    if factor is not None:
        proved.check(by)
    key = security_keys.made(answer)
    if SecurityKey.objects.filter(credential_id=key.credential_id).exists():
        raise KeyTaken("This key is set up already.")
    if factor is not None and factor.keys.count() >= MOST_KEYS:
        raise TooManyKeys(f"{MOST_KEYS} keys are the most you can have: remove one first.")
    is_first = factor is None
    key.factor = factor or SecondFactor.objects.create(user=by, sealed_secret="", last_step=0)
    key.name = " ".join(name.split())[:60] or "Security key"
    with refused_where_taken("security_key_once", KeyTaken("This key is set up already.")):
        key.save(force_insert=True)
    if is_first:
        begun = _begun(by, keep_session)
        _log(Verb.ADDED_SECURITY_KEY, by, by, name=key.name)
        return begun
    _log(Verb.ADDED_SECURITY_KEY, by, by, name=key.name)
    return SetUp([], _proved(by))


@transaction.atomic(durable=True)
def remove_key(key_id: int, *, by: User, proved: Proved) -> None:
    """Take this security key no more. Raises ProofNeeded, Missing, or OnlyFactor for the last way in."""
    factor = _lock(by)
    proved.check(by)
    key = factor.keys.filter(pk=key_id).first() if factor else None
    if factor is None or key is None:
        raise Missing("This key is not one of yours.")
    if not factor.has_app and factor.keys.count() == 1:
        raise OnlyFactor(
            "It is your only second factor. Add another one first, or turn two-factor sign-in off."
        )
    key.delete()
    _log(Verb.REMOVED_SECURITY_KEY, by, by, name=key.name)


@transaction.atomic(durable=True)
def remove_app(*, by: User, proved: Proved) -> None:
    """Take no codes of the app any more. Raises ProofNeeded, Missing, or OnlyFactor where there is no key."""
    factor = _lock(by)
    proved.check(by)
    if factor is None or not factor.has_app:
        raise Missing("No authenticator app is set up.")
    if not factor.keys.exists():
        raise OnlyFactor("It is your only second factor. Add a key first, or turn two-factor sign-in off.")
    factor.sealed_secret = ""
    factor.save(update_fields=["sealed_secret"])
    _log(Verb.REMOVED_APP, by, by)


@transaction.atomic(durable=True)
def prove(user: User, *, code: str = "", answer: security_keys.Answer | None = None) -> Proved:
    """Accept a code of the person's app, a recovery code, or an answer of one of their security keys.

    No code is ever accepted twice. Raises WrongCode or WrongKey.
    """
    factor = _lock(user)
    if factor is None:
        raise _wrong()
    if answer is None:
        _use(factor, code)
    else:
        key = security_keys.answered(list(factor.keys.all()), answer)
        SecurityKey.objects.filter(pk=key.pk).update(uses=key.uses, last_used_at=Now())
    return _proved(user)


@transaction.atomic(durable=True)
def renew_recovery_codes(*, by: User, proved: Proved) -> list[str]:
    """Make new recovery codes and return them, this once; those made before end.

    Raises ProofNeeded, or Missing without two-factor sign-in.
    """
    factor = _lock(by)
    proved.check(by)
    if factor is None:
        raise Missing("Two-factor sign-in is off, so there is nothing that such a code would open.")
    _log(Verb.RENEWED_RECOVERY_CODES, by, by)
    return _renew_codes(by)


@transaction.atomic(durable=True)
def turn_off(*, by: User, proved: Proved) -> None:
    """Ask this person for no second factor any more; without one nothing happens.

    Their recovery codes end. Desks that require two-factor sign-in are no longer shown to them. Raises
    ProofNeeded.
    """
    factor = _lock(by)
    proved.check(by)
    if factor is not None:
        _remove(by, by)


@transaction.atomic(durable=True)
def turn_off_on_the_machine(user: User) -> bool:
    """Take the second factor off an account whose app and codes are lost; returns whether there was one.

    For whoever runs this copy's commands. Every session of the person ends.
    """
    if not SecondFactor.objects.filter(user=user).exists():
        return False
    _remove(user, None)
    Session.objects.filter(user=user).delete()
    return True


@transaction.atomic(durable=True)
def require_two_factor(desk_id: int, *, required: bool, by: User) -> Desk:
    """Show the desk only to members with two-factor sign-in, or to all members again.

    Raises Missing, NotAllowed, or OwnFactorFirst for a manager who would shut themselves out.
    """
    desk = lock_desk(desk_id, by)
    if desk.requires_two_factor == required:
        return desk
    if required and not SecondFactor.objects.filter(user=by).exists():
        raise OwnFactorFirst("Set up two-factor sign-in on your own account page first.")
    desk.requires_two_factor = required
    desk.save(update_fields=["requires_two_factor"])
    if required:
        forget_answers(desk.memberships.values_list("user_id", flat=True))
    save_desk(desk)
    record(
        Verb.REQUIRED_TWO_FACTOR if required else Verb.STOPPED_REQUIRING_TWO_FACTOR,
        desk_id=desk.pk,
        by=by,
        object_type="desk",
        object_id=desk.pk,
    )
    return desk


def _lock(user: User) -> SecondFactor | None:
    """Return the person's second factor; what they change of it elsewhere waits until this has ended."""
    User.objects.select_for_update().get(pk=user.pk)
    return SecondFactor.objects.select_for_update().filter(user=user).first()


def _begun(user: User, keep_session: str | None) -> SetUp:
    Session.objects.filter(user=user).exclude(session_key=keep_session).delete()
    _log(Verb.SET_UP_SECOND_FACTOR, user, user)
    return SetUp(_renew_codes(user), _proved(user))


def _proved(user: User) -> Proved:
    return Proved(user.pk, int(timezone.now().timestamp()))


def _use(factor: SecondFactor, code: str) -> None:
    user = factor.user
    typed = "".join(code.split()).replace("-", "")
    if len(typed) == 6 and typed.isascii() and typed.isdigit():
        if not factor.has_app:
            raise _wrong()
        step = _step_of(_open(factor.sealed_secret), typed, after=factor.last_step)
        SecondFactor.objects.filter(user=user).update(last_step=step)
        return
    unused = RecoveryCode.objects.filter(
        user=user, code_sha256=_code_hash(typed.upper()), used_at__isnull=True
    )
    if not unused.update(used_at=Now()):
        raise _wrong()
    _log(Verb.USED_RECOVERY_CODE, user, user)


def _step_of(secret: str, code: str, *, after: int) -> int:
    """Return the number of the half-minute that a code belongs to. Raises WrongCode.

    Codes of this half-minute, the one before and the one after are taken, if it comes later than `after`.
    """
    now = int(timezone.now().timestamp()) // STEP
    typed = "".join(code.split()).encode()
    for step in (now - 1, now, now + 1):
        right = _totp(secret).generate(step * STEP)
        if step > after and constant_time.bytes_eq(right, typed):
            return step
    raise _wrong()


def _renew_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    codes = [base64.b32encode(secrets.token_bytes(10)).decode() for _ in range(_HOW_MANY_CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, code_sha256=_code_hash(code)) for code in codes)
    return ["-".join(code[at : at + 4] for at in range(0, 16, 4)) for code in codes]


def _remove(user: User, by: User | None) -> None:
    SecondFactor.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    forget_answers([user.pk])
    _log(Verb.TURNED_OFF_SECOND_FACTOR, user, by)


def _wrong() -> WrongCode:
    return WrongCode(
        "This code is wrong, too old or used already. Take the next one that your app shows.",
        fields={"code": "Wrong, too old or used already."},
    )


def _code_hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _totp(secret: str) -> TOTP:
    return TOTP(base64.b32decode(secret), 6, SHA1(), STEP)  # noqa: S303


def _sealer() -> Fernet:
    derived = HKDF(hashes.SHA256(), 32, salt=None, info=b"annotations.second_factor")
    return Fernet(base64.urlsafe_b64encode(derived.derive(settings.SECRET_KEY.encode())))


def _seal(secret: str) -> str:
    return _sealer().encrypt(secret.encode()).decode()


def _open(sealed: str) -> str:
    """Return the secret of an app. Raises WrongCode where SECRET_KEY is no longer what sealed it."""
    try:
        return _sealer().decrypt(sealed.encode()).decode()
    except InvalidToken as wrong:
        raise WrongCode(
            "Codes of your app cannot be checked any more, because the secret key of this workbench was "
            "changed. Use a recovery code or a security key, then set up the app anew.",
            fields={"code": "Use a recovery code or a security key."},
        ) from wrong


def _log(verb: Verb, user: User, by: User | None, **details: object) -> None:
    if by != user:
        details["person"] = user.display_name
    log_everywhere(verb, user, by=by, object_type="member", object_id=user.pk, details=details)
