"""The findings of a check, and the places it reads kept files from."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol


@dataclass(frozen=True)
class Finding:
    """One sentence about one file."""

    name: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.name}: {self.sentence}"


@dataclass
class Findings:
    """Everything that a check found.

    `problems` do not hold. `gaps` could not be checked here. `notes` are for a person to judge. `checked`
    counts the files that were read.
    """

    problems: list[Finding] = field(default_factory=list)
    gaps: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)
    checked: int = 0

    @property
    def exit_code(self) -> int:
        """0 if everything holds, 1 if something does not, 2 if something could not be checked."""
        return 1 if self.problems else 2 if self.gaps else 0

    def problem(self, name: str, sentence: str) -> None:
        """Add something that does not hold."""
        self.problems.append(Finding(name, sentence))

    def gap(self, name: str, sentence: str) -> None:
        """Add something that could not be checked, unless it was added before."""
        if Finding(name, sentence) not in self.gaps:
            self.gaps.append(Finding(name, sentence))

    def note(self, name: str, sentence: str) -> None:
        """Add something that a person should know."""
        self.notes.append(Finding(name, sentence))


class KeptFiles(Protocol):
    """A place that holds kept files under the names of `layout`."""

    def names(self) -> Iterator[str]:
        """The names of all files, in any order."""

    def open(self, name: str) -> IO[bytes]:
        """Open a file at its beginning, for the caller to close. Raises FileNotFoundError."""


class Folder:
    """Kept files in a folder. Symbolic links are not followed, and nothing outside the folder is read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> Iterator[str]:
        """The names of all files, sorted within each folder."""
        yield from self._below(self._path, "")

    def open(self, name: str) -> IO[bytes]:
        """Open a file. Raises FileNotFoundError, also for a link and a name that leads out of the folder."""
        path = self._path / name
        if path.is_symlink() or not path.is_file() or ".." in name.split("/"):
            raise FileNotFoundError(name)
        return path.open("rb")

    def _below(self, path: Path, prefix: str) -> Iterator[str]:
        for entry in sorted(path.iterdir()):
            if entry.is_dir() and not entry.is_symlink():
                yield from self._below(entry, f"{prefix}{entry.name}/")
            else:
                yield f"{prefix}{entry.name}"
