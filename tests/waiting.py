"""Waiting for what other processes do: as long as it takes, and never forever."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 60
"""Seconds after which what has not come to be counts as never."""


def until(so: Callable[[], bool], *, within: float = PATIENCE, told: Callable[[], str] = lambda: "") -> None:
    """Wait until `so` holds; fail with what `told` tells if it does not `within` so many seconds."""
    end = time.monotonic() + within
    while not so():
        assert time.monotonic() < end, f"it never came to be\n{told()}"
        time.sleep(0.02)


def until_up(process: "subprocess.Popen[bytes]", log: Path, is_up: Callable[[], bool]) -> None:
    """Wait until a process that was started `is_up`; fail with its log if it ends or never comes so far."""

    def told() -> str:
        return log.read_text(errors="replace")

    until(lambda: process.poll() is not None or is_up(), told=told)
    assert process.poll() is None, f"the process ended\n{told()}"
