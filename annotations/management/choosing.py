"""Options that several commands share: a desk, a person, a day. Each error says what to type instead."""

import argparse
from datetime import date

from django.core.management.base import CommandError
from django.db.models import QuerySet

from annotations.models import Desk, Membership, User


def day(text: str) -> date:
    """Read a day such as 2019-04-30; for the `type` of an argument."""
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(f"“{text}” is no day; write it as 2019-04-30") from wrong


def desk_named(slug: str, *, within: QuerySet[Desk] | None = None) -> Desk:
    """Return the desk with this slug. Without a slug, return the only desk in `within`, or in the copy.

    Raises CommandError with the slugs there are.
    """
    if slug:
        found = Desk.objects.filter(slug=slug).first()
        if found is None:
            raise CommandError(f"There is no desk “{slug}”. Desks: {_slugs(Desk.objects.all())}.")
        return found
    desks = list((within if within is not None else Desk.objects.all()).order_by("pk")[:2])
    if len(desks) != 1:
        known = _slugs(Desk.objects.all())
        raise CommandError(f"Say which desk with --desk: {known}." if known else "There is no desk yet.")
    return desks[0]


def person_named(desk: Desk, username: str) -> User:
    """Return the person with this user name, or else the desk's first manager; raises CommandError."""
    if username:
        return account_named(username)
    managers = Membership.objects.filter(desk=desk, role="manager", user__is_active=True)
    first = managers.select_related("user").order_by("pk").first()
    if first is None:
        raise CommandError(f"The desk {desk.name} has no manager: say with --by who does this.")
    return first.user


def account_named(username: str) -> User:
    """Return the person with this user name; raises CommandError."""
    person = User.objects.filter(username=username).first()
    if person is None:
        raise CommandError(f"There is nobody with the username “{username}”.")
    return person


def _slugs(desks: QuerySet[Desk]) -> str:
    return ", ".join(desks.order_by("pk").values_list("slug", flat=True))
