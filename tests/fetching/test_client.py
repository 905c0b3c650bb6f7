import hashlib
import json
import re
import ssl
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from annotations.fetching import Conditional, Fetched, FetchFailed, fetch
from tests.fakes.site import ARTICLE, Site, response
from tests.fetching.conftest import LOOPBACK, SHORT

Get = Callable[..., Fetched]


class Tape:
    """Keeps what a recorder receives: for each hop the address, the bytes sent and the bytes received."""

    def __init__(self) -> None:
        self.hops: list[tuple[str, bytearray, bytearray]] = []

    def begin(self, url: str) -> None:
        self.hops.append((url, bytearray(), bytearray()))

    def sent(self, data: bytes) -> None:
        self.hops[-1][1].extend(data)

    def received(self, data: bytes) -> None:
        self.hops[-1][2].extend(data)


def test_a_page_comes_back_whole_with_its_facts(get: Get, site: Site) -> None:
    fetched = get("/article")
    assert (fetched.code, fetched.status, fetched.body) == ("ok", 200, ARTICLE)
    assert (fetched.media_type, fetched.charset_hint) == ("text/html", "utf-8")
    assert fetched.final_url == site.url("/article")
    assert [(hop.url, hop.status, hop.address) for hop in fetched.hops] == [
        (site.url("/article"), 200, "127.0.0.1")
    ]
    assert fetched.header("etag") == '"v1"'
    assert not fetched.truncated
    assert fetched.warnings == ()


def test_the_request_says_who_asks_and_carries_no_cookie(get: Get, site: Site) -> None:
    get("/redirect?to=/article")
    assert len(site.requests) == 2
    for request in site.requests:
        lines = request.lower().split(b"\r\n")
        assert b"user-agent: test/1" in lines
        assert f"host: 127.0.0.1:{site.port}".encode() in lines
        assert not [line for line in lines if line.startswith((b"cookie:", b"authorization:", b"referer:"))]


def test_no_proxy_is_taken_from_the_environment(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")
    assert get("/article").code == "ok"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "raw-deflate", "br", "zstd"])
def test_every_coding_we_offer_is_undone(get: Get, coding: str) -> None:
    fetched = get(f"/coded?as={coding}")
    assert (fetched.code, fetched.body) == ("ok", ARTICLE)
    assert fetched.wire_bytes < len(ARTICLE)


@pytest.mark.parametrize(
    ("status", "code"),
    [(404, "http_404"), (410, "http_410"), (451, "http_451"), (403, "http_403"), (429, "http_429"),
     (500, "http_5xx"), (503, "http_503"), (418, "http_4xx")],
)  # fmt: skip
def test_a_page_that_says_no_is_returned_with_its_body(get: Get, status: int, code: str) -> None:
    fetched = get(f"/status?code={status}")
    assert (fetched.code, fetched.status, fetched.body) == (code, status, b"<h1>Sorry</h1>")


def test_when_to_come_back_is_read_as_seconds_or_as_a_date(get: Get) -> None:
    assert get("/status?code=429&after=120").retry_after == timedelta(seconds=120)
    past = get("/status?code=503&after=Wed,%2021%20Oct%202015%2007:28:00%20GMT")
    assert past.retry_after == timedelta(0)
    assert get("/status?code=503&after=soon").retry_after is None


def test_an_unchanged_page_is_not_sent_again(get: Get) -> None:
    fetched = get("/conditional", conditional=Conditional(etag='"v1"'))
    assert (fetched.code, fetched.status, fetched.body) == ("not_modified", 304, b"")


def test_redirects_are_followed_ten_times_and_no_more(get: Get) -> None:
    assert len(get("/chain/10").hops) == 11
    with pytest.raises(FetchFailed) as failed:
        get("/chain/11")
    assert failed.value.code == "too_many_redirects"
    assert len(failed.value.hops) == 11


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/loop", "redirect_loop"),
        ("/redirect?to=http://10.0.0.1/", "policy_private_address"),
        ("/redirect?to=http://169.254.169.254/latest/meta-data/", "policy_private_address"),
        ("/redirect?to=ftp://example.org/", "url_scheme"),
        ("/redirect?to=http://user@example.org/", "url_userinfo"),
        ("/redirect?to=http://2130706433/", "url_host"),
        ("/not-http", "protocol_error"),
    ],
)
def test_a_fetch_without_a_response_to_keep_fails_with_a_code(get: Get, path: str, code: str) -> None:
    limits = replace(SHORT, total_seconds=1.5)
    with pytest.raises(FetchFailed) as failed:
        get(path, limits=limits)
    assert failed.value.code == code
    assert failed.value.hops[0].url.endswith(path)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/short", "truncated_body"),
        ("/bad-chunks", "protocol_error"),
        ("/endless", "too_large"),
        ("/gzip-bomb", "decompression_bomb"),
        ("/not-packed", "bad_encoding"),
    ],
)
def test_a_body_that_broke_off_is_kept_and_marked_as_incomplete(get: Get, path: str, code: str) -> None:
    limits = replace(SHORT, total_seconds=1.5, body_bytes=4_000_000)
    fetched = get(path, limits=limits)
    assert fetched.code == code
    assert fetched.truncated
    assert fetched.warnings == ("truncated",)
    assert len(fetched.body) <= 4_000_000


def test_what_a_server_sends_beyond_its_own_length_is_not_the_page(get: Get) -> None:
    assert get("/long").body == ARTICLE[:50]


def test_a_connection_that_is_reset_is_named_so(get: Get) -> None:
    with pytest.raises(FetchFailed) as failed:
        get("/reset")
    assert failed.value.code in {"net_reset", "protocol_error"}


def test_a_wall_in_front_of_a_page_is_told_from_the_page(get: Get) -> None:
    assert get("/bot-wall").code == "bot_block"
    assert get("/redirect?to=/login").code == "login_redirect"
    assert get("/login").code == "ok"


def test_a_healthy_page_is_not_delayed_by_a_hostile_one_beside_it(get: Get) -> None:
    assert get("/drip", limits=replace(SHORT, total_seconds=0.5)).code == "timeout_total"
    assert get("/article").elapsed < timedelta(seconds=1)


def test_a_closed_port_is_named_so() -> None:
    with Site() as gone:
        url = gone.url("/")
    with pytest.raises(FetchFailed) as failed:
        fetch(url, user_agent="Test/1", limits=SHORT, allowed_networks=LOOPBACK)
    assert failed.value.code == "connect_refused"


TLS = Path(__file__).parents[1] / "fakes" / "tls"


def certificate(name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / f"{name}.pem")
    return context


def trusting(name: str) -> ssl.SSLContext:
    """Trust this one certificate, so that it can fail only for the reason under test."""
    return ssl.create_default_context(cafile=str(TLS / f"{name}.pem"))


def secure(site: Site, **options: object) -> Fetched:
    return fetch(
        site.url("/article", host="localhost"),
        user_agent="Test/1",
        limits=SHORT,
        allowed_networks=LOOPBACK,
        resolver=lambda host, port: ["127.0.0.1"],
        **options,  # type: ignore[arg-type]
    )


def test_a_valid_certificate_is_recorded() -> None:
    with Site(tls=certificate("localhost")) as site:
        hop = secure(site, tls=trusting("localhost")).hops[0]
    assert hop.tls_version == "TLSv1.3"
    assert len(hop.certificate_sha256) == 64


@pytest.mark.parametrize(
    ("name", "trusted", "code"),
    [
        ("localhost", False, "tls_untrusted"),
        ("elsewhere", True, "tls_name"),
        ("expired", True, "tls_expired"),
    ],
)
def test_a_certificate_that_does_not_hold_is_never_overlooked(name: str, trusted: bool, code: str) -> None:
    with Site(tls=certificate(name)) as site:
        with pytest.raises(FetchFailed) as failed:
            secure(site, tls=trusting(name) if trusted else None)
        assert failed.value.code == code
        assert site.requests == []


@pytest.mark.parametrize("name", ["localhost", "elsewhere", "expired"])
def test_an_unverified_capture_takes_any_certificate_records_it_and_says_so(name: str) -> None:
    with Site(tls=certificate(name)) as site:
        fetched = secure(site, verify_tls=False)
    assert (fetched.code, fetched.body, fetched.warnings) == ("ok", ARTICLE, ("tls_unverified",))
    der = ssl.PEM_cert_to_DER_cert(
        re.findall(r"-----BEGIN CERT.*?-----END CERT[^\n]*\n", (TLS / f"{name}.pem").read_text(), re.DOTALL)[
            0
        ]
    )
    assert fetched.hops[0].certificate_sha256 == hashlib.sha256(der).hexdigest()
    assert fetched.hops[0].certificates == (fetched.hops[0].certificate_sha256,)


def test_an_unverified_capture_is_unverified_on_every_hop(site: Site) -> None:
    with Site(tls=certificate("expired")) as second:
        site.pages["/first"] = response(b"", f"Location: {second.url('/article')}", status="301 Moved")
        options = {"user_agent": "Test/1", "limits": SHORT, "allowed_networks": LOOPBACK}
        with pytest.raises(FetchFailed) as failed:
            fetch(site.url("/first"), **options)  # type: ignore[arg-type]
        assert failed.value.code == "tls_untrusted"
        fetched = fetch(site.url("/first"), verify_tls=False, **options)  # type: ignore[arg-type]
    assert [(hop.status, bool(hop.certificates)) for hop in fetched.hops] == [(301, False), (200, True)]
    assert fetched.warnings == ("tls_unverified",)


def test_a_secure_address_that_leads_to_one_that_is_not_is_flagged(site: Site) -> None:
    with Site(tls=certificate("localhost")) as secured:
        secured.pages["/article"] = response(b"", f"Location: {site.url('/article')}", status="302 Found")
        fetched = secure(secured, tls=trusting("localhost"))
    assert (fetched.code, fetched.warnings) == ("ok", ("downgraded",))
    assert [hop.reached_by for hop in fetched.hops] == ["", "redirect"]


def test_each_hop_says_when_it_was_and_how_many_bytes_went_either_way(get: Get, site: Site) -> None:
    before = datetime.now(UTC)
    fetched = get("/redirect?to=/article")
    first, second = fetched.hops
    moments = [before, *(moment for hop in fetched.hops for moment in (hop.started_at, hop.finished_at))]
    assert None not in moments
    assert moments == sorted(moments)  # type: ignore[type-var]
    assert [hop.sent_bytes for hop in fetched.hops] == [len(request) for request in site.requests]
    assert second.received_bytes > len(ARTICLE)
    assert {hop.truncated for hop in fetched.hops} == {""}
    assert json.loads(json.dumps(first.as_json()))["started_at"] == str(moments[1]).replace(" ", "T")


@pytest.mark.parametrize(
    ("path", "reason"),
    [("/drip", "time"), ("/endless", "length"), ("/short", "disconnect"), ("/bad-chunks", "unspecified")],
)
def test_a_hop_whose_response_broke_off_says_why(get: Get, path: str, reason: str) -> None:
    fetched = get(path, limits=replace(SHORT, total_seconds=1.0, body_bytes=1_000_000))
    assert fetched.hops[-1].truncated == reason


def test_an_exchange_that_failed_leaves_its_hops_and_its_bytes(get: Get) -> None:
    tape = Tape()
    with pytest.raises(FetchFailed) as failed:
        get("/redirect?to=/not-http", recorder=tape)
    first, second = failed.value.hops
    assert (first.status, first.truncated) == (302, "")
    assert (second.status, second.truncated, second.received_bytes) == (0, "unspecified", 21)
    assert bytes(tape.hops[1][2]) == b"SSH-2.0-OpenSSH_9.6\r\n"


def test_the_body_of_a_redirect_is_recorded_but_not_waited_for(get: Get) -> None:
    tape = Tape()
    get("/redirect?to=/article", recorder=tape)
    assert tape.hops[0][2].endswith(b"<p>Over there</p>")
    fetched = get("/slow-redirect", limits=replace(SHORT, total_seconds=8.0, idle_seconds=0.3))
    assert (fetched.code, fetched.hops[0].truncated) == ("ok", "time")


def test_a_page_that_sends_its_visitors_on_is_followed_once(get: Get, site: Site) -> None:
    fetched = get("/refresh?to=/article")
    assert (fetched.code, fetched.body, fetched.warnings) == ("ok", ARTICLE, ("meta_refresh",))
    assert [hop.reached_by for hop in fetched.hops] == ["", "meta_refresh"]
    twice = get("/refresh?to=/refresh?to=/article")
    assert [hop.url for hop in twice.hops] == [
        site.url("/refresh?to=/refresh?to=/article"), site.url("/refresh?to=/article")
    ]  # fmt: skip
    assert b"Moved" in twice.body
    site.pages["/here"] = response(b"<meta http-equiv=refresh content='1; url=/there'>")
    site.pages["/there"] = response(b"<meta http-equiv=refresh content='1; url=/here'>")
    assert [hop.url for hop in get("/here").hops] == [site.url("/here"), site.url("/there")]
    assert get("/refresh?to=/article&after=600").warnings == ()


def test_a_page_that_sends_its_visitors_into_a_private_network_is_not_followed(get: Get) -> None:
    with pytest.raises(FetchFailed) as failed:
        get("/refresh?to=http://10.0.0.1/")
    assert failed.value.code == "policy_private_address"


def test_a_site_on_the_list_of_those_never_fetched_is_not_asked(site: Site, get: Get) -> None:
    with pytest.raises(FetchFailed) as failed:
        get("/article", denied_hosts=["127.0.0.1"])
    assert (failed.value.code, site.requests) == ("policy_denylist", [])
    with pytest.raises(FetchFailed) as failed:
        get("/redirect?to=https://www.Example.org/", denied_hosts=["example.org"])
    assert failed.value.code == "policy_denylist"
    assert get("/article", denied_hosts=["7.0.0.1", "example.org"]).code == "ok"


def test_a_secure_address_of_a_plain_server_is_no_secure_connection(site: Site) -> None:
    with pytest.raises(FetchFailed) as failed:
        fetch(
            site.url("/article").replace("http:", "https:"),
            user_agent="Test/1",
            limits=SHORT,
            allowed_networks=LOOPBACK,
        )
    assert failed.value.code in {"tls_protocol", "net_reset", "connect_timeout"}


def test_a_recorder_sees_the_exact_bytes_of_every_hop(get: Get, site: Site) -> None:
    tape = Tape()
    get("/redirect?to=/coded?as=gzip", recorder=tape)
    assert [bytes(sent) for _, sent, _ in tape.hops] == site.requests
    assert tape.hops[0][2].startswith(b"HTTP/1.1 302 Over There\r\n")
    assert tape.hops[1][2].count(b"\r\n\r\n\x1f\x8b") == 1


def test_the_caller_is_asked_before_another_host_is(get: Callable[..., Fetched], site: Site) -> None:
    entered: list[str] = []

    def enter(host: str, seconds: float) -> None:
        assert 0 < seconds <= 3
        entered.append(host)

    there = site.url("/article", "localhost")
    get(f"/redirect?to={there}", enter=enter)
    get("/redirect?to=/article", enter=enter)
    assert entered == ["localhost"]

    def refuse(host: str, seconds: float) -> None:
        raise FetchFailed("redirect_busy", host)

    asked = len(site.requests)
    with pytest.raises(FetchFailed) as refused:
        get(f"/redirect?to={there}", enter=refuse)
    assert (refused.value.code, len(refused.value.hops)) == ("redirect_busy", 1)
    assert len(site.requests) == asked + 1
