"""One page fetched: hop by hop, within limits, from checked machines only."""

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
    Network,
    parse_address,
    resolve_address,
)
from annotations.fetching.failures import FetchFailed
from annotations.fetching.fetched import MEBIBYTE, Conditional, Fetched, Limits, Recorder
from annotations.fetching.hop import Answer, Body, Question, Road, ask
from annotations.fetching.network import Deadline
from annotations.fetching.refreshing import where_the_page_leads
from annotations.fetching.resolving import Resolver, system_resolver
from annotations.fetching.walls import wall_in_front

DEFAULT_LIMITS = Limits()
EXCHANGE_LIMITS = Limits(
    total_seconds=30.0, body_bytes=MEBIBYTE, pdf_bytes=MEBIBYTE, decoded_bytes=4 * MEBIBYTE, redirects=3
)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SAME_QUESTION = frozenset({307, 308})
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([A-Za-z0-9_.:\-]{1,40})", re.IGNORECASE)
_ACCEPT = "text/html,application/xhtml+xml,application/pdf;q=0.9,text/plain;q=0.8,*/*;q=0.5"


@dataclass
class _Journey:
    """A fetch under way: where it has been and what it noticed."""

    road: Road
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
    allowed_networks: Sequence[Network] = (),
    denied_hosts: Sequence[str] = (),
    conditional: Conditional | None = None,
    recorder: Recorder | None = None,
    enter: Callable[[str, float], None] | None = None,
    resolver: Resolver = system_resolver,
    tls: ssl.SSLContext | None = None,
    verify_tls: bool = True,
) -> Fetched:
    """Fetch `url`, following redirects, and return whatever the last site answered.

    An answer that is not the page (404, a bot check, a body cut short) is returned too, with its
    outcome in `code`. Only public machines are reached, and those in `allowed_networks`; none
    of `denied_hosts` or below them. Sends no cookies, uses no proxy, keeps no connection.
    `recorder` sees the exact bytes of each hop.

    `enter` is told the name of each host that the page leads on to before it is asked, and the
    seconds that are left; it may wait its turn, or raise `FetchFailed`.

    `verify_tls=False` takes any certificate, on every hop, for someone who asked for just that;
    what comes back then carries the warning `tls_unverified`.

    Raises `FetchFailed` when there is no answer to keep.
    """
    journey = _Journey(
        Road(
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
        journey.warnings.add("tls_unverified")
    try:
        return _follow(_parsed(url, allowed_networks), journey, user_agent, conditional or Conditional())
    except FetchFailed as failure:
        failure.hops = tuple(journey.hops)
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
    allowed_networks: Sequence[Network] = (),
    denied_hosts: Sequence[str] = (),
    recorder: Recorder | None = None,
    resolver: Resolver = system_resolver,
    tls: ssl.SSLContext | None = None,
) -> Fetched:
    """Put a question to a service, such as a time-stamping authority, by the rules of `fetch`.

    `code` is that of the status, or of an answer that broke off; nothing is read into the answer.
    A redirect is followed with GET; `headers` stay with the site they were meant for. A redirect
    that would send `body` to another site, or lead from https to http, is refused.

    Raises `FetchFailed`, with `policy_redirect` for the last.
    """
    journey = _Journey(
        Road(
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
        return _pursue(_parsed(url, allowed_networks), journey, user_agent, method, own, sent)
    except FetchFailed as failure:
        failure.hops = tuple(journey.hops)
        raise


@functools.cache
def _verifying() -> ssl.SSLContext:
    # Reading the certificates of the machine takes tens of milliseconds, too long for every fetch.
    return httpcore2.default_ssl_context()


@functools.cache
def _unverifying() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _parsed(url: str, allowed_networks: Sequence[Network]) -> Address:
    try:
        return parse_address(url, open_networks=allowed_networks)
    except AddressRefused as refused:
        raise FetchFailed(refused.code, refused.sentence) from None


def _follow(address: Address, journey: _Journey, user_agent: str, conditional: Conditional) -> Fetched:
    asked, seen, reached_by, refreshed = address.url, {address.url}, "", False
    while True:
        headers = _page_headers(address, user_agent)
        if not journey.hops:
            # Validators belong to the page that was asked for, not to where it may lead today.
            headers += _validators(conditional)
        question = Question("GET", tuple(headers))
        with ask(address, question, journey.road, journey.hops, reached_by=reached_by) as answer:
            location = _location(answer)
            if location:
                answer.set_aside()
                following, reached_by = _next_address(address, location, journey), "redirect"
                if following.url in seen:
                    raise FetchFailed("redirect_loop", following.url)
            else:
                body = answer.read()
                led = None if refreshed or body.code else _refresh(address, answer, body, journey)
                if led is None or led.url in seen:
                    break
                following, reached_by, refreshed = led, "meta_refresh", True
                journey.warnings.add("meta_refresh")
        _check_step(address, following, journey)
        if journey.enter is not None and following.host != address.host:
            journey.enter(following.host, journey.road.deadline.remaining())
        seen.add(following.url)
        address = following
    code = wall_in_front(answer.status, answer.headers, body.data, tuple(journey.hops), asked)
    if answer.status == 304 and not (conditional.etag or conditional.last_modified):
        code = "http_unexpected"  # unchanged since when, if nobody named an earlier page?
    return _fetched(address, answer, body, journey, code or _code(answer.status, body.code))


def _pursue(
    address: Address,
    journey: _Journey,
    user_agent: str,
    method: str,
    own: Sequence[tuple[str, str]],
    body: bytes | None,
) -> Fetched:
    while True:
        reached_by = "redirect" if journey.hops else ""
        headers = (*_general_headers(address, user_agent), ("Accept-Encoding", "identity"), *own)
        question = Question(method, headers, body)
        with ask(address, question, journey.road, journey.hops, reached_by=reached_by) as answer:
            location = _location(answer)
            if not location:
                read = answer.read()
                break
            answer.set_aside()
            following = _next_address(address, location, journey)
        _check_step(address, following, journey)
        same_site = (following.scheme, following.host, following.port) == (
            address.scheme, address.host, address.port
        )  # fmt: skip
        if "downgraded" in journey.warnings:
            raise FetchFailed("policy_redirect", following.url)
        if answer.status in _SAME_QUESTION and body is not None and not same_site:
            raise FetchFailed("policy_redirect", following.url)
        if answer.status not in _SAME_QUESTION and method != "HEAD":
            method, body = "GET", None
            own = [(name, value) for name, value in own if name.lower() != "content-type"]
        if not same_site:
            own = ()
        address = following
    return _fetched(address, answer, read, journey, _code(answer.status, read.code))


def _location(answer: Answer) -> str:
    return answer.header("location") if answer.status in _REDIRECTS else ""


def _next_address(address: Address, location: str, journey: _Journey) -> Address:
    try:
        return resolve_address(address, location, open_networks=journey.road.allowed_networks)
    except AddressRefused as refused:
        raise FetchFailed(refused.code, f"redirected to {location[:200]!r}") from None


def _refresh(address: Address, answer: Answer, body: Body, journey: _Journey) -> Address | None:
    """Where the page itself sends its visitors at once, as a browser without scripts would go."""
    is_page = 200 <= answer.status < 300 and answer.media_type in ("text/html", "application/xhtml+xml", "")
    target = where_the_page_leads(answer.header("refresh"), body.data) if is_page else ""
    return _next_address(address, target, journey) if target else None


def _check_step(address: Address, following: Address, journey: _Journey) -> None:
    if len(journey.hops) > journey.road.limits.redirects:
        raise FetchFailed("too_many_redirects")
    if (address.scheme, following.scheme) == ("https", "http"):
        journey.warnings.add("downgraded")


def _general_headers(address: Address, user_agent: str) -> list[tuple[str, str]]:
    return [("Host", address.authority), ("User-Agent", user_agent), ("Connection", "close")]


def _page_headers(address: Address, user_agent: str) -> list[tuple[str, str]]:
    return [*_general_headers(address, user_agent), ("Accept", _ACCEPT), ("Accept-Encoding", ACCEPTED)]


def _validators(conditional: Conditional) -> list[tuple[str, str]]:
    pairs = (("If-None-Match", conditional.etag), ("If-Modified-Since", conditional.last_modified))
    return [(name, value) for name, value in pairs if value]


def _fetched(address: Address, answer: Answer, body: Body, journey: _Journey, code: str) -> Fetched:
    charset = _CHARSET.search(answer.header("content-type"))
    return Fetched(
        code=code,
        final_url=address.url,
        hops=tuple(journey.hops),
        status=answer.status,
        headers=answer.headers,
        body=body.data,
        media_type=answer.media_type,
        charset_hint=charset[1].lower() if charset else "",
        truncated=bool(body.code),
        warnings=tuple(sorted(journey.warnings | ({"truncated"} if body.code else set()))),
        started_at=journey.started_at,
        elapsed=timedelta(seconds=time.monotonic() - journey.clock),
        wire_bytes=body.wire_bytes,
        retry_after=_retry_after(answer.header("retry-after"), datetime.now(UTC)),
    )


def _code(status: int, body_code: str) -> str:
    by_status = code_for_status(status)
    # A 404 whose body broke off is still a 404; a page that broke off is not the page.
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
