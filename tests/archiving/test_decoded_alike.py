"""The fetch and the check decode to the same bytes, whatever a site sends."""

import gzip
import io
import random
import zlib
from collections.abc import Callable, Iterator

import brotli
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.archiving.http_bytes import PayloadCut, body_pieces, payload_pieces, read_head
from annotations.fetching import FetchFailed, Limits
from annotations.fetching.decoding import Payload, decoded_within


def _bare(data: bytes) -> bytes:
    engine = zlib.compressobj(wbits=-15)
    return engine.compress(data) + engine.flush()


def _halves(pack: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    return lambda data: pack(data[: len(data) // 2]) + pack(data[len(data) // 2 :])


PACKERS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("x-gzip", _halves(gzip.compress)),
    ("deflate", zlib.compress),
    ("deflate", _bare),
    ("br", lambda data: brotli.compress(data, quality=5)),
    ("zstd", zstandard.compress),
    ("ZSTD", _halves(zstandard.compress)),
    ("identity", bytes),
]
LIMITS = Limits()
SIZES = st.integers(0, 5000) | st.sampled_from(
    [16_383, 16_384, 16_385, 65_535, 65_536, 65_537, 131_072, 300_000]
)
BODIES = st.builds(
    lambda seed, size, varied: random.Random(seed).randbytes(varied or size).ljust(size, b"x")[:size],
    st.integers(0, 2**32),
    SIZES,
    st.integers(0, 20_000),
)
CUTS = st.lists(st.integers(1, 9000), min_size=1, max_size=20)


def _cut(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    """`data` in pieces of these sizes, repeated until its end."""
    at = 0
    while at < len(data):
        for size in sizes:
            yield data[at : at + size]
            at += size


def _chunked(data: bytes, sizes: list[int]) -> bytes:
    chunks = [piece for piece in _cut(data, sizes) if piece]
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


def _fetched(coding: str, pieces: Iterator[bytes]) -> tuple[bytes, bool]:
    """The body that fetching keeps, and whether it is cut."""
    kept = b""
    try:
        for piece in decoded_within(LIMITS, [coding], Payload(pieces, LIMITS.body_bytes)):
            kept += piece
    except FetchFailed:
        return kept, True
    return kept, False


def _checked(raw: bytes) -> tuple[bytes, bool]:
    """The body that the check derives from a recorded answer, and whether it is cut."""
    stream, kept = io.BytesIO(raw), b""
    head = read_head(stream)
    try:
        for piece in body_pieces(head, payload_pieces(head, stream)):
            kept += piece
    except PayloadCut:
        return kept, True
    return kept, False


@st.composite
def answers(draw: st.DrawFn) -> tuple[str, bytes, bytes]:
    """A Content-Encoding, a body, and its payload in that coding."""
    packers = draw(st.lists(st.sampled_from(PACKERS), max_size=2))
    payload = body = draw(BODIES)
    for _, pack in packers:
        payload = pack(payload)
    return ", ".join(name for name, _ in packers), body, payload


@given(answers(), CUTS, CUTS)
@settings(max_examples=100, deadline=None)
def test_a_whole_page_is_the_same_however_it_was_cut(
    answer: tuple[str, bytes, bytes], arriving: list[int], chunks: list[int]
) -> None:
    coding, body, payload = answer
    assert _fetched(coding, _cut(payload, arriving)) == (body, False)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\n"
    assert _checked(f"{head}\r\n".encode() + payload) == (body, False)
    assert _checked(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + _chunked(payload, chunks)) == (
        body,
        False,
    )


@given(answers(), CUTS, st.integers(0, 2**20), st.integers(0, 7), st.binary(max_size=9), st.booleans())
@settings(max_examples=100, deadline=None)
def test_a_damaged_page_is_the_same_however_it_was_cut(
    answer: tuple[str, bytes, bytes], arriving: list[int], place: int, bit: int, more: bytes, keep: bool
) -> None:
    coding, _, payload = answer
    damaged = bytearray(payload)
    if damaged:
        damaged[place % len(damaged)] ^= 1 << bit
    sent = bytes(damaged) + more if keep else bytes(damaged[: place % (len(damaged) + 1)])
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(sent)}\r\n\r\n".encode()
    assert _fetched(coding, _cut(sent, arriving)) == _checked(head + sent)


@given(answers(), CUTS, st.integers(0, 2**20))
@settings(max_examples=100, deadline=None)
def test_a_page_whose_site_hung_up_is_the_same_however_it_was_cut(
    answer: tuple[str, bytes, bytes], arriving: list[int], place: int
) -> None:
    coding, body, payload = answer
    sent = payload[: place % (len(payload) + 1)]

    def arrives() -> Iterator[bytes]:
        yield from _cut(sent, arriving)
        raise FetchFailed("net_reset")

    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(payload) + 1}\r\n\r\n"
    kept, cut = _fetched(coding, arrives())
    assert (kept, cut) == _checked(head.encode() + sent) == (body[: len(kept)], True)
