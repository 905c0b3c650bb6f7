import ipaddress
import socket
import threading
from collections.abc import Iterator

import pytest

from annotations.fetching import FetchFailed, Limits, fetch
from annotations.fetching.policy import check_answers, is_public
from tests.fakes.site import Site

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)

FORBIDDEN = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.254 127.0.0.1 127.255.255.254 168.63.129.16
169.254.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.192 192.0.2.7
192.31.196.1 192.52.193.1 192.88.99.1 192.168.0.1 192.175.48.1 198.18.0.1 198.19.255.255 198.51.100.9
203.0.113.9
224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::ffff:0:7f00:1 64:ff9b::7f00:1 64:ff9b::808:808
64:ff9b:1::7f00:1 100::1 2001::1 2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1::1 2002:808:808::1
2620:4f:8000::1 3fff::1 4000::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1 ff0e::1
""".split()  # fmt: skip

PUBLIC = """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 93.184.216.34 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1
168.63.129.15 168.63.129.17 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 191.255.255.255 192.0.1.0
192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 203.0.112.255 203.0.114.0 223.255.255.255
2001:200::1 2001:4860:4860::8888 2003::1 2606:4700::1111 2a00:1450:4001:80e::200e 3ffe:ffff::1
""".split()  # fmt: skip


@pytest.mark.parametrize("text", FORBIDDEN)
def test_no_special_address_is_public(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_no_public_address_is_refused(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


def answers(*texts: str) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    return [ipaddress.ip_address(text) for text in texts]


def test_one_private_answer_among_public_ones_refuses_the_name() -> None:
    check_answers(answers("1.1.1.1", "2606:4700::1111"), 443)
    with pytest.raises(FetchFailed) as failed:
        check_answers(answers("1.1.1.1", "10.0.0.1"), 443)
    assert failed.value.code == "policy_mixed_answers"
    with pytest.raises(FetchFailed) as failed:
        check_answers(answers("fc00::1", "10.0.0.1"), 443)
    assert failed.value.code == "policy_private_address"


def test_an_open_network_opens_itself_alone_and_any_port_only_there() -> None:
    check_answers(answers("127.0.0.1"), 9999, LOOPBACK)
    with pytest.raises(FetchFailed):
        check_answers(answers("10.0.0.1"), 80, LOOPBACK)
    with pytest.raises(FetchFailed) as failed:
        check_answers(answers("1.1.1.1", "127.0.0.1"), 9999, LOOPBACK)
    assert failed.value.code == "url_port"


@pytest.fixture
def connects(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every address that a fetch tried to connect to. None of them is reached."""
    tried: list[str] = []

    def refuse(address: tuple[str, int], timeout: float | None = None) -> socket.socket:
        tried.append(address[0])
        raise ConnectionRefusedError("no connection in this test")

    monkeypatch.setattr("annotations.fetching.network.socket.create_connection", refuse)
    return tried


@pytest.mark.parametrize("host", ["127.0.0.1", "10.1.2.3", "[::1]", "[::ffff:10.0.0.1]", "169.254.169.254"])
def test_a_private_number_is_never_connected_to(connects: list[str], host: str) -> None:
    with pytest.raises(FetchFailed) as failed:
        fetch(f"http://{host}/", user_agent="Test/1")
    assert (failed.value.code, connects) == ("policy_private_address", [])


def test_a_name_that_changes_its_answer_is_asked_once_and_pinned(connects: list[str]) -> None:
    replies = iter([["93.184.216.34"], ["127.0.0.1"]])
    with pytest.raises(FetchFailed) as failed:
        fetch("http://rebind.example/", user_agent="Test/1", resolver=lambda host, port: next(replies))
    assert failed.value.code == "connect_refused"
    assert connects == ["93.184.216.34"]
    assert next(replies) == ["127.0.0.1"]


@pytest.mark.parametrize(
    "reply", [["10.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["fe80::1%eth0"], ["::ffff:127.0.0.1"]]
)
def test_a_name_with_a_private_answer_is_never_connected_to(connects: list[str], reply: list[str]) -> None:
    with pytest.raises(FetchFailed) as failed:
        fetch("http://inner.example/", user_agent="Test/1", resolver=lambda host, port: reply)
    assert failed.value.code in {"policy_private_address", "policy_mixed_answers"}
    assert connects == []


def test_the_second_public_answer_is_tried_when_the_first_is_deaf(connects: list[str]) -> None:
    with pytest.raises(FetchFailed):
        fetch("http://two.example/", user_agent="Test/1", resolver=lambda host, port: ["1.1.1.1", "8.8.8.8"])
    assert connects == ["1.1.1.1", "8.8.8.8"]


def test_a_connection_that_ends_elsewhere_than_meant_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    with Site() as site:
        real = socket.create_connection
        monkeypatch.setattr(
            "annotations.fetching.network.socket.create_connection",
            lambda address, timeout=None: real(("127.0.0.1", site.port), timeout),
        )
        with pytest.raises(FetchFailed) as failed:
            fetch("http://public.example/", user_agent="Test/1", resolver=lambda host, port: ["1.1.1.1"])
        assert failed.value.code == "policy_private_address"
        assert site.requests == []


def test_a_name_nobody_knows_and_a_resolver_that_fails_are_told_apart() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    def failing(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    for resolver, code in ((unknown, "dns_nxdomain"), (failing, "dns_failure")):
        with pytest.raises(FetchFailed) as failed:
            fetch("http://some.example/", user_agent="Test/1", resolver=resolver)
        assert failed.value.code == code


def test_a_resolver_that_never_answers_does_not_hold_the_fetch_up() -> None:
    answered = threading.Event()

    def deaf(host: str, port: int) -> list[str]:
        answered.wait(30)
        return []

    with pytest.raises(FetchFailed) as failed:
        fetch("http://some.example/", user_agent="Test/1", resolver=deaf, limits=Limits(resolve_seconds=0.1))
    answered.set()
    assert failed.value.code == "dns_timeout"
