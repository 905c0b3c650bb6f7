"""Kept files in a folder of this machine."""

import errno
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

from annotations.storing.once import CHUNK, NO_ROOM, Damaged, StorageFailed, StorageFull
from annotations.storing.owner import as_owner_of

# Files are written here first. It is on the same disk, so a finished file only has to be linked to its name.
INCOMING = "incoming"
# No writer takes this long: a fetch and the storing of its files end within minutes.
LEFT_BEHIND_SECONDS = 3600
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS)


class KeptFolder(FileSystemStorage):
    """A folder that keeps each file once: written aside, synced to the disk, then linked to its name."""

    def put(self, name: str, source: BinaryIO, size: int, sha256: str) -> bool:
        """See `WriteOnce.put`."""
        target = Path(self.path(name))
        try:
            with as_owner_of(self._data_folder):
                if self._is_there(target, size):
                    return False
                return self._put(target, source, size)
        except StorageFailed:
            raise
        except OSError as error:
            if error.errno in NO_ROOM:
                raise StorageFull(error.errno, f"no room for {name}") from error
            raise StorageFailed(error.errno or errno.EIO, f"{name}: {error.strerror}") from error

    def size_of(self, name: str) -> int:
        """See `WriteOnce.size_of`."""
        return Path(self.path(name)).stat().st_size

    def chunks(self, name: str) -> Iterator[bytes]:
        """See `WriteOnce.chunks`."""
        with self.open(name) as file:
            while piece := file.read(CHUNK):
                yield piece

    def listed(self, prefix: str) -> Iterator[tuple[str, int]]:
        """See `WriteOnce.listed`."""
        base = Path(self.location)
        for folder, folders, names in os.walk(self.path(prefix)):
            # A file that is being written is not kept yet, and may be gone before its size is read.
            folders[:] = sorted(name for name in folders if Path(folder, name) != base / INCOMING)
            for name in sorted(names):
                path = Path(folder, name)
                try:
                    size = path.stat().st_size
                except FileNotFoundError:
                    continue
                yield path.relative_to(base).as_posix(), size

    def open(self, name: str, mode: str = "rb") -> "File[Any]":
        """Open a kept file. Raises OSError."""
        with as_owner_of(self._data_folder):
            return super().open(name, mode)

    def free_bytes(self) -> int | None:
        """See `WriteOnce.free_bytes`."""
        place = Path(self.base_location)
        while not place.exists():
            place = place.parent
        return shutil.disk_usage(place).free

    def clear_left_behind(self) -> int:
        """See `WriteOnce.clear_left_behind`."""
        with as_owner_of(self._data_folder):
            return _clear(Path(self.path(INCOMING)), time.time() - LEFT_BEHIND_SECONDS)

    @property
    def _data_folder(self) -> Path:
        # Not the folder of the files itself: whoever owns what is above it could put a link in its place.
        return Path(self.base_location).parent

    def _is_there(self, target: Path, size: int) -> bool:
        try:
            found = target.stat().st_size
        except FileNotFoundError:
            return False
        if found != size:
            raise Damaged(errno.EEXIST, f"{target.name} holds {found} bytes instead of {size}")
        return True

    def _put(self, target: Path, source: BinaryIO, size: int) -> bool:
        aside = Path(self.path(f"{INCOMING}/{secrets.token_hex(16)}"))
        _make_folder(aside.parent)
        _make_folder(target.parent)
        try:
            _write(aside, source, size)
            return self._link(aside, target, size)
        finally:
            aside.unlink(missing_ok=True)

    def _link(self, aside: Path, target: Path, size: int) -> bool:
        try:
            os.link(aside, target)
        except FileExistsError:
            # Another writer has just kept the same file.
            return not self._is_there(target, size)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            # The file system has no links. Two writers of one name bring the same bytes, so either may win.
            aside.rename(target)
        _sync_folder(target.parent)
        return True


def _clear(incoming: Path, before: float) -> int:
    removed = 0
    for path in incoming.glob("*"):
        try:
            if path.stat().st_mtime < before:
                path.unlink()
                removed += 1
        except FileNotFoundError:
            # Its writer has just finished.
            continue
    return removed


def _write(path: Path, source: BinaryIO, size: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(handle, "wb") as out:
        left = size
        while left and (piece := source.read(min(CHUNK, left))):
            out.write(piece)
            left -= len(piece)
        out.flush()
        os.fsync(out.fileno())
    written = path.stat().st_size
    if left or written != size:
        raise StorageFailed(errno.EIO, f"{written} bytes were written instead of {size}")


def _make_folder(folder: Path) -> None:
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for path in reversed(missing):
        path.mkdir(exist_ok=True, mode=0o700)
        # The name of a new folder has to survive a power cut too.
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
