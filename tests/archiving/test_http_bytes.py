import gzip
import io
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from annotations.archiving import http_bytes
from annotations.archiving.http_bytes import (
    CannotUnpack,
    NotHttp,
    PayloadCut,
    payload_pieces,
    read_head,
    unpacked,
)
from annotations.fetching.decoding import Decoder
from annotations.fetching.fetched import Limits

PACKED = {
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": lambda data: zstandard.ZstdCompressor().compress(data),
}


def _taken(raw: bytes) -> tuple[bytes, bool]:
    """The unpacked payload of `raw`, and whether it was cut."""
    stream = io.BytesIO(raw)
    head, kept = read_head(stream), b""
    try:
        for piece in unpacked(head, payload_pieces(head, stream)):
            kept += piece
    except PayloadCut:
        return kept, True
    return kept, False


def _answer(headers: str, body: bytes) -> bytes:
    return f"HTTP/1.1 200 OK\r\n{headers}\r\n\r\n".encode() + body


@pytest.mark.parametrize("coding", PACKED)
@given(st.binary(max_size=2000))
def test_the_page_is_the_one_that_fetching_unpacked(coding: str, page: bytes) -> None:
    packed = PACKED[coding](page)
    fetched = b"".join(Decoder(coding, Limits()).feed(packed))
    assert _taken(_answer(f"Content-Encoding: {coding}", packed)) == (fetched, False)
    assert fetched == page


@pytest.mark.parametrize("coding", PACKED)
def test_a_coding_that_breaks_off_gives_what_came_before(coding: str) -> None:
    page = bytes(range(256)) * 2000
    kept, cut = _taken(_answer(f"Content-Encoding: {coding}", PACKED[coding](page)[:-4]))
    assert cut
    assert page.startswith(kept)


def test_codings_are_undone_from_the_last_to_the_first() -> None:
    body = brotli.compress(gzip.compress(b"page"))
    assert _taken(_answer("Content-Encoding: gzip\r\nContent-Encoding: br", body)) == (b"page", False)
    assert _taken(_answer("Content-Encoding: GZip, identity, br", body)) == (b"page", False)


def test_odd_spellings_of_codings_are_undone() -> None:
    bare = zlib.compressobj(wbits=-15)
    assert _taken(_answer("Content-Encoding: deflate", bare.compress(b"page") + bare.flush())) == (
        b"page",
        False,
    )
    two = gzip.compress(b"pa") + gzip.compress(b"ge") + b"\x00padding"
    assert _taken(_answer("Content-Encoding: x-gzip", two)) == (b"page", False)
    frames = zstandard.ZstdCompressor().compress(b"pa") + zstandard.ZstdCompressor().compress(b"ge")
    assert _taken(_answer("Content-Encoding: zstd", frames)) == (b"page", False)


def test_an_unknown_coding_is_a_cut() -> None:
    assert _taken(_answer("Content-Encoding: rot13", b"cntr")) == (b"", True)


@pytest.mark.parametrize(
    ("headers", "body", "payload", "cut"),
    [
        ("Content-Length: 4", b"pagemore", b"page", False),
        ("Content-Length: 4, 4", b"page", b"page", False),
        ("Content-Length: 9", b"page", b"page", True),
        ("X: y", b"until the end", b"until the end", False),
        ("Transfer-Encoding: chunked", b"4\r\npage\r\n0\r\n\r\n", b"page", False),
        ("Transfer-Encoding: chunked", b"4;a=b\r\npage\r\n0\r\nT: x\r\n\r\nmore", b"page", False),
        ("Transfer-Encoding: chunked\r\nContent-Length: 2", b"4\r\npage\r\n0\r\n\r\n", b"page", False),
        ("Transfer-Encoding: chunked", b"4\r\npage\r\n", b"page", True),
        ("Transfer-Encoding: chunked", b"4\r\npage\r\n0\r\n", b"page", True),
        ("Transfer-Encoding: chunked", b"2\r\npage\r\n0\r\n\r\n", b"pa", True),
        ("Transfer-Encoding: chunked", b"-1\r\npage", b"", True),
    ],
)
def test_a_payload_ends_where_its_framing_says(
    headers: str, body: bytes, payload: bytes, *, cut: bool
) -> None:
    assert _taken(_answer(headers, body)) == (payload, cut)


def test_an_answer_without_a_body_has_none() -> None:
    assert _taken(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n") == (b"", False)


def test_a_head_keeps_order_spelling_and_repeats() -> None:
    head = read_head(io.BytesIO(b"HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nset-cookie: b\r\nX: 1\r\n\t2\r\n\r\n"))
    assert head.headers == (("Set-Cookie", "a"), ("set-cookie", "b"), ("X", "1 2"))
    assert head.values("set-cookie") == ["a", "b"]


@pytest.mark.parametrize(
    "raw",
    [b"", b"HTTP/2 200\r\n\r\n", b"HTTP/1.1 20\r\n\r\n", b"HTTP/1.1 200 OK", b"HTTP/1.1 200 OK\r\nX: y\r\n"],
)
def test_what_has_no_whole_head_is_not_http(raw: bytes) -> None:
    with pytest.raises(NotHttp):
        read_head(io.BytesIO(raw))


def test_a_head_without_end_is_given_up() -> None:
    with pytest.raises(NotHttp):
        read_head(io.BytesIO(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1_000_000))


@pytest.mark.parametrize(("coding", "library"), [("br", "brotli"), ("zstd", "zstandard")])
def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch, coding: str, library: str) -> None:
    monkeypatch.setattr(http_bytes, library, None)
    with pytest.raises(CannotUnpack, match=library):
        _taken(_answer(f"Content-Encoding: {coding}", b""))
