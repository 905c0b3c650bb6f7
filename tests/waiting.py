"""Waiting for what other processes do: as long as it takes, and never forever."""

import time
from collections.abc import Callable

PATIENCE = 60
"""Seconds after which what has not come to be counts as never."""


def until(so: Callable[[], bool], *, told: Callable[[], str] = lambda: "") -> None:
    """Wait until `so` holds; fail with what `told` tells if it never does."""
    end = time.monotonic() + PATIENCE
    while not so():
        assert time.monotonic() < end, f"it never came to be\n{told()}"
        time.sleep(0.02)
