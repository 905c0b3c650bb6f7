"""Content codings undone in bounded steps, so that a small answer cannot fill the memory."""

import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

import brotli
import zstandard

from annotations.fetching.failures import FetchFailed
from annotations.fetching.fetched import Limits

_STEP = 64 * 1024
# Four bytes of zstd can stand for a block of 128 KiB and its Python binding has no output limit,
# so the input goes in slices: at most 16 MiB come out of one call.
_ZSTD_SLICE = 512
_ZSTD_WINDOW = 8 * 1024 * 1024  # what RFC 9659 allows for zstd on the web


class Stage(Protocol):
    """Undoes one coding."""

    def decode(self, data: bytes) -> Iterator[bytes]:
        """Yield what `data` completes, in pieces of bounded size."""

    def complete(self) -> bool:
        """Whether the coding reached its own end mark."""


class _Zlib:
    """gzip with any number of members, or deflate with and without its wrapper."""

    def __init__(self, window_bits: int) -> None:
        self._window_bits = window_bits
        self._engine = zlib.decompressobj(window_bits)
        self._started = False

    def decode(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._engine.eof:
                if self._window_bits != 31 or not data.startswith(b"\x1f\x8b"):
                    return  # padding after the end, which browsers ignore too
                self._engine = zlib.decompressobj(self._window_bits)
            piece, data = self._step(data)
            if piece:
                yield piece

    def _step(self, data: bytes) -> tuple[bytes, bytes]:
        try:
            piece = self._engine.decompress(data, _STEP)
        except zlib.error:
            if self._started or self._window_bits != 15:
                raise
            self._engine = zlib.decompressobj(-15)
            piece = self._engine.decompress(data, _STEP)
        self._started = True
        return piece, self._engine.unused_data if self._engine.eof else self._engine.unconsumed_tail

    def complete(self) -> bool:
        return self._engine.eof


class _Brotli:
    def __init__(self) -> None:
        self._engine = brotli.Decompressor()

    def decode(self, data: bytes) -> Iterator[bytes]:
        piece = self._engine.process(data, output_buffer_limit=_STEP)
        while piece:
            yield piece
            if self._engine.is_finished() or self._engine.can_accept_more_data():
                return
            piece = self._engine.process(b"", output_buffer_limit=_STEP)

    def complete(self) -> bool:
        return bool(self._engine.is_finished())


class _Zstandard:
    def __init__(self) -> None:
        self._engine = self._fresh()

    @staticmethod
    def _fresh() -> "zstandard.ZstdDecompressionObj":
        return zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()

    def decode(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), _ZSTD_SLICE):
            rest = data[start : start + _ZSTD_SLICE]
            while rest:
                if self._engine.eof:
                    self._engine = self._fresh()
                piece = self._engine.decompress(rest)
                rest = self._engine.unused_data if self._engine.eof else b""
                if piece:
                    yield piece

    def complete(self) -> bool:
        return bool(self._engine.eof)


_STAGES: dict[str, Callable[[], Stage]] = {
    "gzip": lambda: _Zlib(31),
    "x-gzip": lambda: _Zlib(31),
    "deflate": lambda: _Zlib(15),
    "br": _Brotli,
    "zstd": _Zstandard,
}
ACCEPTED = "gzip, deflate, br, zstd"


class Decoder:
    """Undoes the codings named in a Content-Encoding header, within limits.

    `feed` yields decoded pieces and raises `FetchFailed` with `decompression_bomb`,
    `too_large` or `bad_encoding`; what was yielded before stays valid.
    """

    def __init__(self, content_encoding: str, limits: Limits) -> None:
        names = [part.strip().lower() for part in content_encoding.split(",")]
        names = [name for name in names if name and name != "identity"]
        if len(names) > limits.codings or any(name not in _STAGES for name in names):
            raise FetchFailed("bad_encoding", f"Content-Encoding: {content_encoding[:100]}")
        self._stages = [_STAGES[name]() for name in reversed(names)]
        self._limits = limits
        self._taken = 0
        self._given = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The decoded pieces that `data` completes."""
        self._taken += len(data)
        try:
            for piece in self._through(data, 0):
                self._given += len(piece)
                self._check()
                yield piece
        except (zlib.error, brotli.error, zstandard.ZstdError) as error:
            raise FetchFailed("bad_encoding", str(error)) from None

    def complete(self) -> bool:
        """Whether every coding reached its own end mark."""
        return not self._taken or all(stage.complete() for stage in self._stages)

    def _through(self, data: bytes, depth: int) -> Iterator[bytes]:
        if depth == len(self._stages):
            yield data
            return
        for piece in self._stages[depth].decode(data):
            yield from self._through(piece, depth + 1)

    def _check(self) -> None:
        if self._given > self._limits.decoded_bytes:
            raise FetchFailed("decompression_bomb" if self._stages else "too_large")
        if self._given > self._limits.ratio_from and self._given > self._taken * self._limits.ratio:
            raise FetchFailed("decompression_bomb", f"{self._taken} bytes became {self._given} and more")
