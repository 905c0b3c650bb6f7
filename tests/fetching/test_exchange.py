import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from annotations.fetching import Fetched, FetchFailed, exchange
from tests.fakes.site import Site, response
from tests.fetching.conftest import LOOPBACK, SHORT

TLS = Path(__file__).parents[1] / "fakes" / "tls"


@pytest.fixture
def other() -> Iterator[Site]:
    with Site() as running:
        yield running


def put(url: str, **options: object) -> Fetched:
    settings = {"user_agent": "Test/1", "limits": SHORT, "allowed_networks": LOOPBACK} | options
    return exchange(url, **settings)  # type: ignore[arg-type]


def lines(request: bytes) -> list[bytes]:
    return request.lower().partition(b"\r\n\r\n")[0].split(b"\r\n")


def test_a_request_arrives_whole_with_its_headers(site: Site) -> None:
    answer = put(
        site.url("/echo"),
        body=b"\x30\x00query",
        content_type="application/timestamp-query",
        headers=[("Authorization", "LOW key:secret")],
    )
    assert (answer.code, answer.status, answer.media_type) == ("ok", 200, "text/plain")
    assert answer.body == site.requests[0]
    assert answer.body.endswith(b"\r\n\r\n\x30\x00query")
    assert answer.body.startswith(b"POST /echo HTTP/1.1\r\n")
    for line in (b"authorization: low key:secret", b"content-type: application/timestamp-query",
                 b"content-length: 7", b"user-agent: test/1"):  # fmt: skip
        assert lines(site.requests[0]).count(line) == 1


def test_a_get_request_has_no_body_and_no_content_headers(site: Site) -> None:
    put(site.url("/echo"), method="GET", headers=[("Accept-Datetime", "Thu, 31 May 2007 20:35:00 GMT")])
    assert site.requests[0].startswith(b"GET /echo HTTP/1.1\r\n")
    assert b"accept-datetime: thu, 31 may 2007 20:35:00 gmt" in lines(site.requests[0])
    assert not [line for line in lines(site.requests[0]) if line.startswith(b"content-")]


@pytest.mark.parametrize("code", ["301", "302", "303"])
def test_a_redirect_is_followed_with_get_and_headers_stay_with_their_site(
    site: Site, other: Site, code: str
) -> None:
    secret = [("Authorization", "LOW key:secret")]
    put(site.url(f"/redirect?code={code}&to=/echo"), body=b"x", content_type="text/plain", headers=secret)
    assert site.requests[1].startswith(b"GET /echo HTTP/1.1\r\n")
    assert b"authorization: low key:secret" in lines(site.requests[1])
    assert not [line for line in lines(site.requests[1]) if line.startswith(b"content-")]
    put(site.url(f"/redirect?code={code}&to={other.url('/echo')}"), body=b"x", headers=secret)
    assert other.requests[0].startswith(b"GET /echo HTTP/1.1\r\n")
    assert b"authorization" not in other.requests[0].lower()


@pytest.mark.parametrize("code", ["307", "308"])
def test_a_body_is_sent_again_to_its_own_site_and_to_no_other(site: Site, other: Site, code: str) -> None:
    put(site.url(f"/redirect?code={code}&to=/echo"), body=b"once more")
    assert site.requests[1].startswith(b"POST /echo HTTP/1.1\r\n")
    assert site.requests[1].endswith(b"\r\n\r\nonce more")
    with pytest.raises(FetchFailed) as failed:
        put(site.url(f"/redirect?code={code}&to={other.url('/echo')}"), body=b"once more")
    assert (failed.value.code, other.requests) == ("policy_redirect", [])


def test_no_request_is_redirected_from_https_to_http(site: Site) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "localhost.pem")
    with Site(tls=context) as secured:
        secured.pages["/save"] = response(b"", f"Location: {site.url('/echo')}", status="303 See Other")
        with pytest.raises(FetchFailed) as failed:
            put(
                secured.url("/save", host="localhost"),
                body=b"x",
                resolver=lambda host, port: ["127.0.0.1"],
                tls=ssl.create_default_context(cafile=str(TLS / "localhost.pem")),
            )
    assert (failed.value.code, len(failed.value.hops), site.requests) == ("policy_redirect", 1, [])


def test_services_are_reached_by_the_same_policy_as_pages(site: Site) -> None:
    with pytest.raises(FetchFailed) as failed:
        put(site.url("/echo"), allowed_networks=())
    assert failed.value.code in {"policy_private_address", "url_port"}
    with pytest.raises(FetchFailed) as failed:
        put(site.url("/redirect?to=http://169.254.169.254/"), body=b"x")
    assert failed.value.code == "policy_private_address"
    with pytest.raises(FetchFailed) as failed:
        put(site.url("/echo"), denied_hosts=["127.0.0.1"])
    assert failed.value.code == "policy_denylist"
    assert len(site.requests) == 1


def test_a_refusal_of_a_service_is_returned_and_not_interpreted(site: Site) -> None:
    assert put(site.url("/status?code=503&after=60")).code == "http_503"
    assert put(site.url("/bot-wall")).code == "http_403"


def test_redirects_of_a_service_in_a_circle_are_given_up(site: Site) -> None:
    with pytest.raises(FetchFailed) as failed:
        put(site.url("/loop"))
    assert failed.value.code == "too_many_redirects"
