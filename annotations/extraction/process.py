"""The caller's side of extraction: start a fork server, feed it, wait for it, and replace it if it breaks."""

import atexit
import json
import logging
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from annotations.extraction.limits import MAX_ANSWER, PLAIN_SECONDS
from annotations.extraction.result import Extracted

logger = logging.getLogger(__name__)

MEMORY_BYTES = 200 * 1024 * 1024
WALL_SECONDS = 20.0
START_SECONDS = 60.0
# Beyond the extraction itself: for sending the file, forking and sending the answer back.
GRACE_SECONDS = 10.0
KEPT_IDLE = 2
_LENGTH_BYTES = 8
_ROOT = Path(__file__).resolve().parents[2]
# Set for a command of root's: as JSON, the user who reads files in its place, and code that user may read.
READS_AS = "EXTRACTION_READS_AS"


@dataclass(frozen=True)
class ExtractionLimits:
    """What one extraction may take: bytes beyond the libraries and the file, and seconds of time."""

    memory_bytes: int = MEMORY_BYTES
    wall_seconds: float = WALL_SECONDS


DEFAULT_LIMITS = ExtractionLimits()


class ExtractionFailed(Exception):
    """The file could not be extracted; `code` is one of `domain.fetches.outcomes.WARNINGS`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _Broken(Exception):
    """The fork server ended."""


class _TimedOut(_Broken):
    """The fork server does not answer in time."""


@dataclass(frozen=True)
class Reader:
    """Who reads files, and from where: this user and this code, unless a command of root's names others."""

    python: str = sys.executable
    project: str = str(_ROOT)
    environment: Mapping[str, str] = field(default_factory=dict)
    uid: int | None = None
    gid: int | None = None


def _reader() -> Reader:
    given = os.environ.get(READS_AS)
    return Reader(**json.loads(given)) if given else Reader()


class _ForkServer:
    """A fork server that belongs to this process."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        reader = _reader()
        self._process = subprocess.Popen(
            [reader.python, "-m", "annotations.extraction.fork_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=reader.project,
            # Nothing of our environment: an extractor must not see passwords.
            env={
                "PATH": os.defpath,
                "LANG": "C.UTF-8",
                "OMP_NUM_THREADS": "1",
                "OPENBLAS_NUM_THREADS": "1",
                **reader.environment,
            },
            # Ctrl-C goes to the owner only, which ends this process by closing the pipe.
            start_new_session=True,
            user=reader.uid,
            group=reader.gid,
            extra_groups=None if reader.uid is None else [],
            umask=-1 if reader.uid is None else 0o077,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests, self._answers = self._process.stdin, self._process.stdout
        try:
            self._answer(time.monotonic() + START_SECONDS)
        except BaseException:
            self.close()
            raise

    def ask(self, options: dict[str, object], body: bytes, seconds: float) -> dict[str, object]:
        """Have one file extracted. Raises _Broken."""
        try:
            self._requests.write(json.dumps(options | {"size": len(body)}).encode() + b"\n")
            self._requests.write(body)
            self._requests.flush()
        except OSError as error:
            raise _Broken(str(error)) from error
        return self._answer(time.monotonic() + seconds)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._answers.close()
        try:
            self._requests.close()
        except OSError:
            # Bytes were still to be sent to a process that has ended.
            logger.debug("a fork server ended before it was fed")

    def _answer(self, end: float) -> dict[str, object]:
        length = int.from_bytes(self._bytes(_LENGTH_BYTES, end), "big")
        if length > MAX_ANSWER:
            raise _Broken("it says too much")
        answer: dict[str, object] = json.loads(self._bytes(length, end))
        return answer

    def _bytes(self, number: int, end: float) -> bytes:
        pieces = bytearray()
        while len(pieces) < number:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self._answers], [], [], left)[0]:
                raise _TimedOut("no answer in time")
            piece = os.read(self._answers.fileno(), number - len(pieces))
            if not piece:
                raise _Broken("it ended")
            pieces += piece
        return bytes(pieces)


class _IdleServers:
    """Fork servers that wait for the next file; one for each thread that extracts at the same time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[_ForkServer] = []

    def take(self) -> _ForkServer | None:
        with self._lock:
            # A fork of this process must not use its parent's fork server.
            self._waiting = [fork_server for fork_server in self._waiting if fork_server.owner == os.getpid()]
            return self._waiting.pop() if self._waiting else None

    def give_back(self, fork_server: _ForkServer) -> None:
        with self._lock:
            if len(self._waiting) < KEPT_IDLE:
                self._waiting.append(fork_server)
                return
        fork_server.close()

    def close(self) -> None:
        while (fork_server := self.take()) is not None:
            fork_server.close()


_idle = _IdleServers()
atexit.register(_idle.close)


def extract_apart(
    body: bytes,
    media_type: str,
    *,
    charset_hint: str = "",
    url: str = "",
    limits: ExtractionLimits = DEFAULT_LIMITS,
) -> Extracted:
    """Extract from `body` as `media_type` in another process.

    Whatever a hostile file does there, this process keeps its memory and waits for a bounded time.
    Raises `ExtractionFailed`.
    """
    options: dict[str, object] = {
        "media_type": media_type,
        "charset_hint": charset_hint,
        "url": url,
        "memory_bytes": limits.memory_bytes,
        "wall_seconds": limits.wall_seconds,
        "cpu_seconds": max(1, int(limits.wall_seconds)),
    }
    answer = _asked(options, body, limits.wall_seconds + PLAIN_SECONDS + GRACE_SECONDS)
    if "read" in answer:
        read = answer["read"]
        assert isinstance(read, dict)
        return Extracted.from_json(read)
    logger.info("extraction failed: %s %s", answer["failed"], answer.get("detail", ""))
    raise ExtractionFailed(str(answer["failed"]))


def _asked(options: dict[str, object], body: bytes, seconds: float) -> dict[str, object]:
    waiting = _idle.take()
    if waiting is not None:
        try:
            answer = waiting.ask(options, body, seconds)
        except _TimedOut as late:
            waiting.close()
            logger.error("a fork server hangs: %s", late)
            raise ExtractionFailed("read_timeout") from None
        except _Broken:
            # It was idle for too long and has ended; a new one is asked below.
            waiting.close()
        except BaseException:
            waiting.close()
            raise
        else:
            _idle.give_back(waiting)
            return answer
    return _asked_anew(options, body, seconds)


def _asked_anew(options: dict[str, object], body: bytes, seconds: float) -> dict[str, object]:
    try:
        fork_server = _ForkServer()
    except _Broken as broken:
        logger.error("no fork server starts: %s", broken)
        raise ExtractionFailed("read_failed") from None
    try:
        answer = fork_server.ask(options, body, seconds)
    except _Broken as broken:
        fork_server.close()
        logger.error("a fork server broke: %s", broken)
        raise ExtractionFailed("read_timeout" if isinstance(broken, _TimedOut) else "read_failed") from None
    except BaseException:
        # Also when this process is interrupted: no extraction may outlive its caller.
        fork_server.close()
        raise
    _idle.give_back(fork_server)
    return answer
