from collections.abc import Iterator

import pytest

from tests.fakes.site import Site


@pytest.fixture
def site() -> Iterator[Site]:
    """A web server on this machine; every address of 127.0.0.0/8 is a host of its own."""
    with Site(listen="0.0.0.0") as running:
        yield running
