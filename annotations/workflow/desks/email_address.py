"""A person's e-mail address, confirmed by a link that is mailed to it: one mailbox vouches for one account.

An address that a person gives is kept only once they have opened the link. A manager who makes an account may
give one too; it counts as unconfirmed.
"""

import smtplib
from datetime import timedelta

import idna
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from annotations.domain.activity import Verb
from annotations.domain.errors import Duplicate, Invalid, Missing, WrongState
from annotations.models import User
from annotations.models.lengths import longest
from annotations.workflow.desks.rows import log_everywhere
from annotations.workflow.once import refused_where_taken

HOLDS = timedelta(days=3)
BETWEEN_MAILS = timedelta(minutes=2)
_SALT = "annotations.email_address"


class NoMail(Missing):
    """This workbench sends no mail."""

    code = "no_mail"


class EmailInvalid(Invalid):
    """What was typed is no e-mail address."""

    code = "email_invalid"


class AskedJustNow(WrongState):
    """A mail to the same person was sent a moment ago."""

    code = "email_asked_just_now"


class MailFailed(WrongState):
    """The mail server did not take the mail."""

    code = "mail_failed"


class LinkInvalid(Invalid):
    """A link that confirms an address is broken, too old, or for somebody else."""

    code = "email_link_invalid"


class EmailTaken(Duplicate):
    """The address is confirmed for another account already."""

    code = "email_taken"


def ask_to_confirm(address: str, *, by: User, link: str) -> None:
    """Mail a link that confirms this address to it; `link` is where it leads, with {token} in it.

    Changes nothing but when the person last asked: they may ask once in two minutes, also after MailFailed.
    The link holds three days. Raises NoMail, EmailInvalid, AskedJustNow or MailFailed.
    """
    if not sends_mail():
        raise NoMail("This workbench sends no mail.")
    address = _one_spelling(address)
    _note_the_mail(by)
    token = signing.dumps({"user": by.pk, "email": address}, salt=_SALT)
    # The name is the only word of the mail that somebody chose, and it has no blanks.
    words = (
        f"{by.username} at {settings.PUBLIC_URL} says that this is their e-mail address.\n\n"
        "If you are that person, open this page within three days, signed in, and say so there:\n\n"
        f"{link.format(token=token)}\n\n"
        "If you are not, do nothing: then the address is not kept.\n"
    )
    try:
        sent = send_mail("Confirm your e-mail address", words, None, [address])
    except (OSError, smtplib.SMTPException) as wrong:
        sentence = "The mail could not be sent. Try later, or tell whoever runs this workbench."
        raise MailFailed(sentence) from wrong
    if not sent:
        raise MailFailed("The mail server did not take the mail.")


def _one_spelling(typed: str) -> str:
    """Return the one spelling of an address by which its mail is sent. Raises EmailInvalid.

    The domain becomes its A-label (IDNA 2008 with the mappings of UTS 46), so that a domain in wide letters,
    or with letters that nobody sees, is no other address. A quoted local part is refused: it may be another
    spelling of a plain one.
    """
    local, _, domain = typed.strip().rpartition("@")
    try:
        address = f"{local}@{idna.encode(domain, uts46=True).decode()}".lower()
        validate_email(address)
    except (ValidationError, idna.IDNAError) as wrong:
        raise _no_address() from wrong
    if '"' in local or len(address) > longest(User, "email"):
        raise _no_address()
    return address


def sends_mail() -> bool:
    """Return whether this copy sends mail."""
    return bool(settings.EMAIL_HOST)


def address_in(token: str, user: User) -> str:
    """Return the address that a link confirms for this person. Raises LinkInvalid."""
    try:
        said = signing.loads(token, salt=_SALT, max_age=HOLDS)
    except signing.BadSignature as wrong:
        raise _broken() from wrong
    if said["user"] != user.pk:
        raise _broken()
    return str(said["email"])


def confirm(token: str, *, by: User) -> str:
    """Keep the address of a link as the person's own, confirmed, and return it.

    Raises LinkInvalid or EmailTaken.
    """
    address = address_in(token, by)
    _keep(address, by)
    return address


@transaction.atomic(durable=True)
def remove(*, by: User) -> None:
    """Forget the person's address; without one nothing happens."""
    person = User.objects.select_for_update().get(pk=by.pk)
    if person.email:
        User.objects.filter(pk=by.pk).update(email="", email_confirmed_at=None)
        _log(Verb.REMOVED_EMAIL, by)


@transaction.atomic(durable=True)
def _note_the_mail(by: User) -> None:
    person = User.objects.select_for_update().get(pk=by.pk)
    if person.email_asked_at and timezone.now() - person.email_asked_at < BETWEEN_MAILS:
        raise AskedJustNow("You asked for a mail a moment ago. If it has not come, ask again in two minutes.")
    User.objects.filter(pk=by.pk).update(email_asked_at=Now())


@transaction.atomic(durable=True)
def _keep(address: str, by: User) -> None:
    person = User.objects.select_for_update().get(pk=by.pk)
    if person.email != address or not person.email_confirmed_at:
        taken = EmailTaken("This address is confirmed for another account already. Use one of your own.")
        with refused_where_taken("user_email_confirmed_once", taken):
            User.objects.filter(pk=by.pk).update(email=address, email_confirmed_at=Now())
        _log(Verb.CONFIRMED_EMAIL, by)


def _log(verb: Verb, by: User) -> None:
    log_everywhere(verb, by, by=by, object_type="member", object_id=by.pk, details={})


def _no_address() -> EmailInvalid:
    return EmailInvalid("This is no e-mail address.", fields={"email": "Such as nora@example.org."})


def _broken() -> LinkInvalid:
    return LinkInvalid(
        "This link is broken, older than three days, or for another account. Ask for a new one on your "
        "account page."
    )
