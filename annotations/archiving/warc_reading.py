"""Read WARC files strictly and within limits. A file that this package would not write is refused."""

import hashlib
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

_STEP = 64 * 1024
_MOST_RECORDS = 1000
_RECORD_HEAD_BYTES = 64 * 1024
_UNPACKED_BYTES = 1024**3  # ten times the largest response that a fetch accepts


class BrokenWarc(ValueError):
    """The file is not a WARC as this package writes them."""


class Block(io.RawIOBase):
    """The content of a record. It can be read once, and is hashed while it is read."""

    def __init__(self, stream: IO[bytes], size: int) -> None:
        self._stream, self._left = stream, size
        self._digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, target: "bytearray | memoryview") -> int:  # type: ignore[override]
        piece = self._stream.read(min(len(target), self._left))
        if not piece and self._left:
            raise BrokenWarc("a record is shorter than it says")
        self._left -= len(piece)
        self._digest.update(piece)
        target[: len(piece)] = piece
        return len(piece)

    def drained_sha256(self) -> str:
        """Read the rest, and return the SHA-256 of the whole content in hexadecimal."""
        while self.read(_STEP):
            continue
        return self._digest.hexdigest()


@dataclass
class Record:
    """One record. `headers` have lower-case names. Read `content` before you ask for the next record."""

    offset: int
    headers: dict[str, str]
    content: IO[bytes]
    block: Block
    length: int = 0  # in the file, compressed; 0 until the next record is asked for

    @property
    def kind(self) -> str:
        return self.headers["warc-type"]

    @property
    def url(self) -> str:
        return self.headers.get("warc-target-uri", "")


def read_warc(stream: IO[bytes]) -> Iterator[Record]:
    """The records, in order, of a WARC file in which each record is compressed by itself.

    The part of a record that the caller does not read is skipped, but still hashed. Raises `BrokenWarc`
    at the place where the file does not hold.
    """
    file, left = _File(stream), _UNPACKED_BYTES
    for _ in range(_MOST_RECORDS):
        offset = file.offset
        if file.at_end():
            return
        lines = io.BufferedReader(_Member(file), _STEP)
        headers = _headers(lines)
        size = headers.get("content-length", "")
        if not re.fullmatch("[0-9]{1,12}", size):
            raise BrokenWarc("a record without its length")
        left -= int(size)
        if left < 0:
            raise BrokenWarc(f"more than {_UNPACKED_BYTES} bytes, unpacked")
        block = Block(lines, int(size))
        record = Record(offset, headers, io.BufferedReader(block, _STEP), block)
        yield record
        while record.content.read(_STEP):
            continue
        if lines.read(5) != b"\r\n\r\n":
            raise BrokenWarc("a record is longer than it says")
        record.length = file.offset - offset
    raise BrokenWarc(f"more than {_MOST_RECORDS} records")


class _File:
    """The compressed bytes. Bytes that one member did not need go to the next."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._held = stream, b""
        self.offset = 0

    def at_end(self) -> bool:
        self._held = self._held or self._stream.read(_STEP)
        return not self._held

    def take(self) -> bytes:
        data, self._held = self._held or self._stream.read(_STEP), b""
        self.offset += len(data)
        return data

    def give_back(self, data: bytes) -> None:
        self._held = data
        self.offset -= len(data)


class _Member(io.RawIOBase):
    """One compressed member. It is unpacked while it is read."""

    def __init__(self, file: _File) -> None:
        self._file = file
        self._engine = zlib.decompressobj(31)
        self._done = False

    def readable(self) -> bool:
        return True

    def readinto(self, target: "bytearray | memoryview") -> int:  # type: ignore[override]
        while not self._done:
            data = self._engine.unconsumed_tail or self._file.take()
            try:
                piece = self._engine.decompress(data, len(target))
            except zlib.error as error:
                raise BrokenWarc(f"a record cannot be unpacked: {error}") from None
            self._done = self._engine.eof
            if self._done:
                self._file.give_back(self._engine.unused_data)
            if piece:
                target[: len(piece)] = piece
                return len(piece)
            if not data and not self._done:
                raise BrokenWarc("the file ends in the middle of a record")
        return 0


def _headers(lines: IO[bytes]) -> dict[str, str]:
    if lines.readline(_STEP) != b"WARC/1.1\r\n":
        raise BrokenWarc("a record does not begin as WARC 1.1")
    headers: dict[str, str] = {}
    taken = 0
    while (line := lines.readline(_STEP)) != b"\r\n":
        taken += len(line)
        name, colon, value = line.decode("utf-8", "replace").partition(": ")
        if not colon or not line.endswith(b"\r\n") or taken > _RECORD_HEAD_BYTES or name.lower() in headers:
            raise BrokenWarc("a line in the head of a record does not hold")
        headers[name.lower()] = value[:-2]
    if "warc-type" not in headers:
        raise BrokenWarc("a record without its type")
    return headers
