"""What `make mutants` says on the terminal, while what the tests print goes nowhere."""

import contextlib
import os
from collections.abc import Iterator


class _Terminal:
    number = 1


@contextlib.contextmanager
def tests_keep_quiet() -> Iterator[None]:
    """Send to nowhere what is printed inside the block, by this process and its copies; `say` is heard."""
    kept = os.dup(1), os.dup(2)
    nowhere = os.open(os.devnull, os.O_RDWR)
    _Terminal.number = kept[0]
    for number in (1, 2):
        os.dup2(nowhere, number)
    try:
        yield
    finally:
        for number, terminal in zip((1, 2), kept, strict=True):
            os.dup2(terminal, number)
        _Terminal.number = 1


def say(text: str) -> None:
    """Print a line."""
    os.write(_Terminal.number, f"{text}\n".encode())
