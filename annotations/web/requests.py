"""The request as signed-in views see it."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from annotations.models.user import User


class SignedInRequest(HttpRequest):
    """A request behind `signed_in`: its user is a person, never anonymous."""

    user: User
    htmx: HtmxDetails


def number_in(text: str | None) -> int | None:
    """Return the id or count that a parameter or a field holds; None for anything else.

    Plain digits only, and no more than the database's largest id has.
    """
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None
