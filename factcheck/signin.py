"""Rate-limited sign-in: by what attempts are counted, and what a person meets after too many.

Wrong passwords are counted for a name from one address, for a name from everywhere, and for an address over
all names. On a device on which the person has signed in before, only the wrong passwords typed there count
against them, so no stranger locks a person out of the devices they use.
"""

import ipaddress
from typing import Any

from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from annotations.domain.errors import NotAllowed
from annotations.queries.desks.devices import device_hash, is_known_device

# No machine has an address in here (RFC 6666), so known devices can be counted beside addresses.
_DEVICES = ipaddress.IPv6Network("100::/64")
# Wrong passwords for one name from everywhere, after which an address has two tries instead of eight.
NAME_UNDER_ATTACK = 24
TRIES_UNDER_ATTACK = 2
# After this many, only devices that the person has used before may try.
NAME_CLOSED = 100
# Wrong passwords from one address over all names; a newsroom behind one address has many people.
ADDRESS_CLOSED = 60


class Handler(AxesDatabaseHandler):  # type: ignore[misc]
    """Counts wrong passwords also by name and by address alone."""

    def get_failures(self, request: Any, credentials: dict[str, Any] | None = None) -> int:
        """Return the failures of this name here, and at least the limit where name or address are closed."""
        name, address = get_client_username(request, credentials) or "", request.axes_ip_address
        recent = AccessAttempt.objects.filter(attempt_time__gte=get_cool_off_threshold(request))
        here = _failures(recent.filter(username=name, ip_address=address))
        limit = int(settings.AXES_FAILURE_LIMIT)
        if here >= limit or _is_device(address):
            return here
        by_name = _failures(recent.filter(username__iexact=name))
        closed = (
            by_name >= NAME_CLOSED
            or (by_name >= NAME_UNDER_ATTACK and here >= TRIES_UNDER_ATTACK)
            or _failures(recent.filter(ip_address=address)) >= ADDRESS_CLOSED
        )
        return limit if closed else here


def client_address(request: HttpRequest) -> str | None:
    """Return what sign-in attempts are counted by: a known device of the person, else their address.

    An address of IPv6 counts as its network of 64 bits, since one machine may have all addresses in it.
    """
    device = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    name = getattr(request, "second_step_name", "") or request.POST.get("username", "")
    if device and name and is_known_device(name, device):
        return str(_DEVICES[int(device_hash(device)[:16], 16)])
    return network_of(_sender(request))


def network_of(text: str) -> str | None:
    """Return the address that attempts from this one are counted by, None where the text is no address."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.IPv6Network((address, 64), strict=False).network_address)
    return str(address)


def _sender(request: HttpRequest) -> str:
    """Return the address that the outermost of our own proxies saw.

    Each proxy adds the address it was asked from at the end of X-Forwarded-For. Whatever stands before the
    entry of the outermost one the client may have written.
    """
    asked_from = str(request.META.get("REMOTE_ADDR", ""))
    entries = [entry.strip() for entry in str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")]
    hops = settings.TRUSTED_PROXIES
    if not hops or not any(entries):
        return asked_from
    forwarded = _without_port(entries[-min(hops, len(entries))])
    return forwarded if network_of(forwarded) else asked_from


def _without_port(entry: str) -> str:
    if entry.startswith("["):
        return entry[1:].partition("]")[0]
    return entry.partition(":")[0] if entry.count(":") == 1 else entry


def _is_device(address: str | None) -> bool:
    return bool(address) and ipaddress.ip_address(str(address)) in _DEVICES


def _failures(attempts: "QuerySet[AccessAttempt]") -> int:
    return int(attempts.aggregate(all=Sum("failures_since_start"))["all"] or 0)


def locked_out(
    request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any]
) -> HttpResponse:
    """Answer 429 with how long to wait; nothing says whether the name exists."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    answer = render(request, "locked_out.html", {"minutes": minutes}, status=429)
    answer["Retry-After"] = str(minutes * 60)
    return answer


def admin_door(request: HttpRequest) -> HttpResponse:
    """Send strangers to sign in, and refuse those who are in and may not be here."""
    if request.user.is_authenticated:
        raise NotAllowed(
            "The admin site is for administrators, with two-factor sign-in as soon as a desk asks for it."
        )
    return redirect_to_login(request.GET.get("next", "/admin/"))
