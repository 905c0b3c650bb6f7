"""What every extractor shares: the limits it lives under and how it says that a file cannot be read."""

import resource
from pathlib import Path

_STATM = Path("/proc/self/statm")
_USUAL_PAGES = 50_000
# Text and fields at their longest, every letter escaped, stay below.
MAX_ANSWER = 48 * 1024 * 1024
# For the plain words of a page whose reading took too much.
PLAIN_SECONDS = 8.0


class Refusal(Exception):
    """This file cannot be read, for a reason people have a sentence for."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def limit(memory_bytes: int, cpu_seconds: int) -> None:
    """Hold this process to so much more address space than it has now, and to so much processor time.

    It writes no file and dumps no core.
    """
    pages = int(_STATM.read_text().split()[0]) if _STATM.exists() else _USUAL_PAGES
    room = pages * resource.getpagesize() + memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (room, room))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
