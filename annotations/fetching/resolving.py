"""Resolve a host name to IP addresses: once, and within a time limit."""

import ipaddress
import queue
import socket
import threading
from collections.abc import Callable

from annotations.domain.references.addresses import IPAddress, literal_ip
from annotations.fetching.fetched import FetchFailed

Resolver = Callable[[str, int], list[str]]


def system_resolver(host: str, port: int) -> list[str]:
    """The addresses that the machine's own resolver gives, in its order of preference."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def resolve(host: str, port: int, *, seconds: float, resolver: Resolver) -> list[IPAddress]:
    """Every address of `host`. Asks the resolver exactly once and waits at most `seconds`.

    Asks nothing if `host` is an IP address already.

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
    # The C library's look-up has no time limit and cannot be interrupted, so it runs in a thread of its own.
    # An answer that comes too late goes into a queue that nobody reads any more.
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
