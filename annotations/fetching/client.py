"""One page fetched: hop by hop, within limits, from checked machines only."""

import contextlib
import email.utils
import io
import re
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import httpcore2

from annotations.domain.addresses import Address, AddressRefused, Network, parse_address, resolve_address
from annotations.domain.fetch_outcomes import code_for_status
from annotations.fetching.decoding import ACCEPTED, Decoder
from annotations.fetching.failures import FetchFailed
from annotations.fetching.fetched import Conditional, Fetched, Hop, Limits, Recorder, first_header
from annotations.fetching.network import Deadline, GuardedBackend, Resolver, system_resolver
from annotations.fetching.walls import wall_in_front

DEFAULT_LIMITS = Limits()
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([A-Za-z0-9_.:\-]{1,40})", re.IGNORECASE)
_ACCEPT = "text/html,application/xhtml+xml,application/pdf;q=0.9,text/plain;q=0.8,*/*;q=0.5"


@dataclass(frozen=True)
class _Settings:
    limits: Limits
    deadline: Deadline
    allowed_networks: Sequence[Network]
    user_agent: str
    conditional: Conditional
    resolver: Resolver
    recorder: Recorder | None
    tls: ssl.SSLContext


@dataclass(frozen=True)
class _Body:
    data: bytes
    code: str
    wire_bytes: int


def fetch(
    url: str,
    *,
    user_agent: str,
    limits: Limits = DEFAULT_LIMITS,
    allowed_networks: Sequence[Network] = (),
    conditional: Conditional | None = None,
    recorder: Recorder | None = None,
    resolver: Resolver = system_resolver,
    tls: ssl.SSLContext | None = None,
) -> Fetched:
    """Fetch `url`, following redirects, and return whatever the last site answered.

    An answer that is not the page (404, a bot check, a body cut short) is returned too, with its
    outcome in `code`. Only public machines are reached, and those in `allowed_networks`. Sends no
    cookies, uses no proxy, keeps no connection. `recorder` sees the exact bytes of each hop.

    Raises `FetchFailed` when there is no answer to keep.
    """
    started_at, clock = datetime.now(UTC), time.monotonic()
    settings = _Settings(
        limits=limits,
        deadline=Deadline(limits.total_seconds),
        allowed_networks=allowed_networks,
        user_agent=user_agent,
        conditional=conditional or Conditional(),
        resolver=resolver,
        recorder=recorder,
        tls=tls or httpcore2.default_ssl_context(),
    )
    hops: list[Hop] = []
    try:
        fetched = _follow(_parsed(url, allowed_networks), settings, hops)
    except FetchFailed as failure:
        failure.hops = tuple(hops)
        raise
    return replace(fetched, started_at=started_at, elapsed=timedelta(seconds=time.monotonic() - clock))


def _parsed(url: str, allowed_networks: Sequence[Network]) -> Address:
    try:
        return parse_address(url, open_networks=allowed_networks)
    except AddressRefused as refused:
        raise FetchFailed(refused.code, refused.sentence) from None


def _follow(address: Address, settings: _Settings, hops: list[Hop]) -> Fetched:
    asked, seen, warnings = address.url, {address.url}, set[str]()
    while True:
        with contextlib.ExitStack() as stack:
            response, hop, backend = _request(address, settings, hops, stack)
            location = first_header(hop.headers, "location")
            if hop.status in _REDIRECTS and location:
                following = _next_address(address, location, settings)
                if following.url in seen:
                    raise FetchFailed("redirect_loop", following.url)
                if len(hops) > settings.limits.redirects:
                    raise FetchFailed("too_many_redirects")
                if (address.scheme, following.scheme) == ("https", "http"):
                    warnings.add("downgraded")
                seen.add(following.url)
                address = following
                continue
            body = _read(response, hop, backend, settings.limits)
        return _fetched(address, asked, hops, body, warnings)


def _request(
    address: Address, settings: _Settings, hops: list[Hop], stack: contextlib.ExitStack
) -> tuple[httpcore2.Response, Hop, GuardedBackend]:
    backend = GuardedBackend(
        limits=settings.limits,
        deadline=settings.deadline,
        allowed_networks=settings.allowed_networks,
        resolver=settings.resolver,
        recorder=settings.recorder,
    )
    hops.append(Hop(url=address.url))
    if settings.recorder:
        settings.recorder.begin(address.url)
    pool = stack.enter_context(
        httpcore2.ConnectionPool(
            ssl_context=settings.tls, http1=True, http2=False, retries=0, network_backend=backend
        )
    )
    url = httpcore2.URL(
        scheme=address.scheme.encode(),
        host=address.host.encode(),
        port=address.port,
        target=address.target.encode(),
    )
    try:
        response = pool.handle_request(
            httpcore2.Request("GET", url, headers=_headers(address, settings, first=len(hops) == 1))
        )
    except (httpcore2.ProtocolError, httpcore2.UnsupportedProtocol) as error:
        raise FetchFailed("protocol_error", str(error)) from None
    finally:
        stream = backend.stream
        hops[-1] = replace(
            hops[-1],
            address=backend.address,
            answers=backend.answers,
            tls_version=stream.tls_version if stream else "",
            certificate_sha256=stream.certificate_sha256 if stream else "",
        )
    stack.callback(response.close)
    headers = tuple((_text(name), _text(value)) for name, value in response.headers)
    hops[-1] = replace(hops[-1], status=response.status, headers=headers)
    return response, hops[-1], backend


def _headers(address: Address, settings: _Settings, *, first: bool) -> list[tuple[bytes, bytes]]:
    lines = [
        ("Host", address.authority),
        ("User-Agent", settings.user_agent),
        ("Accept", _ACCEPT),
        ("Accept-Encoding", ACCEPTED),
        ("Connection", "close"),
    ]
    # Validators belong to the page that was asked for, not to where it may lead today.
    if first and settings.conditional.etag:
        lines.append(("If-None-Match", settings.conditional.etag))
    if first and settings.conditional.last_modified:
        lines.append(("If-Modified-Since", settings.conditional.last_modified))
    return [(name.encode(), value.encode("latin-1", "replace")) for name, value in lines]


def _next_address(address: Address, location: str, settings: _Settings) -> Address:
    try:
        return resolve_address(address, location, open_networks=settings.allowed_networks)
    except AddressRefused as refused:
        raise FetchFailed(refused.code, f"redirected to {location[:200]!r}") from None


def _read(response: httpcore2.Response, hop: Hop, backend: GuardedBackend, limits: Limits) -> _Body:
    kept = io.BytesIO()
    code = ""
    size = limits.pdf_bytes if _media_type(hop.headers) == "application/pdf" else limits.body_bytes
    stream = backend.stream
    if stream:
        stream.allow_body(size)
    before = stream.received_bytes if stream else 0
    taken = 0
    try:
        encoding = ",".join(value for name, value in hop.headers if name.lower() == "content-encoding")
        decoder = Decoder(encoding, limits)
        for data in response.iter_stream():
            taken += len(data)
            if taken > size:
                raise FetchFailed("too_large", f"more than {size} bytes")
            for piece in decoder.feed(data):
                kept.write(piece)
        if not decoder.complete():
            code = "truncated_body"
    except FetchFailed as failure:
        code = failure.code
    except httpcore2.ProtocolError as error:
        code = "truncated_body" if "complete message body" in str(error) else "protocol_error"
    received = (stream.received_bytes - before) if stream else taken
    return _Body(kept.getvalue(), code, max(taken, received))


def _fetched(address: Address, asked: str, hops: list[Hop], body: _Body, warnings: set[str]) -> Fetched:
    last = hops[-1]
    wall = wall_in_front(last.status, last.headers, body.data, tuple(hops), asked)
    charset = _CHARSET.search(first_header(last.headers, "content-type"))
    now = datetime.now(UTC)
    return Fetched(
        code=wall or _code(last.status, body.code),
        final_url=address.url,
        hops=tuple(hops),
        status=last.status,
        headers=last.headers,
        body=body.data,
        media_type=_media_type(last.headers),
        charset_hint=charset[1].lower() if charset else "",
        truncated=bool(body.code),
        warnings=tuple(sorted(warnings | ({"truncated"} if body.code else set()))),
        started_at=now,
        elapsed=timedelta(),
        wire_bytes=body.wire_bytes,
        retry_after=_retry_after(first_header(last.headers, "retry-after"), now),
    )


def _code(status: int, body_code: str) -> str:
    by_status = code_for_status(status)
    # A 404 whose body broke off is still a 404; a page that broke off is not the page.
    return body_code or by_status if by_status == "ok" else by_status


def _media_type(headers: tuple[tuple[str, str], ...]) -> str:
    return first_header(headers, "content-type").partition(";")[0].strip().lower()[:100]


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _retry_after(value: str, now: datetime) -> timedelta | None:
    if value.strip().isascii() and value.strip().isdigit():
        return timedelta(seconds=min(int(value.strip()[:9]), 10**8))
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except (ValueError, IndexError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(timedelta(), moment - now)
