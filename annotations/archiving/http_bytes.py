"""Recorded HTTP/1 bytes taken apart again: heads, the payload without its chunks, content codings undone."""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

try:
    import brotli
except ImportError:
    brotli = None
try:
    import zstandard
except ImportError:
    zstandard = None  # type: ignore[assignment]

_STEP = 64 * 1024
_ZSTD_SLICE = 512  # its binding has no output limit: the input goes in slices
_HEAD_BYTES = 1024 * 1024
_STATUS = re.compile(rb"HTTP/1\.[0-9] ([1-9][0-9]{2})(?![0-9])")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\n]*)?\r?\n")
_SWITCHING = 101


class NotHttp(ValueError):
    """The bytes do not begin with a complete HTTP/1 head."""


class PayloadCut(ValueError):
    """The payload ends before its end, or cannot be unpacked further; what came before is good."""


class CannotUnpack(Exception):
    """The library for this content coding is not installed."""


@dataclass(frozen=True)
class Head:
    """The first lines of an answer: its status, and its headers in order with their spelling."""

    status: int
    headers: tuple[tuple[str, str], ...]

    @property
    def interim(self) -> bool:
        """Whether another head follows, as after 103 Early Hints."""
        return 100 <= self.status < 200 and self.status != _SWITCHING

    def values(self, name: str) -> list[str]:
        """All values of this header, in any case of its name."""
        return [value for key, value in self.headers if key.lower() == name]


def read_head(stream: IO[bytes]) -> Head:
    """Read one head, blank line included. Raises `NotHttp`, the stream then being anywhere."""
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
    """What the answer carries, without chunks, still in its content coding. `stream` stands after the head.

    Raises `PayloadCut` after the last good piece when the answer breaks off or its chunks do not hold.
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


def unpacked(head: Head, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The payload with its content codings undone, in pieces of bounded size.

    Raises `PayloadCut` after the last good piece when a coding does not hold, and `CannotUnpack`, before
    anything, when its library is missing.
    """
    names = [name.strip().lower() for value in head.values("content-encoding") for name in value.split(",")]
    for name in reversed([name for name in names if name not in ("", "identity")]):
        if name in ("gzip", "x-gzip"):
            pieces = _inflated(pieces, 31)
        elif name == "deflate":
            pieces = _inflated(pieces, 15)
        elif name == "br":
            if brotli is None:
                raise CannotUnpack("brotli")
            pieces = _from_brotli(pieces)
        elif name == "zstd":
            if zstandard is None:
                raise CannotUnpack("zstandard")
            pieces = _from_zstd(pieces)
        else:
            pieces = _unknown(pieces, name)
    return pieces


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


def _inflated(pieces: Iterator[bytes], window_bits: int) -> Iterator[bytes]:
    engine, started = zlib.decompressobj(window_bits), False
    for given in pieces:
        data = given
        while data:
            if engine.eof:
                if window_bits != 31 or not data.startswith(b"\x1f\x8b"):
                    break  # padding after the end, which browsers ignore too
                engine = zlib.decompressobj(window_bits)
            try:
                piece = engine.decompress(data, _STEP)
            except zlib.error as error:
                if started or window_bits != 15:
                    raise PayloadCut(str(error)) from None
                # Half of the web sends deflate without its wrapper.
                engine, started = zlib.decompressobj(-15), True
                continue
            started = True
            data = engine.unused_data if engine.eof else engine.unconsumed_tail
            if piece:
                yield piece
    while started and not engine.eof:
        piece = engine.decompress(b"", _STEP)
        if not piece:
            raise PayloadCut("the compressed data ends too early")
        yield piece


def _from_brotli(pieces: Iterator[bytes]) -> Iterator[bytes]:
    engine, started = brotli.Decompressor(), False
    try:
        for data in pieces:
            started = True
            piece = engine.process(data, output_buffer_limit=_STEP)
            while piece:
                yield piece
                if engine.is_finished() or engine.can_accept_more_data():
                    break
                piece = engine.process(b"", output_buffer_limit=_STEP)
    except brotli.error as error:
        raise PayloadCut(str(error)) from None
    if started and not engine.is_finished():
        raise PayloadCut("the compressed data ends too early")


def _from_zstd(pieces: Iterator[bytes]) -> Iterator[bytes]:
    engine, started = zstandard.ZstdDecompressor(max_window_size=8 * 1024 * 1024).decompressobj(), False
    try:
        for data in pieces:
            for start in range(0, len(data), _ZSTD_SLICE):
                rest = data[start : start + _ZSTD_SLICE]
                while rest:
                    if engine.eof:
                        engine = zstandard.ZstdDecompressor(max_window_size=8 * 1024 * 1024).decompressobj()
                    started, piece = True, engine.decompress(rest)
                    rest = engine.unused_data if engine.eof else b""
                    if piece:
                        yield piece
    except zstandard.ZstdError as error:
        raise PayloadCut(str(error)) from None
    if started and not engine.eof:
        raise PayloadCut("the compressed data ends too early")


def _unknown(pieces: Iterator[bytes], name: str) -> Iterator[bytes]:
    for _ in pieces:
        raise PayloadCut(f"nobody knows the content coding {name!r}")
    yield from ()
