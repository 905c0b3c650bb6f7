import json
from collections.abc import Iterator

import pytest

from factcheck.bench.stack import Stack, running_stack
from tests.fakes.site import Site


def attach(stack: Stack, *addresses: str, road: str = "workflow") -> float:
    """Attach addresses in a process of its own; return the seconds that the attaching took."""
    return float(json.loads(stack.run("-m", "tests.faults.seed", road, *addresses))["seconds"])


@pytest.fixture(scope="session")
def shared_stack() -> Iterator[Stack]:
    with running_stack() as running:
        yield running


@pytest.fixture
def stack(shared_stack: Stack) -> Iterator[Stack]:
    """The stack without a row, a message or a worker of another test."""
    shared_stack.services.revive()
    shared_stack.empty()
    shared_stack.forget_messages()
    try:
        yield shared_stack
    finally:
        shared_stack.kill_all()


@pytest.fixture
def site() -> Iterator[Site]:
    # On all of loopback: 127.0.0.2 and 127.0.0.3 are two hosts to the gate that serves one host at a time.
    with Site(listen="0.0.0.0") as running:
        yield running
        running.opened.set()
