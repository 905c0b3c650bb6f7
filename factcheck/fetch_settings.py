"""What the environment says about fetching, checked and in the form the code uses."""

from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured

from annotations.domain.references.addresses import AddressRefused, parse_address


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
