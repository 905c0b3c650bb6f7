"""The only module that opens a socket to the web: resolve once, check, pin, connect, count, record.

It is the network backend of the HTTP client. So nothing above it can reach a machine that was not
checked here, and every byte in either direction passes through one object.
"""

import hashlib
import ipaddress
import itertools
import socket
import ssl
import time
from collections.abc import Iterable, Sequence
from typing import Any

import httpcore2

from annotations.domain.references.addresses import IPAddress, Opening, is_opened
from annotations.fetching.fetched import FetchFailed, Limits, Recorder
from annotations.fetching.policy import check_answers
from annotations.fetching.resolving import Resolver, resolve

SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]

# The certificate errors of OpenSSL that have a code of their own, by X509_V_ERR_* number.
_CERTIFICATE_CODES = {9: "tls_expired", 10: "tls_expired", 62: "tls_name", 64: "tls_name"}
# Addresses reserved for documentation: no machine has them.
_NOBODYS: dict[int, IPAddress] = {
    4: ipaddress.IPv4Address("192.0.2.1"),
    6: ipaddress.IPv6Address("2001:db8::1"),
}
_READ_SIZE = 64 * 1024
_HEAD_READ_SIZE = 16 * 1024


class Deadline:
    """The moment at which a fetch has to end."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def remaining(self) -> float:
        """Seconds left. Raises `FetchFailed` with `timeout_total` when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise FetchFailed("timeout_total")
        return left

    def within(self, seconds: float) -> "Deadline":
        """This deadline, or one in `seconds` from now if that is earlier."""
        sooner = Deadline(seconds)
        sooner._end = min(sooner._end, self._end)
        return sooner


def is_own_machine(address: IPAddress) -> bool:
    """Whether `address` belongs to this machine: services that are not public may listen on it.

    False on a machine that is set up to bind to any address, since the test below cannot tell there.
    """
    # A machine can bind only to its own addresses, unless it is set up to bind to any address.
    return _can_bind(address) and not _can_bind(_NOBODYS[address.version])


def _can_bind(address: IPAddress) -> bool:
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True


def _families_in_turn(found: Sequence[IPAddress]) -> list[IPAddress]:
    """The same addresses, IPv4 and IPv6 in turn: if one family is dead, only one wait is lost to it."""
    first = [address for address in found if address.version == found[0].version]
    second = [address for address in found if address.version != found[0].version]
    pairs = itertools.zip_longest(first, second)
    return [address for pair in pairs for address in pair if address is not None]


class GuardedStream(httpcore2.NetworkStream):
    """One connection to a checked address. It keeps the deadline and the byte limits of the fetch."""

    def __init__(
        self, sock: socket.socket, *, limits: Limits, deadline: Deadline, recorder: Recorder | None
    ) -> None:
        self._sock = sock
        self._limits = limits
        self._deadline = deadline
        self._recorder = recorder
        self._head_complete = False
        self._wire_limit = limits.header_bytes
        self.sent_bytes = 0
        self.received_bytes = 0
        self.certificates: tuple[str, ...] = ()
        self.tls_version = ""

    def allow_body(self, size: int, seconds: float | None = None) -> None:
        """Note that the head is complete, and allow `size` more bytes as sent, within `seconds` if given."""
        self._head_complete = True
        self._wire_limit = self.received_bytes + size
        if seconds is not None:
            self._deadline = self._deadline.within(seconds)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return the bytes that arrived. `timeout` is ignored: the limits of the fetch decide.

        Raises `FetchFailed`.
        """
        if self.received_bytes > self._wire_limit:
            raise FetchFailed("too_large" if self._head_complete else "header_too_large")
        left = self._deadline.remaining()
        self._sock.settimeout(min(left, self._limits.idle_seconds))
        size = _READ_SIZE if self._head_complete else _HEAD_READ_SIZE
        try:
            data = self._sock.recv(min(max_bytes, size))
        except TimeoutError:
            self._deadline.remaining()
            raise FetchFailed("body_stalled" if self._head_complete else "connect_timeout") from None
        except ssl.SSLEOFError:
            data = b""  # closed without a TLS goodbye: the HTTP framing shows whether the body is complete
        except OSError as error:
            raise FetchFailed("net_reset", str(error)) from None
        self.received_bytes += len(data)
        if self._recorder and data:
            self._recorder.received(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of `buffer`. `timeout` is ignored. Raises `FetchFailed`."""
        self._sock.settimeout(min(self._deadline.remaining(), self._limits.idle_seconds))
        try:
            self._sock.sendall(buffer)
        except TimeoutError:
            raise FetchFailed("connect_timeout", "the request was not taken") from None
        except OSError as error:
            raise FetchFailed("net_reset", str(error)) from None
        self.sent_bytes += len(buffer)
        if self._recorder:
            self._recorder.sent(buffer)

    def close(self) -> None:
        """Close the connection."""
        self._sock.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        """Start TLS on this connection and note the certificates. `timeout` is ignored.

        `ssl_context` decides which certificates are accepted. Raises `FetchFailed` and closes the
        connection when it refuses one or when the handshake fails.
        """
        self._sock.settimeout(min(self._deadline.remaining(), self._limits.connect_seconds))
        try:
            secure = ssl_context.wrap_socket(self._sock, server_hostname=server_hostname)
        except ssl.SSLCertVerificationError as error:
            self.close()
            code = _CERTIFICATE_CODES.get(error.verify_code, "tls_untrusted")
            raise FetchFailed(code, error.verify_message) from None
        except TimeoutError:
            self.close()
            raise FetchFailed("connect_timeout", "the TLS handshake took too long") from None
        except ssl.SSLError as error:
            self.close()
            raise FetchFailed("tls_protocol", str(error)) from None
        except OSError as error:
            self.close()
            raise FetchFailed("net_reset", str(error)) from None
        self._sock = secure
        self.tls_version = secure.version() or ""
        self.certificates = tuple(hashlib.sha256(der).hexdigest() for der in _chain(secure))
        return self

    def get_extra_info(self, info: str) -> Any:
        """Return the socket for `socket`: the client needs it to notice a closed connection. Else None."""
        return self._sock if info == "socket" else None


def _chain(secure: ssl.SSLSocket) -> list[bytes]:
    """The certificates as the server sent them, its own first, in DER."""
    # Public since Python 3.13. Before that, the object underneath has the same list.
    public = getattr(secure, "get_unverified_chain", None)
    if public is not None:
        return list(public())
    hidden = getattr(getattr(secure, "_sslobj", None), "get_unverified_chain", None)
    if hidden is not None:
        return [ssl.PEM_cert_to_DER_cert(certificate.public_bytes()) for certificate in hidden() or ()]
    own = secure.getpeercert(binary_form=True)
    return [own] if own else []


class GuardedBackend(httpcore2.NetworkBackend):
    """Connects to a host by name, but only to addresses that the policy accepts.

    `answers` (the addresses that the name resolved to), `address` (the one connected to) and `stream`
    describe the last connection.
    """

    def __init__(
        self,
        *,
        limits: Limits,
        deadline: Deadline,
        allowed_networks: Sequence[Opening],
        resolver: Resolver,
        recorder: Recorder | None,
    ) -> None:
        self._limits = limits
        self._deadline = deadline
        self._allowed_networks = allowed_networks
        self._resolver = resolver
        self._recorder = recorder
        self.answers: tuple[str, ...] = ()
        self.address = ""
        self.stream: GuardedStream | None = None

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore2.NetworkStream:
        """Resolve, check and connect. `timeout` is ignored: the limits of the fetch decide.

        Raises `FetchFailed`.
        """
        seconds = min(self._limits.resolve_seconds, self._deadline.remaining())
        found = resolve(host, port, seconds=seconds, resolver=self._resolver)
        self.answers = tuple(str(address) for address in found)
        check_answers(found, port, self._allowed_networks)
        for address in found:
            if not is_opened(address, port, self._allowed_networks) and is_own_machine(address):
                raise FetchFailed("policy_private_address", f"{address} is this machine")
        sock = self._connect_to_any(_families_in_turn(found), port)
        self.stream = GuardedStream(
            sock, limits=self._limits, deadline=self._deadline, recorder=self._recorder
        )
        return self.stream

    def _connect_to_any(self, found: Sequence[IPAddress], port: int) -> socket.socket:
        failure = FetchFailed("dns_nxdomain", "no address")
        for address in found:
            seconds = min(self._limits.connect_seconds, self._deadline.remaining())
            try:
                sock = socket.create_connection((str(address), port), timeout=seconds)
            except ConnectionRefusedError as error:
                failure = FetchFailed("connect_refused", f"{address}: {error}")
            except TimeoutError:
                failure = FetchFailed("connect_timeout", f"{address}: no answer within {seconds:.1f} s")
            except ConnectionError as error:
                failure = FetchFailed("net_reset", f"{address}: {error}")
            except OSError as error:
                failure = FetchFailed("net_unreachable", f"{address}: {error}")
            else:
                return self._checked_peer(sock, address)
        raise failure

    def _checked_peer(self, sock: socket.socket, address: IPAddress) -> socket.socket:
        try:
            peer = ipaddress.ip_address(sock.getpeername()[0])
        except OSError as error:
            sock.close()
            raise FetchFailed("net_reset", str(error)) from None  # reset before the address could be read
        if peer != address:
            sock.close()
            raise FetchFailed("policy_private_address", f"meant {address}, reached {peer}")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.address = str(address)
        return sock
