"""What the environment says about fetching, checked and in the form the code uses."""

import ipaddress
from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured

from annotations.domain.references.addresses import AddressRefused, Network, Opening, OpenPort, parse_address


def denied_hosts(given: Sequence[str]) -> tuple[str, ...]:
    """The sites never to fetch, lower-case and in ASCII; a dot in front means the same as none.

    Raises ImproperlyConfigured for what can be no name of a site.
    """
    return tuple(_host(text.strip().lstrip(".")) for text in given if text.strip())


def _host(text: str) -> str:
    try:
        address = parse_address(f"https://{text}/")
    except AddressRefused as refused:
        raise ImproperlyConfigured(f"FETCH_DENIED_HOSTS: {text!r} is no name of a site.") from refused
    if address.target != "/" or address.port != 443:
        raise ImproperlyConfigured(f"FETCH_DENIED_HOSTS: name {text!r} by its site alone, without the rest.")
    return address.host


SAMPLE_SITE = "sample-site"
"""The word for the site of the sample in FETCH_ALLOWED_NETWORKS."""


def openings(given: Sequence[str], *, sample_site_port: int) -> list[Opening]:
    """What may be fetched although it is not public: networks, and the port of the sample's site.

    Raises ImproperlyConfigured for what is neither.
    """
    return [
        OpenPort(ipaddress.ip_network("127.0.0.1/32"), sample_site_port)
        if text == SAMPLE_SITE
        else _network(text)
        for text in given
    ]


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError as wrong:
        raise ImproperlyConfigured(
            f"FETCH_ALLOWED_NETWORKS: {text!r} is no network such as 127.0.0.1/32, nor “{SAMPLE_SITE}”."
        ) from wrong
