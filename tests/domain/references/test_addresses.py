import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.fetches.outcomes import OUTCOMES
from annotations.domain.references.addresses import (
    MAX_ADDRESS_LENGTH,
    WEB_PORTS,
    AddressRefused,
    canonical,
    parse_address,
    resolve_address,
)

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]


@pytest.mark.parametrize(
    ("given_address", "url"),
    [
        ("https://example.org", "https://example.org/"),
        ("  HTTPS://Example.ORG:443/Path?q=1#part ", "https://example.org/Path?q=1"),
        ("http://example.org:80?q", "http://example.org/?q"),
        ("http://example.org:8080/a", "http://example.org:8080/a"),
        ("https://bücher.example/straße", "https://xn--bcher-kva.example/stra%C3%9Fe"),
        ("https://例え。テスト/", "https://xn--r8jz45g.xn--zckzah/"),
        ("https://example.org./a", "https://example.org/a"),
        ("https://example.org/a b?c d", "https://example.org/a%20b?c%20d"),
        ("http://[2606:2800:220:1:248:1893:25C8:1946]/", "http://[2606:2800:220:1:248:1893:25c8:1946]/"),
        ("http://93.184.216.34/", "http://93.184.216.34/"),
        ("https://my_site.example.org/", "https://my_site.example.org/"),
    ],
)
def test_an_address_is_read_as_a_browser_reads_it(given_address: str, url: str) -> None:
    assert parse_address(given_address).url == url


@pytest.mark.parametrize(
    ("given_address", "code"),
    [
        ("", "url_invalid"),
        ("https:/example.org", "url_invalid"),
        ("https://example.org\\@evil.example", "url_invalid"),
        ("https://exa\tmple.org/", "url_invalid"),
        ("https://example.org/\x00", "url_invalid"),
        ("https://example.org/" + "a" * 5000, "url_invalid"),
        ("example.org/page", "url_scheme"),
        ("file:///etc/passwd", "url_scheme"),
        ("gopher://example.org/", "url_scheme"),
        ("javascript:alert(1)", "url_scheme"),
        ("https://user@example.org/", "url_userinfo"),
        ("https://public.example@127.0.0.1/", "url_userinfo"),
        ("https:///path", "url_host"),
        ("https://exa mple.org/", "url_host"),
        ("https://%31%32%37.0.0.1/", "url_host"),
        ("https://-.example/", "url_host"),
        ("https://a..example/", "url_host"),
        ("http://[::1/", "url_host"),
        ("http://[fe80::1%25eth0]/", "url_host"),
        ("http://[::1]x/", "url_host"),
        ("http://0x7f000001/", "url_host"),
        ("http://2130706433/", "url_host"),
        ("http://0177.0.0.1/", "url_host"),
        ("http://127.1/", "url_host"),
        ("http://127.0.0.1.1/", "url_host"),
        ("http://127.0.0.0x1/", "url_host"),
        ("http://1.2.3.999/", "url_host"),
        ("http://①②⑦.0.0.0x1/", "url_host"),
        ("https://example.org:22/", "url_port"),
        ("https://example.org:0/", "url_port"),
        ("https://example.org:65536/", "url_port"),
        ("https://example.org:٨٠/", "url_port"),
        ("https://example.org:80:80/", "url_port"),
    ],
)
def test_what_is_no_plain_web_address_is_refused_with_a_code_of_the_table(
    given_address: str, code: str
) -> None:
    with pytest.raises(AddressRefused) as refused:
        parse_address(given_address)
    assert refused.value.code == code
    assert code in OUTCOMES


def test_circled_digits_are_the_digits_they_look_like() -> None:
    assert parse_address("http://①②⑦.0.0.1/").host == "127.0.0.1"


def test_another_port_passes_only_inside_an_open_network() -> None:
    assert parse_address("http://127.0.0.1:9999/", open_networks=LOOPBACK).port == 9999
    assert parse_address("http://localhost:9999/", open_networks=LOOPBACK).port == 9999
    for outside in ("http://127.0.0.1:9999/", "http://10.0.0.1:9999/", "http://example.org:9999/"):
        networks = [] if "127" in outside else LOOPBACK
        with pytest.raises(AddressRefused) as refused:
            parse_address(outside, open_networks=networks)
        assert refused.value.code == "url_port"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://Example.org/a?b=1&utm_source=x&fbclid=y#z", "https://example.org/a?b=1"),
        ("https://example.org:443", "https://example.org/"),
        ("https://example.org/%7euser/%c3%a9", "https://example.org/~user/é"),
        ("https://example.org/?utm_medium=mail", "https://example.org/"),
    ],
)
def test_spellings_of_one_page_are_one_reference(one: str, other: str) -> None:
    assert canonical(parse_address(one)) == canonical(parse_address(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/a", "https://example.org/a/"),
        ("https://example.org/?a=1&b=2", "https://example.org/?b=2&a=1"),
        ("http://example.org/", "https://example.org/"),
        ("https://www.example.org/", "https://example.org/"),
        ("https://example.org/A", "https://example.org/a"),
        ("https://example.org/a%2Fb", "https://example.org/a/b"),
    ],
)
def test_addresses_a_server_may_answer_differently_stay_two_references(one: str, other: str) -> None:
    assert canonical(parse_address(one)) != canonical(parse_address(other))


def test_a_redirect_is_parsed_as_strictly_as_a_pasted_address() -> None:
    base = parse_address("https://example.org/a/b#here")
    assert resolve_address(base, "../c").url == "https://example.org/c"
    assert resolve_address(base, "../c").fragment == "here"
    assert resolve_address(base, "//other.example/x#there").fragment == "there"
    for location, code in [
        ("ftp://example.org/", "url_scheme"),
        ("https://a@b.example/", "url_userinfo"),
        ("\\\\b.example", "url_invalid"),
    ]:
        with pytest.raises(AddressRefused) as refused:
            resolve_address(base, location)
        assert refused.value.code == code


@given(st.text(max_size=60))
def test_no_text_whatever_breaks_the_parser_and_what_passes_is_stable(text: str) -> None:
    try:
        address = parse_address(f"https://{text}")
    except AddressRefused:
        return
    assert address.port in WEB_PORTS
    assert address.url.isascii()
    assert parse_address(address.url).url == address.url
    assert canonical(parse_address(canonical(address))) == canonical(address)


def test_an_address_may_be_as_long_as_the_limit_and_no_longer() -> None:
    longest = "https://example.org/".ljust(MAX_ADDRESS_LENGTH, "a")
    assert parse_address(longest).url == longest
    with pytest.raises(AddressRefused, match="longer than"):
        parse_address(longest + "a")
