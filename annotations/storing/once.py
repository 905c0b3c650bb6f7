"""The interface of every storage for kept files."""

import errno
from collections.abc import Iterator
from typing import BinaryIO, Protocol

CHUNK = 1024 * 1024
# The errors of a write when the disk or the quota is full.
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class StorageFailed(OSError):
    """The storage could not do what was asked. It may help to try again later."""


class StorageFull(StorageFailed):
    """There is no room for the file. No part of it is left behind, and no kept file has changed."""


class Damaged(StorageFailed):
    """There is already a file of this name, but not the right one."""


class WriteOnce(Protocol):
    """A storage for files that are written once, as a whole, and never changed.

    Names are relative paths with slashes. Sizes are in bytes. All methods raise `StorageFailed` if the
    storage cannot be reached, and `FileNotFoundError` for a name that does not exist.
    """

    def put(self, name: str, source: BinaryIO, size: int, sha256: str) -> bool:
        """Keep the next `size` bytes of `source`, which have the SHA-256 `sha256` in hexadecimal.

        Returns True if the file was written, and False if it was there already. A reader finds the whole
        file or none. Raises `StorageFull`, `Damaged` if a file of another size has that name, or
        `StorageFailed` if `source` does not have `size` bytes.
        """

    def size_of(self, name: str) -> int:
        """The size of a kept file in bytes."""

    def chunks(self, name: str) -> Iterator[bytes]:
        """The content of a kept file, in pieces of at most `CHUNK` bytes."""

    def listed(self, prefix: str) -> Iterator[tuple[str, int]]:
        """The name and size of every kept file below `prefix`, in any order."""

    def free_bytes(self) -> int | None:
        """The free space in bytes, or None if the storage does not say."""

    def clear_left_behind(self) -> int:
        """Remove the files that interrupted writers left, and return their number."""
