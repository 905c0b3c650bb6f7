"""Read kept files for a check. Each file is hashed once, and the hash is compared with its name."""

import hashlib
from collections.abc import Callable
from typing import IO

from annotations.archiving.findings import Findings, KeptFiles
from annotations.archiving.layout import kind_of

_MEBIBYTE = 1024 * 1024
# The limits in MiB for files that are read into memory. JSON takes many times its size there.
_MOST_OF = {"text": 64, "manifest": 8, "batch": 64, "inclusion": 1, "token": 1}
_PIECE = _MEBIBYTE


class Shelf:
    """The files of one check, by kind, and what is known about their content so far.

    `needed` are the names of files that something relied on. `progress` is called with the name of each
    file before it is read.
    """

    def __init__(
        self, kept: KeptFiles, findings: Findings, progress: Callable[[str], None] | None = None
    ) -> None:
        self.kept, self.findings = kept, findings
        self.needed: set[str] = set()
        self._progress = progress
        self._sizes: dict[str, int] = {}  # -1 for a file whose content does not have the hash in its name
        self._names: dict[str, set[str]] = {}
        for name in kept.names():
            self._names.setdefault(kind_of(name)[0], set()).add(name)

    def names(self, kind: str) -> set[str]:
        """The names of the files of this kind. Files that are no kept files have the empty kind."""
        return self._names.get(kind, set())

    def touch(self, name: str) -> None:
        """Count a file that is about to be read."""
        self.findings.checked += 1
        if self._progress:
            self._progress(name)

    def check(self, name: str, size: int | None, asker: str) -> bool:
        """Check a file that `asker` relies on: it is there and has the hash in its name and this size.

        Adds a problem for whatever does not hold. Returns whether the content has the hash in the name;
        another size is reported but does not count here. `size` None accepts any size.
        """
        self.needed.add(name)
        if name not in self.names(kind_of(name)[0]):
            self.findings.problem(name, f"is missing, but {asker} relies on it")
            return False
        if self.holds(name) and size not in (None, self._sizes[name]):
            self.findings.problem(name, f"has another size than {asker} states")
        return self._sizes[name] >= 0

    def holds(self, name: str) -> bool:
        """Whether the content of a file has the hash in its name. If not, adds a problem.

        Reads the file only the first time.
        """
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
        """The whole content of a file. Raises OSError if it is missing or larger than its kind may be."""
        self.touch(name)
        most = _MOST_OF[kind_of(name)[0]] * _MEBIBYTE
        with self.kept.open(name) as stream:
            data = stream.read(most + 1)
        if len(data) > most:
            raise OSError(f"is larger than {most} bytes")
        return data


def hashed(stream: IO[bytes], most: int | None = None) -> tuple[str, int]:
    """The SHA-256, in hexadecimal, and the number of bytes in `stream`, or in its first `most` bytes."""
    digest, size = hashlib.sha256(), 0
    while piece := stream.read(_PIECE if most is None else min(_PIECE, most - size)):
        digest.update(piece)
        size += len(piece)
    return digest.hexdigest(), size
