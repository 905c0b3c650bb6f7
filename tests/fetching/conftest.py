import ipaddress
from collections.abc import Callable, Iterator

import pytest

from annotations.fetching import Fetched, Limits, fetch
from tests.fakes.site import Site

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
SHORT = Limits(total_seconds=3.0, connect_seconds=1.0, resolve_seconds=1.0, idle_seconds=0.7)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture
def get(site: Site) -> Callable[..., Fetched]:
    """Fetch a path of the site under short limits."""

    def fetch_path(path: str, **options: object) -> Fetched:
        settings = {"user_agent": "Test/1", "limits": SHORT, "allowed_networks": LOOPBACK} | options
        return fetch(site.url(path), **settings)  # type: ignore[arg-type]

    return fetch_path
