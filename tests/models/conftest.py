"""The rules of the tables hold for their owner too, so these tests work as the owner, not the application."""

from collections.abc import Iterator

import pytest

from tests.without_rules import as_owner


@pytest.fixture(autouse=True)
def _as_the_owner(db: None) -> Iterator[None]:
    with as_owner():
        yield
