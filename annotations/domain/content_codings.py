"""Decoding of HTTP content codings in bounded memory. The result does not depend on how the input was split.

Fetching keeps this output, and the check of a capture derives it again from the recorded exchange, so both
use this module. The downloaded verifier contains it too, and there brotli and zstandard may be missing.
"""

import itertools
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator

try:
    import brotli
except ImportError:
    brotli = None
try:
    import zstandard
except ImportError:
    zstandard = None  # type: ignore[assignment]

ACCEPTED = "gzip, deflate, br, zstd"
# A broken coding loses the output of its last call. Calls with equal input lose the same output everywhere.
_SLICE = 4096
_MOST_OUT = 64 * 1024
# Four bytes of zstd can stand for a block of 128 KiB and its Python binding has no output limit,
# so the input goes in smaller slices: at most 16 MiB come out of one call.
_ZSTD_SLICE = 512
_ZSTD_WINDOW = 8 * 1024 * 1024  # what RFC 9659 allows for zstd on the web


class BadCoding(ValueError):
    """The bytes do not follow their coding. What came out before is good."""


class CodingCut(BadCoding):
    """The bytes end before the coding does. What came out before is good."""


class UnknownCoding(BadCoding):
    """The content coding is not one that this module can undo."""


class LibraryMissing(Exception):
    """The Python package that undoes this coding is not installed. The message is the package's name."""


def codings_in(content_encoding: Iterable[str]) -> list[str]:
    """Return the codings named by the values of Content-Encoding, lower-case, in the order of application."""
    names = [name.strip().lower() for value in content_encoding for name in value.split(",")]
    return [name for name in names if name not in ("", "identity")]


def decoded(codings: Iterable[str], payload: Iterable[bytes]) -> Iterator[bytes]:
    """Return an iterator over the body that `payload` carries under `codings`, in pieces of bounded size.

    The pieces of `payload` may have any size. It is read to its end, whatever follows the end of a coding. If
    `payload` raises, the bytes it gave before are decoded first. Empty input is an empty body in any coding.
    The iterator raises `BadCoding`, or `CodingCut` when only the end is missing. This function itself raises
    `UnknownCoding` and `LibraryMissing` at once, before it reads anything.
    """
    applied = list(codings)
    for name in applied:
        if name not in _DECODERS:
            raise UnknownCoding(f"nobody knows the content coding {name[:100]!r}")
    for name, library, package in (("br", brotli, "brotli"), ("zstd", zstandard, "zstandard")):
        if name in applied and library is None:
            raise LibraryMissing(package)
    pieces = _in_slices(payload) if applied else iter(payload)
    for name in reversed(applied):
        pieces = _DECODERS[name](pieces)
    return pieces


def _in_slices(pieces: Iterable[bytes]) -> Iterator[bytes]:
    held = b""
    try:
        for piece in pieces:
            data = held + piece
            whole = len(data) - len(data) % _SLICE
            for start in range(0, whole, _SLICE):
                yield data[start : start + _SLICE]
            held = data[whole:]
    except Exception:
        if held:
            yield held
        raise
    if held:
        yield held


def _from_gzip(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Decode any number of members. Whatever follows them is padding, which browsers ignore too."""
    return _inflated(pieces, 31, again=b"\x1f\x8b")


def _from_deflate(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Decode deflate with the wrapper that the standard requires, or without it, as half the web sends it."""
    start = b""
    for piece in pieces:
        start += piece
        if len(start) > 1:
            break
    wrapped = start[:1] and start[0] & 0x8F == 8 and int.from_bytes(start[:2]) % 31 == 0
    yield from _inflated(itertools.chain([start], pieces), 15 if wrapped else -15)


def _inflated(pieces: Iterator[bytes], window_bits: int, again: bytes = b"") -> Iterator[bytes]:
    """Decode one stream, and further ones if `again` follows its end. Anything else there is ignored."""
    engine, started, over, held = zlib.decompressobj(window_bits), False, False, b""
    try:
        for piece in pieces:
            data, held = held + piece, b""
            while data and not over:
                if not engine.eof:
                    started = True
                    data = yield from _inflate(engine, data)
                elif again and data.startswith(again):
                    engine = zlib.decompressobj(window_bits)
                elif len(data) < len(again) and again.startswith(data):
                    data, held = b"", data
                else:
                    over = True
    except zlib.error as error:
        raise BadCoding(str(error)) from None
    if started and not engine.eof:
        raise CodingCut("the compressed data ends too early")


def _inflate(engine: "zlib._Decompress", data: bytes) -> Generator[bytes, None, bytes]:
    """Yield the decoded `data`; return the bytes that follow the end of the stream."""
    while True:
        out = engine.decompress(data, _MOST_OUT)
        if out:
            yield out
        data = engine.unconsumed_tail
        # The decoder may have taken all input while it still holds output.
        if engine.eof or (not data and len(out) < _MOST_OUT):
            return engine.unused_data


def _from_brotli(pieces: Iterator[bytes]) -> Iterator[bytes]:
    engine, started = brotli.Decompressor(), False
    try:
        for data in pieces:
            started, out = True, engine.process(data, output_buffer_limit=_MOST_OUT)
            while out:
                yield out
                # The decoder says that it can take more input while it still holds output.
                out = b"" if engine.is_finished() else engine.process(b"", output_buffer_limit=_MOST_OUT)
    except brotli.error as error:
        raise BadCoding(str(error)) from None
    if started and not engine.is_finished():
        raise CodingCut("the compressed data ends too early")


def _from_zstd(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Decode any number of frames."""
    engine, started = _zstd_frame(), False
    try:
        for data in pieces:
            for start in range(0, len(data), _ZSTD_SLICE):
                rest = data[start : start + _ZSTD_SLICE]
                while rest:
                    if engine.eof:
                        engine = _zstd_frame()
                    started, out = True, engine.decompress(rest)
                    rest = engine.unused_data if engine.eof else b""
                    if out:
                        yield out
    except zstandard.ZstdError as error:
        raise BadCoding(str(error)) from None
    if started and not engine.eof:
        raise CodingCut("the compressed data ends too early")


def _zstd_frame() -> "zstandard.ZstdDecompressionObj":
    return zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()


_DECODERS: dict[str, Callable[[Iterator[bytes]], Iterator[bytes]]] = {
    "gzip": _from_gzip,
    "x-gzip": _from_gzip,
    "deflate": _from_deflate,
    "br": _from_brotli,
    "zstd": _from_zstd,
}
