"""The request as the views of signed-in people see it, and what they read from it."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails

from annotations.domain.numbers import number_in
from annotations.models.user import User

NO_LEASE = -1
"""A token that no lease ever has."""


class SignedInRequest(HttpRequest):
    """A request that `page` let through: its user is a person, never anonymous."""

    user: User
    htmx: HtmxDetails


def lease_token_in(request: HttpRequest) -> int | None:
    """Return the lease under which a form was sent, None where it was sent under none.

    What is no number is the token of no lease, so that it is refused and not ignored.
    """
    given = request.POST.get("lease_token", "")
    token = number_in(given)
    return NO_LEASE if given and token is None else token


def own_address(request: HttpRequest, wanted: str, *, otherwise: str) -> str:
    """Return `wanted` if it is an address of this site, from its root or whole, else `otherwise`."""
    is_own = wanted.startswith(("/", "http://", "https://")) and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_own else otherwise
