"""Which machines may be reached: explicit ranges, checked on the numbers a name resolves to.

`ipaddress.is_global` is not used: it calls multicast, 6to4, NAT64 and site-local addresses
global, and its answer changes between Python releases.
"""

import ipaddress
from collections.abc import Sequence

from annotations.domain.references.addresses import WEB_PORTS, IPAddress, Opening, is_opened
from annotations.fetching.fetched import FetchFailed

# IPv4: everything IANA reserves for a special purpose, and one cloud's metadata address in public space.
REFUSED_IPV4: tuple[ipaddress.IPv4Network, ...] = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)

# IPv6: only global unicast, without its special parts. Mapped, translated (NAT64), unique-local, link-local,
# site-local and multicast addresses all lie outside 2000::/3 and are refused by that alone.
GLOBAL_IPV6 = ipaddress.IPv6Network("2000::/3")
REFUSED_IPV6: tuple[ipaddress.IPv6Network, ...] = tuple(
    ipaddress.IPv6Network(text)
    for text in (
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)


def is_public(address: IPAddress) -> bool:
    """Whether anyone on the internet can reach this address, so fetching it reveals nothing secret."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in REFUSED_IPV4)
    return address in GLOBAL_IPV6 and not any(address in network for network in REFUSED_IPV6)


def check_host(host: str, denied_hosts: Sequence[str]) -> None:
    """Refuse a site that this deployment never fetches: a host in `denied_hosts`, or one below it.

    Raises `FetchFailed` with `policy_denylist`.
    """
    if any(host == denied or host.endswith(f".{denied}") for denied in denied_hosts):
        raise FetchFailed("policy_denylist", host)


def check_answers(answers: Sequence[IPAddress], port: int, allowed_networks: Sequence[Opening] = ()) -> None:
    """Accept all `answers` of one resolution, or refuse the whole name.

    An address is accepted if it is public and `port` is a web port, or if `allowed_networks` opens this port
    of it. One bad answer among good ones is an attack or a
    mistake, so the name is refused in either case.

    Raises `FetchFailed` with `policy_private_address`, `policy_mixed_answers` or `url_port`.
    """
    opened = [is_opened(address, port, allowed_networks) for address in answers]
    public = [is_public(address) for address in answers]
    passed = [one or other for one, other in zip(opened, public, strict=True)]
    if not any(passed):
        raise FetchFailed("policy_private_address")
    if not all(passed):
        raise FetchFailed("policy_mixed_answers")
    if port not in WEB_PORTS and not all(opened):
        raise FetchFailed("url_port")
