"""Fetch one page, or call one service: hop by hop, within limits, from checked machines only."""

import email.utils
import functools
import re
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpcore2

from annotations.domain.content_codings import ACCEPTED
from annotations.domain.fetches.outcomes import code_for_status
from annotations.domain.hops import Hop
from annotations.domain.references.addresses import (
    Address,
    AddressRefused,
    Opening,
    parse_address,
    resolve_address,
)
from annotations.fetching.fetched import MEBIBYTE, Conditional, Fetched, FetchFailed, Limits, Recorder
from annotations.fetching.hop import Body, FetchContext, Request, Response, send_request
from annotations.fetching.network import Deadline
from annotations.fetching.refreshing import where_the_page_leads
from annotations.fetching.resolving import Resolver, system_resolver
from annotations.fetching.walls import wall_in_front

DEFAULT_LIMITS = Limits()
EXCHANGE_LIMITS = Limits(
    total_seconds=30.0, body_bytes=MEBIBYTE, pdf_bytes=MEBIBYTE, decoded_bytes=4 * MEBIBYTE, redirects=3
)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_METHOD_KEPT = frozenset({307, 308})
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([A-Za-z0-9_.:\-]{1,40})", re.IGNORECASE)
_ACCEPT = "text/html,application/xhtml+xml,application/pdf;q=0.9,text/plain;q=0.8,*/*;q=0.5"


@dataclass
class _FetchRun:
    """One fetch in progress: its context, and the hops and warnings so far."""

    context: FetchContext
    enter: Callable[[str, float], None] | None = None
    hops: list[Hop] = field(default_factory=list)
    warnings: set[str] = field(default_factory=set)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    clock: float = field(default_factory=time.monotonic)


def fetch(
    url: str,
    *,
    user_agent: str,
    limits: Limits = DEFAULT_LIMITS,
    allowed_networks: Sequence[Opening] = (),
    denied_hosts: Sequence[str] = (),
    conditional: Conditional | None = None,
    recorder: Recorder | None = None,
    enter: Callable[[str, float], None] | None = None,
    resolver: Resolver = system_resolver,
    tls: ssl.SSLContext | None = None,
    verify_tls: bool = True,
) -> Fetched:
    """Fetch `url`, follow its redirects, and return the last response.

    A response that is not the page (404, a bot check, a body cut short) is returned too, with its
    outcome in `code`. Only public machines and those in `allowed_networks` are reached, and no host
    in `denied_hosts` or below one. Sends no cookies, uses no proxy, keeps no connection open.
    `recorder` receives the exact bytes of each hop.

    `enter` is called before a redirect or refresh to another host is followed, with the name of that
    host and the seconds left. It may wait for its turn, or raise `FetchFailed`.

    `verify_tls=False` accepts any certificate on every hop, for a person who asked for exactly that.
    The result then carries the warning `tls_unverified`.

    Raises `FetchFailed`, with the hops made so far, when there is no response to keep.
    """
    run = _FetchRun(
        FetchContext(
            limits=limits,
            deadline=Deadline(limits.total_seconds),
            allowed_networks=allowed_networks,
            denied_hosts=denied_hosts,
            resolver=resolver,
            recorder=recorder,
            tls=(tls or _verifying()) if verify_tls else _unverifying(),
        ),
        enter,
    )
    if not verify_tls:
        run.warnings.add("tls_unverified")
    try:
        return _follow(_parsed(url, allowed_networks), run, user_agent, conditional or Conditional())
    except FetchFailed as failure:
        failure.hops = tuple(run.hops)
        raise


def exchange(
    url: str,
    *,
    user_agent: str,
    method: str = "POST",
    body: bytes = b"",
    content_type: str = "",
    headers: Sequence[tuple[str, str]] = (),
    limits: Limits = EXCHANGE_LIMITS,
    allowed_networks: Sequence[Opening] = (),
    denied_hosts: Sequence[str] = (),
    recorder: Recorder | None = None,
    resolver: Resolver = system_resolver,
    tls: ssl.SSLContext | None = None,
) -> Fetched:
    """Send one request to a service, such as a time-stamping authority, by the rules of `fetch`.

    `code` follows from the status, or says that the body broke off. The content of the response is
    not interpreted. A redirect is followed with GET, except that 307 and 308 keep method and body.
    `headers` are sent only to the site of `url`. A redirect that would send `body` to another site,
    or that leads from https to http, is refused.

    Raises `FetchFailed`, with `policy_redirect` for a refused redirect.
    """
    run = _FetchRun(
        FetchContext(
            limits=limits,
            deadline=Deadline(limits.total_seconds),
            allowed_networks=allowed_networks,
            denied_hosts=denied_hosts,
            resolver=resolver,
            recorder=recorder,
            tls=tls or _verifying(),
        )
    )
    own = [*headers, *([("Content-Type", content_type)] if content_type else [])]
    sent = None if method in ("GET", "HEAD") else body
    try:
        return _pursue(_parsed(url, allowed_networks), run, user_agent, method, own, sent)
    except FetchFailed as failure:
        failure.hops = tuple(run.hops)
        raise


@functools.cache
def _verifying() -> ssl.SSLContext:
    # Loading the system's certificates takes tens of milliseconds: too long to repeat for every fetch.
    return httpcore2.default_ssl_context()


@functools.cache
def _unverifying() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _parsed(url: str, allowed_networks: Sequence[Opening]) -> Address:
    try:
        return parse_address(url, open_networks=allowed_networks)
    except AddressRefused as refused:
        raise FetchFailed(refused.code, refused.sentence) from None


def _follow(address: Address, run: _FetchRun, user_agent: str, conditional: Conditional) -> Fetched:
    asked, seen, reached_by, refreshed = address.url, {address.url}, "", False
    while True:
        headers = _page_headers(address, user_agent)
        if not run.hops:
            # Validators belong to the requested page, not to a page that it redirects to today.
            headers += _validators(conditional)
        request = Request("GET", tuple(headers))
        with send_request(address, request, run.context, run.hops, reached_by=reached_by) as response:
            location = _location(response)
            if location:
                response.drain()
                following, reached_by = _next_address(address, location, run), "redirect"
                if following.url in seen:
                    raise FetchFailed("redirect_loop", following.url)
            else:
                body = response.read()
                led = None if refreshed or body.code else _refresh(address, response, body, run)
                if led is None or led.url in seen:
                    break
                following, reached_by, refreshed = led, "meta_refresh", True
                run.warnings.add("meta_refresh")
        _check_step(address, following, run)
        if run.enter is not None and following.host != address.host:
            run.enter(following.host, run.context.deadline.remaining())
        seen.add(following.url)
        address = following
    code = wall_in_front(response.status, response.headers, body.data, tuple(run.hops), asked)
    if response.status == 304 and not (conditional.etag or conditional.last_modified):
        code = "http_unexpected"  # we sent no validators, so nothing can be unchanged
    return _fetched(address, response, body, run, code or _code(response.status, body.code))


def _pursue(
    address: Address,
    run: _FetchRun,
    user_agent: str,
    method: str,
    own: Sequence[tuple[str, str]],
    body: bytes | None,
) -> Fetched:
    while True:
        reached_by = "redirect" if run.hops else ""
        headers = (*_general_headers(address, user_agent), ("Accept-Encoding", "identity"), *own)
        request = Request(method, headers, body)
        with send_request(address, request, run.context, run.hops, reached_by=reached_by) as response:
            location = _location(response)
            if not location:
                read = response.read()
                break
            response.drain()
            following = _next_address(address, location, run)
        _check_step(address, following, run)
        same_site = (following.scheme, following.host, following.port) == (
            address.scheme, address.host, address.port
        )  # fmt: skip
        if "downgraded" in run.warnings:
            raise FetchFailed("policy_redirect", following.url)
        if response.status in _METHOD_KEPT and body is not None and not same_site:
            raise FetchFailed("policy_redirect", following.url)
        if response.status not in _METHOD_KEPT and method != "HEAD":
            method, body = "GET", None
            own = [(name, value) for name, value in own if name.lower() != "content-type"]
        if not same_site:
            own = ()
        address = following
    return _fetched(address, response, read, run, _code(response.status, read.code))


def _location(response: Response) -> str:
    return response.header("location") if response.status in _REDIRECTS else ""


def _next_address(address: Address, location: str, run: _FetchRun) -> Address:
    try:
        return resolve_address(address, location, open_networks=run.context.allowed_networks)
    except AddressRefused as refused:
        raise FetchFailed(refused.code, f"redirected to {location[:200]!r}") from None


def _refresh(address: Address, response: Response, body: Body, run: _FetchRun) -> Address | None:
    """The address that the page sends its visitors on to at once, as a browser without scripts sees it."""
    is_page = 200 <= response.status < 300 and response.media_type in (
        "text/html",
        "application/xhtml+xml",
        "",
    )
    target = where_the_page_leads(response.header("refresh"), body.data) if is_page else ""
    return _next_address(address, target, run) if target else None


def _check_step(address: Address, following: Address, run: _FetchRun) -> None:
    if len(run.hops) > run.context.limits.redirects:
        raise FetchFailed("too_many_redirects")
    if (address.scheme, following.scheme) == ("https", "http"):
        run.warnings.add("downgraded")


def _general_headers(address: Address, user_agent: str) -> list[tuple[str, str]]:
    return [("Host", address.authority), ("User-Agent", user_agent), ("Connection", "close")]


def _page_headers(address: Address, user_agent: str) -> list[tuple[str, str]]:
    return [*_general_headers(address, user_agent), ("Accept", _ACCEPT), ("Accept-Encoding", ACCEPTED)]


def _validators(conditional: Conditional) -> list[tuple[str, str]]:
    pairs = (("If-None-Match", conditional.etag), ("If-Modified-Since", conditional.last_modified))
    return [(name, value) for name, value in pairs if value]


def _fetched(address: Address, response: Response, body: Body, run: _FetchRun, code: str) -> Fetched:
    charset = _CHARSET.search(response.header("content-type"))
    return Fetched(
        code=code,
        final_url=address.url,
        hops=tuple(run.hops),
        status=response.status,
        headers=response.headers,
        body=body.data,
        media_type=response.media_type,
        charset_hint=charset[1].lower() if charset else "",
        truncated=bool(body.code),
        warnings=tuple(sorted(run.warnings | ({"truncated"} if body.code else set()))),
        started_at=run.started_at,
        elapsed=timedelta(seconds=time.monotonic() - run.clock),
        wire_bytes=body.wire_bytes,
        retry_after=_retry_after(response.header("retry-after"), datetime.now(UTC)),
    )


def _code(status: int, body_code: str) -> str:
    by_status = code_for_status(status)
    # A 404 whose body broke off is still a 404. A page whose body broke off is not the page.
    return body_code or by_status if by_status == "ok" else by_status


def _retry_after(value: str, now: datetime) -> timedelta | None:
    if value.strip().isascii() and value.strip().isdigit():
        return timedelta(seconds=min(int(value.strip()[:9]), 10**8))
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except (ValueError, IndexError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(timedelta(), moment - now)
