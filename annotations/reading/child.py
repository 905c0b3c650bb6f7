"""The inside of the reading process: limits first, then one file from the pipe, one answer back.

It imports no Django and no part of the application that does, so that it starts fast. The parent
kills it when it takes too long.
"""

import json
import resource
import sys
from collections.abc import Callable
from typing import Any

from annotations.reading.result import Read

Reader = Callable[[bytes, dict[str, Any]], Read]


def serve(reader: Reader) -> None:
    """Read one file with `reader` and write the result as JSON.

    The first line of the input holds options and limits as JSON, the rest is the file. Exit
    code 0 always carries an answer: a `Read`, or the name of what went wrong.
    """
    options = json.loads(sys.stdin.buffer.readline())
    _limit(options["memory_bytes"], options["cpu_seconds"])
    body = sys.stdin.buffer.read()
    answer: dict[str, Any]
    try:
        answer = {"read": reader(body, options).as_json()}
    except MemoryError:
        answer = {"failed": "read_memory"}
    except Refusal as refusal:
        answer = {"failed": refusal.code}
    except Exception as error:
        # A broken file can raise anything in the libraries that read it. The type goes back
        # for the log; the parent decides what that means.
        answer = {"failed": "read_failed", "detail": f"{type(error).__name__}: {error}"[:500]}
    sys.stdout.write(json.dumps(answer))


class Refusal(Exception):
    """This file cannot be read, for a reason people have a sentence for."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _limit(memory_bytes: int, cpu_seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
