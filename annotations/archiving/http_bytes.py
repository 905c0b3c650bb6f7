"""Parse recorded HTTP/1 responses: the head, the payload without its chunks, the decoded body."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from annotations.domain.content_codings import BadCoding, UnknownCoding, codings_in, decoded

_STEP = 64 * 1024
_HEAD_BYTES = 1024 * 1024
_STATUS = re.compile(rb"HTTP/1\.[0-9] ([1-9][0-9]{2})(?![0-9])")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\n]*)?\r?\n")
_SWITCHING = 101


class NotHttp(ValueError):
    """The bytes do not begin with a complete HTTP/1 head."""


class PayloadCut(ValueError):
    """The payload breaks off, or cannot be decoded further. The pieces before that are good."""


@dataclass(frozen=True)
class Head:
    """The head of a response: its status, and its headers in their order and spelling."""

    status: int
    headers: tuple[tuple[str, str], ...]

    @property
    def interim(self) -> bool:
        """Whether another head follows, as after 103 Early Hints."""
        return 100 <= self.status < 200 and self.status != _SWITCHING

    def values(self, name: str) -> list[str]:
        """All values of a header. `name` is in lower case; the header may be in any case."""
        return [value for key, value in self.headers if key.lower() == name]


def read_head(stream: IO[bytes]) -> Head:
    """Read one head and the blank line after it.

    Raises `NotHttp`, and then leaves the stream at no certain position.
    """
    first = stream.readline(_STEP)
    status = _STATUS.match(first)
    if status is None or not first.endswith(b"\n"):
        raise NotHttp("no HTTP/1 status line")
    taken, lines = len(first), list[bytes]()
    while True:
        line = stream.readline(_STEP)
        taken += len(line)
        if not line.endswith(b"\n") or taken > _HEAD_BYTES:
            raise NotHttp("the head has no end")
        if line in (b"\r\n", b"\n"):
            return Head(int(status[1]), tuple(_fields(lines)))
        if line[:1] in b" \t" and lines:
            lines[-1] = lines[-1].rstrip(b"\r\n") + b" " + line.strip()
        else:
            lines.append(line)


def payload_pieces(head: Head, stream: IO[bytes]) -> Iterator[bytes]:
    """The payload of a response in pieces: without chunks, still in its content coding.

    `stream` is positioned after the head. Raises `PayloadCut` after the last good piece if the response
    breaks off or its chunks are malformed.
    """
    if head.status in (204, 304) or head.status < 200:
        return
    if any("chunked" in value.lower() for value in head.values("transfer-encoding")):
        yield from _without_chunks(stream)
        return
    length = next((value.strip() for value in head.values("content-length")), "")
    if length.partition(",")[0].strip().isdigit():
        yield from _exactly(stream, int(length.partition(",")[0]))
        return
    while piece := stream.read(_STEP):
        yield piece


def body_pieces(head: Head, payload: Iterator[bytes]) -> Iterator[bytes]:
    """The decoded body of `payload`, in pieces of bounded size.

    Raises `PayloadCut` after the last good piece if the payload cannot be decoded. Raises
    `LibraryMissing` before the first piece if a package for a coding is not installed.
    """
    try:
        return _decoded(decoded(codings_in(head.values("content-encoding")), payload))
    except UnknownCoding as error:
        return _refused(payload, str(error))


def _fields(lines: list[bytes]) -> Iterator[tuple[str, str]]:
    for line in lines:
        name, colon, value = line.partition(b":")
        if colon:
            yield name.strip().decode("latin-1"), value.strip().decode("latin-1")


def _exactly(stream: IO[bytes], size: int) -> Iterator[bytes]:
    while size:
        piece = stream.read(min(size, _STEP))
        if not piece:
            raise PayloadCut("fewer bytes than announced")
        size -= len(piece)
        yield piece


def _without_chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while True:
        announced = _CHUNK.fullmatch(stream.readline(_STEP))
        if announced is None:
            raise PayloadCut("no size of a chunk where one belongs")
        size = int(announced[1], 16)
        if size == 0:
            break
        yield from _exactly(stream, size)
        if stream.readline(2) not in (b"\r\n", b"\n"):
            raise PayloadCut("a chunk longer than announced")
    while line := stream.readline(_STEP):
        if line in (b"\r\n", b"\n"):
            return
    raise PayloadCut("no end of the trailers")


def _decoded(pieces: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from pieces
    except BadCoding as error:
        raise PayloadCut(str(error)) from None


def _refused(payload: Iterator[bytes], why: str) -> Iterator[bytes]:
    for _ in payload:
        raise PayloadCut(why)
    yield from ()
