"""The request as signed-in views see it."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from annotations.models.user import User


class SignedInRequest(HttpRequest):
    """A request behind `signed_in`: its user is a person, never anonymous."""

    user: User
    htmx: HtmxDetails
