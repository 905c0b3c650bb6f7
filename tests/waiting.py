"""Waits for other processes: as long as it takes, but never forever."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 60
"""Seconds after which a wait fails."""


def until(so: Callable[[], bool], *, within: float = PATIENCE, told: Callable[[], str] = lambda: "") -> None:
    """Wait until `so` holds. Fail with the text from `told` if it does not `within` so many seconds."""
    end = time.monotonic() + within
    while not so():
        assert time.monotonic() < end, f"it never came to be\n{told()}"
        time.sleep(0.02)


def until_up(process: "subprocess.Popen[bytes]", log: Path, is_up: Callable[[], bool]) -> None:
    """Wait until a started process `is_up`. Fail with its log if it ends or never gets that far."""

    def log_text() -> str:
        return log.read_text(errors="replace")

    until(lambda: process.poll() is not None or is_up(), told=log_text)
    assert process.poll() is None, f"the process ended\n{log_text()}"
