"""Read ZIP files strictly: only files written exactly as `zip_writing` writes them are accepted.

It supports only what a WACZ needs: no compression, no comments, no extra fields, less than 4 GiB.
"""

import io
import re
import struct
import zlib
from dataclasses import dataclass
from typing import IO

_STEP = 64 * 1024
_MOST_FILES = 10_000
_DIRECTORY_BYTES = 4 * 1024 * 1024
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_DATE = 0x21  # 1 January 1980, the earliest date of the format
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*(?:/[a-z0-9][a-z0-9._-]*)*")


class BrokenZip(ValueError):
    """The file is not a ZIP as this package writes them."""


@dataclass(frozen=True)
class Entry:
    """A file inside: where its content begins, its size in bytes, its CRC-32."""

    name: str
    start: int
    size: int
    crc: int


class Slice(io.RawIOBase):
    """The content of one entry, read like a file. Reading moves the position of the ZIP file."""

    def __init__(self, file: IO[bytes], entry: Entry) -> None:
        self._file, self._at, self._end = file, entry.start, entry.start + entry.size

    def readable(self) -> bool:
        return True

    def readinto(self, target: "bytearray | memoryview") -> int:  # type: ignore[override]
        self._file.seek(self._at)
        piece = self._file.read(min(len(target), self._end - self._at))
        self._at += len(piece)
        target[: len(piece)] = piece
        return len(piece)


def is_plain(name: str) -> bool:
    """Whether `name` is plain: only lower-case letters, digits and `._-/`, and no way out of a folder."""
    return _NAME.fullmatch(name) is not None


def read_zip(file: IO[bytes]) -> dict[str, Entry]:
    """The entries of `file` by name, in order. Every byte inside and outside of them is checked.

    Raises `BrokenZip` unless `write_zip` would write exactly these bytes.
    """
    total = file.seek(0, 2)
    if total < _END.size:
        raise BrokenZip("too short for a ZIP file")
    file.seek(total - _END.size)
    _, _, _, _, count, size, start, _ = _END.unpack(file.read(_END.size))
    if count > _MOST_FILES or size > _DIRECTORY_BYTES or start + size + _END.size != total:
        raise BrokenZip("the end of the ZIP file does not fit the rest")
    entries = []
    file.seek(start)
    directory, at = io.BytesIO(file.read(size)), 0
    for _ in range(count):
        fixed = directory.read(_CENTRAL.size)
        if len(fixed) < _CENTRAL.size:
            raise BrokenZip("the list of files is shorter than it says")
        values = _CENTRAL.unpack(fixed)
        name = directory.read(values[10]).decode("ascii", "replace")
        entries.append(Entry(name, at + _LOCAL.size + len(name), values[9], values[7]))
        at = entries[-1].start + entries[-1].size
        if not is_plain(name) or at > start:
            raise BrokenZip(f"the list of files does not hold at {name!r}")
    names = [entry.name for entry in entries]
    if names != sorted(set(names)) or at != start:
        raise BrokenZip("the files inside do not follow each other in order")
    for entry in entries:
        head = _local(entry.name, entry.size, entry.crc)
        file.seek(entry.start - len(head))
        if file.read(len(head)) != head:
            raise BrokenZip(f"what stands before {entry.name} was changed")
        if _measured(io.BufferedReader(Slice(file, entry))) != (entry.size, entry.crc):
            raise BrokenZip(f"{entry.name} was changed")
    file.seek(start)
    if file.read() != _tail(entries, start):
        raise BrokenZip("the list of files was changed")
    return {entry.name: entry for entry in entries}


def _measured(file: IO[bytes]) -> tuple[int, int]:
    if file.seekable():
        file.seek(0)
    size, crc = 0, 0
    while piece := file.read(_STEP):
        size += len(piece)
        crc = zlib.crc32(piece, crc)
    return size, crc


def _local(name: str, size: int, crc: int) -> bytes:
    return _LOCAL.pack(b"PK\x03\x04", 10, 0, 0, 0, _DATE, crc, size, size, len(name), 0) + name.encode()


def _tail(entries: list[Entry], start: int) -> bytes:
    directory = b"".join(
        _CENTRAL.pack(
            b"PK\x01\x02", 10, 10, 0, 0, 0, _DATE, entry.crc, entry.size, entry.size, len(entry.name),
            0, 0, 0, 0, 0, entry.start - _LOCAL.size - len(entry.name),
        ) + entry.name.encode()
        for entry in entries
    )  # fmt: skip
    end = _END.pack(b"PK\x05\x06", 0, 0, len(entries), len(entries), len(directory), start, 0)
    return directory + end
