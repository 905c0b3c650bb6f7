"""What every extractor shares: its limits, and how it says that a file cannot be extracted."""

import resource
from pathlib import Path

_STATM = Path("/proc/self/statm")
_USUAL_PAGES = 50_000
# Text and fields stay below this even at their longest and with every character escaped.
MAX_ANSWER = 48 * 1024 * 1024
# For the plain words of a page whose extraction took too much.
PLAIN_SECONDS = 8.0


class Refusal(Exception):
    """The file cannot be extracted; `code` is the reason, which has a sentence for people."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def limit(memory_bytes: int, cpu_seconds: int) -> None:
    """Limit this process to that much address space beyond the present, and that much processor time.

    It can then write no file and dumps no core.
    """
    pages = int(_STATM.read_text().split()[0]) if _STATM.exists() else _USUAL_PAGES
    room = pages * resource.getpagesize() + memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (room, room))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
