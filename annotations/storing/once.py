"""What every storage of kept files promises."""

import errno
from collections.abc import Iterator
from typing import BinaryIO, Protocol

CHUNK = 1024 * 1024
# What a disk that is full, or a person's share of it, answers to a write.
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class StorageFailed(OSError):
    """The storage did not do what was asked; trying again later may help."""


class StorageFull(StorageFailed):
    """There is no room for the file. Nothing of it is left behind, and nothing kept was touched."""


class Damaged(StorageFailed):
    """There is a file of this name already, and it is not what belongs there."""


class WriteOnce(Protocol):
    """A storage of files that are written once, whole, and never changed.

    Names are relative, with slashes. Sizes are bytes. All methods raise `StorageFailed` when the
    storage cannot be reached, and `FileNotFoundError` for a name that is not there.
    """

    def put(self, name: str, source: BinaryIO, size: int, sha256: str) -> bool:
        """Keep the next `size` bytes of `source`, whose hash is `sha256`; False if they were kept already.

        Whoever reads finds the whole file or none. Raises StorageFull, or Damaged for a file of
        another size under that name.
        """

    def size_of(self, name: str) -> int:
        """The size of a kept file."""

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of a kept file, in pieces of at most `CHUNK`."""

    def listed(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Every kept file below `prefix` with its size, in any order."""

    def free_bytes(self) -> int | None:
        """What fits beside what is there; None where the storage does not say."""

    def clear_left_behind(self) -> int:
        """Remove what interrupted writers left; the number of files removed."""
