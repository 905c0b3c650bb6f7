"""Names into numbers, asked for exactly once and within a time."""

import ipaddress
import queue
import socket
import threading
from collections.abc import Callable

from annotations.domain.references.addresses import IPAddress, literal_ip
from annotations.fetching.failures import FetchFailed

Resolver = Callable[[str, int], list[str]]


def system_resolver(host: str, port: int) -> list[str]:
    """What the machine's own resolver says, in its order of preference."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def resolve(host: str, port: int, *, seconds: float, resolver: Resolver) -> list[IPAddress]:
    """Every address of `host`, asked for exactly once, within `seconds`.

    Raises `FetchFailed` with `dns_nxdomain`, `dns_timeout` or `dns_failure`.
    """
    literal = literal_ip(host)
    if literal is not None:
        return [literal]
    answers = _ask(host, port, seconds, resolver)
    if isinstance(answers, socket.gaierror):
        unknown = answers.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
        raise FetchFailed("dns_nxdomain" if unknown else "dns_failure", str(answers))
    if isinstance(answers, Exception):
        raise FetchFailed("dns_failure", str(answers))
    try:
        return [ipaddress.ip_address(text) for text in answers]
    except ValueError as error:
        raise FetchFailed("dns_failure", str(error)) from None


def _ask(host: str, port: int, seconds: float, resolver: Resolver) -> list[str] | Exception:
    # The C library's look-up has no time limit of its own and cannot be interrupted, so it runs beside us;
    # an answer that comes too late falls into a queue nobody reads any more.
    answered: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            answered.put(resolver(host, port))
        except (OSError, UnicodeError) as error:
            answered.put(error)

    threading.Thread(target=look_up, name=f"resolve {host}", daemon=True).start()
    try:
        return answered.get(timeout=seconds)
    except queue.Empty:
        raise FetchFailed("dns_timeout", f"no answer for {host} within {seconds:.1f} s") from None
