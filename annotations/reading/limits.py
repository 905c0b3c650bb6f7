"""What every reader shares: the limits it lives under and how it says that a file cannot be read."""

import resource


class Refusal(Exception):
    """This file cannot be read, for a reason people have a sentence for."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def limit(memory_bytes: int, cpu_seconds: int) -> None:
    """Hold this process to so much address space and processor time; it writes no file and dumps no core."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
