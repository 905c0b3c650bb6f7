import ipaddress
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fakes.site import Site


@pytest.fixture
def open_loopback(settings: Any) -> None:
    """Fetching from this machine is allowed, and takes no pauses."""
    settings.FETCH_ALLOWED_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]


@pytest.fixture
def site() -> Iterator[Site]:
    """A web server on this machine; every address of 127.0.0.0/8 is a host of its own."""
    with Site(listen="0.0.0.0") as running:
        yield running
