"""The outside of the reading process: start it, feed it, wait for it, kill it."""

import json
import logging
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotations.reading import sniffing
from annotations.reading.result import Read

logger = logging.getLogger(__name__)

MEMORY_BYTES = 1024 * 1024 * 1024
WALL_SECONDS = 40.0
_MODULES = {
    sniffing.HTML: "annotations.reading.html",
    sniffing.PLAIN: "annotations.reading.plain",
    sniffing.PDF: "annotations.reading.pdf",
    sniffing.DOCX: "annotations.reading.docx",
}
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class ReadLimits:
    """What one reading may take. Bytes of address space; seconds of the clock and of the processor."""

    memory_bytes: int = MEMORY_BYTES
    wall_seconds: float = WALL_SECONDS


DEFAULT_LIMITS = ReadLimits()


class ReadingFailed(Exception):
    """The file could not be read. `code` stands in the table of reading warnings."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_apart(
    body: bytes,
    media_type: str,
    *,
    charset_hint: str = "",
    url: str = "",
    limits: ReadLimits = DEFAULT_LIMITS,
) -> Read:
    """Read `body` as `media_type` in a process of its own and return what came of it.

    Whatever a hostile file does to the reader, this process keeps its memory and its time.
    Raises `ReadingFailed`.
    """
    options: dict[str, Any] = {
        "charset_hint": charset_hint,
        "url": url,
        "memory_bytes": limits.memory_bytes,
        "cpu_seconds": max(1, int(limits.wall_seconds)),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", _MODULES[media_type]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=_ROOT,
        env={"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"},
        start_new_session=True,
    )
    with process:
        try:
            out, err = process.communicate(json.dumps(options).encode() + b"\n" + body, limits.wall_seconds)
        except subprocess.TimeoutExpired:
            raise ReadingFailed("read_timeout") from None
        finally:
            # Also when this process is interrupted: nothing that reads may outlive its reason.
            process.kill()
    return _answer(process.returncode, out, err)


def _answer(returncode: int, out: bytes, err: bytes) -> Read:
    if returncode != 0:
        # The processor limit ends the child with SIGXCPU (-24) or SIGKILL (-9); running out of
        # memory inside a C library ends it by a signal or an abort.
        code = (
            "read_timeout" if returncode in (-24, -9) else "read_memory" if returncode < 0 else "read_failed"
        )
        logger.warning("reading ended with %s: %s", returncode, err[-2000:].decode("utf-8", "replace"))
        raise ReadingFailed("read_memory" if b"MemoryError" in err else code)
    answer = json.loads(out)
    if "read" in answer:
        return Read.from_json(answer["read"])
    logger.info("reading failed: %s %s", answer["failed"], answer.get("detail", ""))
    raise ReadingFailed(answer["failed"])
