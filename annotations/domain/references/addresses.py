"""Web addresses as people paste them: parsed strictly, refused with a reason, compared for sameness.

Nothing here resolves a name or opens a socket. Whether the machine behind an address may be reached is
decided later in `annotations.fetching`, from the numbers that the resolver returns.
"""

import ipaddress
import re
import string
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urljoin

import idna

from annotations.domain.errors import Invalid

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class OpenPort(NamedTuple):
    """One port of a network that may be fetched although it is not public."""

    network: Network
    port: int


Opening = Network | OpenPort
"""What may be fetched although it is not public: a network on any port, or one port of it."""

DEFAULT_PORTS = {"http": 80, "https": 443}
WEB_PORTS = frozenset({80, 443, 8080, 8443})
MAX_ADDRESS_LENGTH = 4096
MAX_HOST_LENGTH = 253

TRACKING_PARAMETERS = frozenset(
    {
        "fbclid", "gclid", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid", "ttclid", "li_fat_id",
        "igshid", "mc_cid", "mc_eid", "_hsenc", "_hsmi", "mkt_tok", "oly_anon_id", "oly_enc_id", "vero_id",
        "wickedid", "s_cid", "_ga", "_gl",
    }
)  # fmt: skip
TRACKING_PREFIXES = ("utm_", "pk_", "mtm_")

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
# A hyphen at either end breaks the rules for names but is used in practice.
_LABEL = re.compile(r"(?=-*[a-z0-9_])[a-z0-9_-]{1,63}")
_NUMERIC_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")
_DOTTED_QUAD = re.compile(r"(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})")
_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset(string.ascii_letters + string.digits + "-._~")
_KEPT_IN_TARGET = frozenset(string.ascii_letters + string.digits + "-._~:/?[]@!$&'()*+,;=%|")


class AddressRefused(Invalid):
    """The text is not an address the workbench will fetch."""

    code = "url_invalid"


class AddressMalformed(AddressRefused):
    """The address is not complete."""

    code = "url_invalid"


class SchemeRefused(AddressRefused):
    """The scheme is neither http nor https."""

    code = "url_scheme"


class UserInfoRefused(AddressRefused):
    """The address carries a name or password."""

    code = "url_userinfo"


class HostRefused(AddressRefused):
    """No site can have this name."""

    code = "url_host"


class PortRefused(AddressRefused):
    """Pages are not fetched from this port."""

    code = "url_port"


@dataclass(frozen=True)
class Address:
    """One address, parsed. `host` is lower-case ASCII without brackets; `target` starts with "/"."""

    scheme: str
    host: str
    port: int
    target: str
    fragment: str = ""

    @property
    def authority(self) -> str:
        """Return host and port for a Host header, without the port if it is the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """Return the address to request, without the fragment, which never leaves the reader's machine."""
        return f"{self.scheme}://{self.authority}{self.target}"

    @property
    def ip(self) -> IPAddress | None:
        """Return the host as a number if it was written as one."""
        return literal_ip(self.host)


def literal_ip(host: str) -> IPAddress | None:
    """Return `host` as an IP address, or None when it is a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def is_opened(address: IPAddress, port: int, openings: Sequence[Opening]) -> bool:
    """Return whether this port of this address is in one of `openings`."""
    return any(
        port == one.port and address in one.network if isinstance(one, OpenPort) else address in one
        for one in openings
    )


def parse_address(given: str, *, open_networks: Sequence[Opening] = ()) -> Address:
    """Return the address in `given`, ready to be requested.

    Surrounding blanks are dropped. Blanks and non-ASCII letters after the host are percent-encoded. Ports
    outside `WEB_PORTS` are allowed only for a host written as a number if `open_networks` opens them, or for
    `localhost` if they open it on loopback.

    Raises a subclass of `AddressRefused`. Its `code` is one of the table of fetch outcomes.
    """
    text = given.strip(" \t\r\n")
    _check_characters(text)
    scheme, rest = _split_scheme(text)
    authority, target, fragment = _split_rest(rest)
    if "@" in authority:
        raise UserInfoRefused("Leave out the name and password before the @ in the address.")
    host_text, port_text = _split_port(authority)
    host = _host(host_text)
    port = _port(port_text, scheme, host, open_networks)
    return Address(scheme, host, port, _encode(target), _encode(fragment))


def resolve_address(base: Address, location: str, *, open_networks: Sequence[Opening] = ()) -> Address:
    """Return the address that a redirect from `base` to `location` leads to, parsed as strictly as any other.

    A fragment of `base` carries over when `location` names none, as in browsers.
    """
    text = location.strip(" \t\r\n")
    _check_characters(text)
    try:
        joined = urljoin(base.url, text)
    except ValueError:
        raise AddressMalformed("The page sends visitors on to something that is not an address.") from None
    found = parse_address(joined, open_networks=open_networks)
    if found.fragment or not base.fragment:
        return found
    return Address(found.scheme, found.host, found.port, found.target, base.fragment)


def canonical(address: Address) -> str:
    """Return the form in which two spellings of one address are the same reference.

    The scheme and host become lower-case. The scheme's own port, the fragment and known tracking parameters
    are removed. Percent-encoding gets one spelling. The order of parameters, a trailing slash, `www.` and the
    scheme are kept, because servers do answer differently to them. The result is used to compare, never to
    fetch.
    """
    path, mark, query = address.target.partition("?")
    kept = [part for part in query.split("&") if part and not _is_tracking(part)] if mark else []
    target = _same_spelling(path) + ("?" + _same_spelling("&".join(kept)) if kept else "")
    return f"{address.scheme}://{address.authority}{target}"


def _check_characters(text: str) -> None:
    if not text:
        raise AddressMalformed("Type or paste an address.")
    if len(text) > MAX_ADDRESS_LENGTH:
        raise AddressMalformed(f"This address is longer than {MAX_ADDRESS_LENGTH:,} characters.")
    if "\\" in text:
        raise AddressMalformed("An address has no backslash in it; write / instead.")
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in text):
        raise AddressMalformed("There are invisible control characters in this address; copy it again.")


def _split_scheme(text: str) -> tuple[str, str]:
    match = _SCHEME.match(text)
    if match is None or match[1].lower() not in DEFAULT_PORTS:
        raise SchemeRefused("Begin the address with https:// or http://.")
    rest = text[match.end() :]
    if not rest.startswith("//"):
        raise AddressMalformed(f"Write two slashes after {match[0]}")
    return match[1].lower(), rest[2:]


def _split_rest(rest: str) -> tuple[str, str, str]:
    end = min((place for place in map(rest.find, "/?#") if place >= 0), default=len(rest))
    before, _, fragment = rest[end:].partition("#")
    return rest[:end], before if before.startswith("/") else "/" + before, fragment


def _split_port(authority: str) -> tuple[str, str]:
    if authority.startswith("["):
        host, bracket, after = authority.partition("]")
        if not bracket or (after and not after.startswith(":")):
            raise HostRefused("The number between [ and ] is not a complete IPv6 address.")
        return host + bracket, after[1:]
    host, _, port = authority.partition(":")
    return host, port


def _host(text: str) -> str:
    if not text:
        raise HostRefused("There is no site name in this address.")
    if text.startswith("["):
        return _ipv6(text[1:-1])
    if "%" in text:
        raise HostRefused("The site name in this address is percent-encoded; write it out.")
    host = _ascii_host(text).removesuffix(".")
    labels = host.split(".")
    if _NUMERIC_LABEL.fullmatch(labels[-1]):
        return _ipv4(host)
    if len(host) > MAX_HOST_LENGTH or not all(_LABEL.fullmatch(label) for label in labels):
        raise HostRefused("The site name in this address cannot exist; check its spelling.")
    return host


def _ascii_host(text: str) -> str:
    if text.isascii():
        return text.lower()
    try:
        mapped = idna.uts46_remap(unicodedata.normalize("NFKC", text), std3_rules=False, transitional=False)
        return ".".join(map(_ascii_label, mapped.split("."))).lower()
    except (idna.IDNAError, UnicodeError):
        raise HostRefused("The site name in this address has letters that no site name can have.") from None


def _ascii_label(label: str) -> str:
    if label.isascii():
        return label
    try:
        return idna.alabel(label).decode("ascii")
    except idna.IDNAError:
        # The registries of some countries sell names with characters that the standard excludes, such as ❤.
        if not all(
            unicodedata.category(char) in ("So", "Sk", "Mn", "Cf") for char in label if ord(char) > 127
        ):
            raise
        return f"xn--{label.encode('punycode').decode('ascii')}"


def _ipv6(text: str) -> str:
    if "%" in text:
        raise HostRefused("Leave out the zone after % in the IPv6 address.")
    try:
        return str(ipaddress.IPv6Address(text))
    except ValueError:
        raise HostRefused("The number between [ and ] is not a complete IPv6 address.") from None


def _ipv4(host: str) -> str:
    # The C library reads 0177.1, 2130706433 and 0x7f000001 as 127.0.0.1. A person never writes those.
    if not _DOTTED_QUAD.fullmatch(host) or literal_ip(host) is None:
        raise HostRefused("Write the number of the site as four plain numbers, like 192.0.2.1.")
    return host


def _port(text: str, scheme: str, host: str, open_networks: Sequence[Opening]) -> int:
    if not text:
        return DEFAULT_PORTS[scheme]
    if not (text.isascii() and text.isdigit()) or len(text) > 5 or not 0 < int(text) < 65536:
        raise PortRefused("The port in this address is not a number between 1 and 65535.")
    port = int(text)
    if port not in WEB_PORTS and not _is_open(host, port, open_networks):
        raise PortRefused("Pages are fetched from ports 80, 443, 8080 and 8443 only.")
    return port


def _is_open(host: str, port: int, open_networks: Sequence[Opening]) -> bool:
    number = ipaddress.ip_address("127.0.0.1") if host == "localhost" else literal_ip(host)
    return number is not None and is_opened(number, port, open_networks)


def _encode(text: str) -> str:
    return "".join(
        char if char in _KEPT_IN_TARGET else "".join(f"%{byte:02X}" for byte in char.encode("utf-8"))
        for char in text
    )


def _same_spelling(text: str) -> str:
    def respell(match: re.Match[str]) -> str:
        char = chr(int(match[1], 16))
        return char if char in _UNRESERVED else match[0].upper()

    return _PERCENT.sub(respell, text)


def _is_tracking(part: str) -> bool:
    name = part.partition("=")[0].lower()
    return name in TRACKING_PARAMETERS or name.startswith(TRACKING_PREFIXES)
