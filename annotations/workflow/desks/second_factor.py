"""Two-factor sign-in: set it up, pass it, take it away, and ask it of a whole desk."""

import base64
import hashlib
import secrets
from datetime import datetime

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import constant_time, hashes
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from annotations.domain.activity import Verb
from annotations.domain.errors import Duplicate, Invalid, NotAllowed
from annotations.models import Desk, RecoveryCode, SecondFactor, Session, User
from annotations.workflow.activity import record
from annotations.workflow.desks.rows import lock_desk, log_everywhere, save_desk

STEP = 30
_HOW_MANY_CODES = 10


class WrongCode(Invalid):
    """A code of two-factor sign-in that is wrong, too old, or used already."""

    code = "code_wrong"


class SetUpAlready(Duplicate):
    """The account has a second factor already."""

    code = "second_factor_there"


class OwnFactorFirst(NotAllowed):
    """Whoever asks a desk for two-factor sign-in has it themselves."""

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


@transaction.atomic(durable=True)
def set_up(*, by: User, secret: str, code: str, keep_session: str | None) -> list[str]:
    """Ask for a code of this app at each sign-in from now on, and return the recovery codes, this once.

    Every other session of the person ends. Raises WrongCode or SetUpAlready.
    """
    User.objects.select_for_update().get(pk=by.pk)
    if SecondFactor.objects.filter(user=by).exists():
        raise SetUpAlready("Two-factor sign-in is set up already. Turn it off first to change the app.")
    step = _step_of(secret, code, after=0)
    SecondFactor.objects.create(user=by, sealed_secret=_seal(secret), last_step=step)
    Session.objects.filter(user=by).exclude(session_key=keep_session).delete()
    _log(Verb.SET_UP_SECOND_FACTOR, by, by)
    return _renew_codes(by)


@transaction.atomic(durable=True)
def use_code(user: User, *, code: str) -> None:
    """Accept a code of the person's app or a recovery code, and let it never be used again.

    Raises WrongCode.
    """
    _use(user, code)


@transaction.atomic(durable=True)
def renew_recovery_codes(*, by: User, code: str) -> list[str]:
    """Return new recovery codes, this once; those made before end. Raises WrongCode."""
    _use(by, code)
    return _renew_codes(by)


@transaction.atomic(durable=True)
def turn_off(*, by: User, code: str) -> None:
    """Ask for no second factor of this person any more. Desks that require it are not shown then.

    Raises WrongCode.
    """
    _use(by, code)
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
    save_desk(desk)
    record(
        Verb.REQUIRED_TWO_FACTOR if required else Verb.STOPPED_REQUIRING_TWO_FACTOR,
        desk_id=desk.pk,
        by=by,
        object_type="desk",
        object_id=desk.pk,
    )
    return desk


def _use(user: User, code: str) -> None:
    factor = SecondFactor.objects.select_for_update().filter(user=user).first()
    if factor is None:
        raise _wrong()
    typed = "".join(code.split()).replace("-", "")
    if len(typed) == 6 and typed.isascii() and typed.isdigit():
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
    """Return the half-minute of a code that is right now or was just before; raises WrongCode."""
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
    return _sealer().decrypt(sealed.encode()).decode()


def _log(verb: Verb, user: User, by: User | None) -> None:
    log_everywhere(
        verb,
        user,
        by=by,
        object_type="member",
        object_id=user.pk,
        details={} if by == user else {"person": user.display_name},
    )
