"""The fork server: it loads the libraries once and forks a child for every file.

Loading the libraries takes a second, forking takes milliseconds. A fork is safe here because this process
has no thread, no database and no Django. Each child has limits of its own and extracts one file; whatever
the file does to it, this process goes on. The process ends when its owner does, or when it is idle.

Protocol on stdin: a line of JSON (`size` and the options), then `size` bytes. On stdout: eight bytes of
length, then JSON; the first answer is `{}` and says that it is ready.
"""

import gc
import json
import logging
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

from annotations.extraction import docx, html, pdf, plain
from annotations.extraction.limits import MAX_ANSWER, PLAIN_SECONDS, Refusal, limit
from annotations.extraction.result import Extracted

IDLE_SECONDS = 120.0
# The number of this user on every Linux.
NOBODY = 65534
LEAST_ROOM = 64 * 1024 * 1024
# A parser that runs out of memory may also fail with an error of its own.
_PLAINLY_THEN = frozenset({"read_timeout", "read_memory", "read_failed"})
_LENGTH_BYTES = 8
# A page that takes the slowest path: no date in its markup, and little text.
_WARMING = b"""<html lang="en"><head><title>A page</title>
<script type="application/ld+json">{}</script></head>
<body><h1>A page</h1><div><p>Updated: 3 February 2026. Some words to start with, and some more of them.</p>
<table><tr><td>1</td></tr></table><ul><li>One</li></ul></div></body></html>"""
_EXTRACTORS: dict[str, Callable[[bytes, dict[str, Any]], Extracted]] = {
    "text/html": html.read,
    "text/plain": plain.read,
    "application/pdf": pdf.read,
    docx.MEDIA_TYPE: docx.read,
}


def main() -> None:
    """Serve until the owner closes the pipe, or asks for nothing for `IDLE_SECONDS`."""
    logging.disable(logging.CRITICAL)
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    _warm()
    _drop_root()
    _send(answers.fileno(), b"{}")
    while select.select([requests], [], [], IDLE_SECONDS)[0]:
        line = requests.readline()
        if not line:
            return
        options = json.loads(line)
        body = requests.read(options["size"])
        _send(answers.fileno(), json.dumps(_fork_child(body, options)).encode())


def _warm() -> None:
    """Load what the libraries load on first use, once for all children."""
    html.read(_WARMING, {})
    gc.collect()
    gc.freeze()


def _drop_root() -> None:
    """Become nobody where root started this, so that a hostile file finds no right to use.

    Libraries load parts of themselves only when a file needs them. Where nobody may not read them, as in
    root's own home, the rights stay: text that is silently missing would be worse.
    """
    if os.geteuid() != 0:
        return
    # A container that maps no user but its root has nobody else to become.
    with suppress(OSError):
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, 0)
        os.setresuid(NOBODY, NOBODY, 0)
        can_read = all(
            os.access(path, os.R_OK, effective_ids=True)
            for path in (getattr(module, "__file__", None) for module in tuple(sys.modules.values()))
            if path
        )
        own = NOBODY if can_read else 0
        os.setresuid(own, own, own)
        os.setresgid(own, own, own)


def _send(descriptor: int, data: bytes) -> None:
    data = len(data).to_bytes(_LENGTH_BYTES, "big") + data
    while data:
        data = data[os.write(descriptor, data) :]


def _fork_child(body: bytes, options: dict[str, Any]) -> dict[str, Any]:
    """Extract from the file; if a page takes too much or breaks the extractor, return its plain words."""
    answer = _run_child(body, options)
    failure = answer.get("failed")
    if failure not in _PLAINLY_THEN or options["media_type"] != "text/html":
        return answer
    plainly = _run_child(
        body, options | {"plainly": True, "wall_seconds": PLAIN_SECONDS, "cpu_seconds": int(PLAIN_SECONDS)}
    )
    if "read" not in plainly:
        return answer
    plainly["read"]["warnings"].insert(0, failure)
    return plainly


def _run_child(body: bytes, options: dict[str, Any]) -> dict[str, Any]:
    here, there = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(here)
        _extract_and_exit(there, body, options)
    os.close(there)
    try:
        said = _listen(here, time.monotonic() + options["wall_seconds"])
    finally:
        os.close(here)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    if said is None:
        return {"failed": "read_timeout"}
    return (
        json.loads(said) if said else {"failed": _why(status), "detail": f"the extractor ended with {status}"}
    )


def _listen(descriptor: int, end: float) -> bytes | None:
    """Return all that the child writes until it ends; None if its time is up first."""
    pieces: list[bytes] = []
    length = 0
    while length <= MAX_ANSWER:
        left = end - time.monotonic()
        if left <= 0 or not select.select([descriptor], [], [], left)[0]:
            return None
        piece = os.read(descriptor, 1024 * 1024)
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)
        length += len(piece)
    # No answer is that long: something else is writing.
    return b""


def _why(status: int) -> str:
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if number == signal.SIGXCPU:
        return "read_timeout"
    # A C++ library that runs out of memory aborts; anything else is a bug in a library that the file hit.
    return "read_memory" if number == signal.SIGABRT else "read_failed"


def _extract_and_exit(descriptor: int, body: bytes, options: dict[str, Any]) -> NoReturn:
    """Run as the child: set limits, extract one file, write one answer, exit without clean-up."""
    status = 1
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)
        # It ends before there is much garbage, and collecting it would copy every shared memory page.
        gc.disable()
        # The file is in memory already and counts towards the limit.
        limit(max(options["memory_bytes"] - len(body), LEAST_ROOM), options["cpu_seconds"])
        answer = _read(body, options)
        data = json.dumps(answer).encode()
        while data:
            data = data[os.write(descriptor, data) :]
        status = 0
    finally:
        os._exit(status)


def _read(body: bytes, options: dict[str, Any]) -> dict[str, Any]:
    extract = html.read_plainly if options.get("plainly") else _EXTRACTORS[options["media_type"]]
    try:
        return {"read": extract(body, options).as_json()}
    except MemoryError:
        return {"failed": "read_memory"}
    except Refusal as refusal:
        return {"failed": refusal.code}
    except Exception as error:
        # A broken file can raise anything in the libraries; the details go back for the log.
        return {"failed": "read_failed", "detail": f"{type(error).__name__}: {error}"[:500]}


if __name__ == "__main__":
    main()
