"""Kept files read for checking: each whole once, hashed against the name it has."""

import hashlib
from collections.abc import Callable
from typing import IO

from annotations.archiving.findings import Findings, KeptFiles
from annotations.archiving.layout import kind_of

_MEBIBYTE = 1024 * 1024
# For files that are read whole. JSON takes many times its size in memory.
_MOST_OF = {"text": 64, "manifest": 8, "batch": 64, "inclusion": 1, "token": 1}
_PIECE = _MEBIBYTE


class Shelf:
    """The files of one check, by kind, and what is known about their bytes so far.

    `needed` are the names that something relied on. `progress` is told each name before it is read.
    """

    def __init__(
        self, kept: KeptFiles, findings: Findings, progress: Callable[[str], None] | None = None
    ) -> None:
        self.kept, self.findings = kept, findings
        self.needed: set[str] = set()
        self._progress = progress
        self._sizes: dict[str, int] = {}  # -1 for a file whose bytes are not those of its name
        self._names: dict[str, set[str]] = {}
        for name in kept.names():
            self._names.setdefault(kind_of(name)[0], set()).add(name)

    def names(self, kind: str) -> set[str]:
        """The names of this kind; those of no kind under the empty one."""
        return self._names.get(kind, set())

    def touch(self, name: str) -> None:
        """Count a file that is about to be read."""
        self.findings.checked += 1
        if self._progress:
            self._progress(name)

    def check(self, name: str, size: int | None, asker: str) -> bool:
        """Whether a file that `asker` relies on is there, has the bytes of its name and this size."""
        self.needed.add(name)
        if name not in self.names(kind_of(name)[0]):
            self.findings.problem(name, f"is missing, but {asker} relies on it")
            return False
        if self.holds(name) and size not in (None, self._sizes[name]):
            self.findings.problem(name, f"has another size than {asker} states")
        return self._sizes[name] >= 0

    def holds(self, name: str) -> bool:
        """Whether the bytes of a file have the hash that its name says; read once."""
        if name not in self._sizes:
            self.touch(name)
            self._sizes[name] = -1
            try:
                with self.kept.open(name) as stream:
                    sha256, size = hashed(stream)
            except OSError as error:
                self.findings.problem(name, f"cannot be read: {error}")
                return False
            if sha256 == kind_of(name)[1]["sha256"]:
                self._sizes[name] = size
            else:
                self.findings.problem(name, "its bytes are not those that its name says")
        return self._sizes[name] >= 0

    def small(self, name: str) -> bytes:
        """All bytes of a file. Raises OSError when it is missing or larger than it has reason to be."""
        self.touch(name)
        most = _MOST_OF[kind_of(name)[0]] * _MEBIBYTE
        with self.kept.open(name) as stream:
            data = stream.read(most + 1)
        if len(data) > most:
            raise OSError(f"is larger than {most} bytes")
        return data


def hashed(stream: IO[bytes], most: int | None = None) -> tuple[str, int]:
    """The SHA-256, in hexadecimal, and the number of the bytes in `stream`, or of its first `most`."""
    digest, size = hashlib.sha256(), 0
    while piece := stream.read(_PIECE if most is None else min(_PIECE, most - size)):
        digest.update(piece)
        size += len(piece)
    return digest.hexdigest(), size
