"""The sample's site stands on loopback; nobody reaches another service of the machine by way of it."""

import ipaddress
import socket
from collections.abc import Iterator

import pytest
from django.core.exceptions import ImproperlyConfigured

from annotations.domain.references.addresses import PortRefused, parse_address
from annotations.fetching import FetchFailed, fetch
from factcheck.fetch_settings import openings
from tests.fakes.site import Site


@pytest.fixture
def other_service() -> Iterator[socket.socket]:
    """A service of the machine that nobody may ask anything."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening


def nobody_came(service: socket.socket) -> bool:
    try:
        service.accept()
    except BlockingIOError:
        return True
    return False


def test_the_site_of_the_sample_is_fetched_and_no_other_port(
    site: Site, other_service: socket.socket
) -> None:
    port = int(site.url("/").rpartition(":")[2].strip("/"))
    opened = openings(["sample-site"], sample_site_port=port)
    other = other_service.getsockname()[1]

    for host in ("127.0.0.1", "localhost"):
        assert parse_address(f"http://{host}:{port}/", open_networks=opened).port == port
        with pytest.raises(PortRefused):
            parse_address(f"http://{host}:{other}/", open_networks=opened)
    for name in ("http://127.0.0.1/", "http://127.0.0.1:8080/", "http://localhost/"):
        with pytest.raises(FetchFailed) as refused:
            fetch(name, user_agent="Test/1", allowed_networks=opened)
        assert refused.value.code == "policy_private_address"
    assert nobody_came(other_service)


def test_a_redirect_of_the_site_leads_to_no_other_port(site: Site, other_service: socket.socket) -> None:
    opened = openings(["sample-site"], sample_site_port=site.port)
    away = f"/redirect?to=http://127.0.0.1:{other_service.getsockname()[1]}/"

    with pytest.raises(FetchFailed) as refused:
        fetch(site.url(away), user_agent="Test/1", allowed_networks=opened)

    assert refused.value.code == "url_port"
    assert nobody_came(other_service)


def test_a_network_is_still_opened_whole_and_what_is_neither_is_refused() -> None:
    assert openings(["10.0.0.0/8"], sample_site_port=1) == [ipaddress.ip_network("10.0.0.0/8")]
    with pytest.raises(ImproperlyConfigured, match="is no network"):
        openings(["my-site"], sample_site_port=1)
