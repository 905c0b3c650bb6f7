"""Every address of our list through the real client: what is reached, and what is never even tried.

The resolver is scripted. A connection to a public number ends at a loopback site, which poses as it; every
attempt is counted, so that a forbidden machine shows up even when nothing would come back from it.
"""

import ipaddress
import random
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotations.fetching import FetchFailed, fetch, network
from annotations.fetching.policy import REFUSED_IPV4, REFUSED_IPV6
from tests.fakes.site import Site, response
from tests.fetching.conftest import SHORT

LIST = Path(__file__).parent / "data" / "addresses.tsv"
CERTIFICATE = Path(__file__).parents[1] / "fakes" / "tls" / "elsewhere.pem"
SECURE_PORTS = (443, 8443)
SEED = 20_260_301


@dataclass(frozen=True)
class Case:
    expected: str
    category: str
    address: str
    look_ups: tuple[str, ...]
    redirect: str
    source: str


def _unescaped(text: str) -> str:
    return text.encode("ascii").decode("unicode_escape") if "\\" in text else text


def cases() -> list[Case]:
    lines = LIST.read_text(encoding="utf-8").split("\n")
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [
        Case(expected, category, _unescaped(address), tuple(answers.split("|")), _unescaped(to), source)
        for expected, category, address, answers, to, source in rows
    ]


CASES = cases()


class Posing(socket.socket):
    """A connection to loopback that claims to lead somewhere else."""

    posed: tuple[str, int]

    def getpeername(self) -> tuple[str, int]:
        return self.posed


@dataclass
class World:
    """A web in which every public machine answers. It notes every attempt to connect."""

    plain: Site
    secure: Site
    tried: list[str] = field(default_factory=list)

    def connect(self, address: tuple[str, int], timeout: float | None = None) -> socket.socket:
        self.tried.append(address[0])
        site = self.secure if address[1] in SECURE_PORTS else self.plain
        real = socket.socket()
        real.settimeout(timeout)
        real.connect(("127.0.0.1", site.port))
        posing = Posing(fileno=real.detach())
        posing.posed = address
        return posing

    def answering(self, look_ups: tuple[str, ...]) -> Callable[[str, int], list[str]]:
        waiting = list(look_ups)

        def resolve(host: str, port: int) -> list[str]:
            answers = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            return [] if answers == "-" else (answers or "93.184.216.34").split(",")

        return resolve


@pytest.fixture(scope="module")
def web() -> Iterator[World]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    with Site() as plain, Site(tls=context) as secure:
        yield World(plain, secure)


@pytest.fixture
def world(web: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(network.socket, "create_connection", web.connect)
    web.tried.clear()
    for site in (web.plain, web.secure):
        site.otherwise = response(b"<p>Here</p>")
    return web


def outcome(world: World, address: str, look_ups: tuple[str, ...] = ("",)) -> str:
    try:
        return fetch(
            address,
            user_agent="Test/1",
            limits=SHORT,
            resolver=world.answering(look_ups),
            verify_tls=False,  # the fake site has no certificates of the sites it stands for
        ).code
    except FetchFailed as failure:
        return failure.code


def test_the_list_is_long_and_says_where_each_address_comes_from() -> None:
    assert len([case for case in CASES if case.expected == "block"]) > 600
    assert len([case for case in CASES if case.expected == "allow"]) > 150
    assert all(case.source for case in CASES)


@pytest.mark.parametrize("category", sorted({case.category for case in CASES if case.expected == "block"}))
def test_no_forbidden_machine_is_connected_to(world: World, category: str) -> None:
    wrong = []
    for case in CASES:
        if (case.expected, case.category) != ("block", category):
            continue
        world.tried.clear()
        answers = case.look_ups
        if case.redirect:
            page = response(b"", f"Location: {_in_a_header(case.redirect)}", status="302 Found")
            world.plain.otherwise = page
        code = outcome(world, case.address, answers)
        # A page that redirects is public itself: the one connection goes to it.
        allowed = ["93.184.216.34"] if case.redirect else []
        if world.tried != allowed or not code.startswith(("url_", "policy_", "dns_")):
            wrong.append((case, code, list(world.tried)))
    assert wrong == []


@pytest.mark.parametrize("category", sorted({case.category for case in CASES if case.expected == "allow"}))
def test_no_public_page_is_refused(world: World, category: str) -> None:
    wrong = []
    for case in CASES:
        if (case.expected, case.category) != ("allow", category):
            continue
        world.tried.clear()
        if case.redirect:
            page = response(b"", f"Location: {_in_a_header(case.redirect)}", status="302 Found")
            world.secure.pages["/start"] = page
        code = outcome(world, case.address, case.look_ups)
        if code not in ("ok", "http_404") or not world.tried:
            wrong.append((case, code, list(world.tried)))
    world.secure.pages.clear()
    assert wrong == []


def _in_a_header(location: str) -> str:
    """Unescaped UTF-8, as careless servers send it."""
    return location.encode("utf-8").decode("latin-1")


def test_no_public_number_drawn_at_random_is_refused(world: World) -> None:
    rng = random.Random(SEED)
    drawn: list[str] = []
    while len(drawn) < 200:
        number = ipaddress.IPv4Address(rng.getrandbits(32))
        if number.is_global and not number.is_multicast and str(number) != "168.63.129.16":
            drawn.append(str(number))
    while len(drawn) < 400:
        low = rng.getrandbits(125)
        number6 = ipaddress.IPv6Address((1 << 125) | low)
        if number6.is_global and not any(number6 in special for special in REFUSED_IPV6):
            drawn.append(str(number6))
    refused = [
        (text, code) for text in drawn if (code := outcome(world, "http://a.example/", (text,))) != "ok"
    ]
    assert refused == []
    assert world.tried == drawn


SPECIAL = [*REFUSED_IPV4, *REFUSED_IPV6, ipaddress.ip_network("::/3"), ipaddress.ip_network("8000::/1")]
SPELLINGS: list[Callable[[int], str]] = [
    str,
    hex,
    lambda number: f"0{number:o}",
    lambda number: f"{number >> 24}.{number & 0xFFFFFF}",
    lambda number: f"{number >> 24}.{number >> 16 & 0xFF}.{number & 0xFFFF}",
    lambda number: ".".join(hex(byte) for byte in number.to_bytes(4, "big")),
    lambda number: ".".join(f"0{byte:o}" for byte in number.to_bytes(4, "big")),
    lambda number: "。".join(str(byte) for byte in number.to_bytes(4, "big")),
    lambda number: str(ipaddress.IPv4Address(number)),
    lambda number: f"{ipaddress.IPv4Address(number)}.",
    lambda number: f"[::ffff:{ipaddress.IPv4Address(number)}]",
    lambda number: f"[::{ipaddress.IPv4Address(number)}]",
    lambda number: f"[64:ff9b::{ipaddress.IPv4Address(number)}]",
    lambda number: f"[{ipaddress.IPv6Address((0x2002 << 112) | (number << 80))}]",
]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_number_of_a_special_network_is_reached_in_any_spelling(world: World, data: st.DataObject) -> None:
    world.tried.clear()
    special = data.draw(st.sampled_from(SPECIAL))
    number = int(special[0]) + data.draw(st.integers(0, special.num_addresses - 1))
    if special.version == 4:
        host = data.draw(st.sampled_from(SPELLINGS))(number)
    else:
        written = ipaddress.IPv6Address(number)
        host = f"[{data.draw(st.sampled_from([str(written), written.exploded, str(written).upper()]))}]"
    assert outcome(world, f"http://{host}/").startswith(("url_", "policy_"))
    by_name = str(ipaddress.ip_address(number) if special.version == 4 else ipaddress.IPv6Address(number))
    assert outcome(world, "https://inner.example/", (by_name,)) == "policy_private_address"
    assert outcome(world, "https://inner.example/", (f"1.1.1.1,{by_name}",)) == "policy_mixed_answers"
    assert world.tried == []


def test_a_public_number_of_this_very_machine_is_not_connected_to(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert network.is_own_machine(ipaddress.ip_address("127.0.0.1"))
    assert not network.is_own_machine(ipaddress.ip_address("8.8.8.8"))
    monkeypatch.setattr(network, "is_own_machine", lambda address: str(address) == "93.184.216.34")
    assert outcome(world, "https://workbench.example/", ("93.184.216.34",)) == "policy_private_address"
    assert world.tried == []
    assert outcome(world, "https://other.example/", ("93.184.216.35",)) == "ok"


def test_both_families_are_tried_in_turn(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(address: tuple[str, int], timeout: float | None = None) -> socket.socket:
        world.tried.append(address[0])
        raise TimeoutError

    monkeypatch.setattr(network.socket, "create_connection", refuse)
    answers = "2600::1,2600::2,2600::3,8.8.8.8"
    assert outcome(world, "https://dual.example/", (answers,)) == "connect_timeout"
    assert world.tried == ["2600::1", "8.8.8.8", "2600::2", "2600::3"]
