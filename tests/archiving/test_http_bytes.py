import gzip
import io

import brotli
import pytest

from annotations.archiving.http_bytes import NotHttp, PayloadCut, body_pieces, payload_pieces, read_head


def _taken(raw: bytes) -> tuple[bytes, bool]:
    """The body in `raw`, and whether it was cut."""
    stream = io.BytesIO(raw)
    head, kept = read_head(stream), b""
    try:
        for piece in body_pieces(head, payload_pieces(head, stream)):
            kept += piece
    except PayloadCut:
        return kept, True
    return kept, False


def _response(headers: str, body: bytes) -> bytes:
    return f"HTTP/1.1 200 OK\r\n{headers}\r\n\r\n".encode() + body


def test_codings_are_undone_from_the_last_to_the_first() -> None:
    body = brotli.compress(gzip.compress(b"page"))
    assert _taken(_response("Content-Encoding: gzip\r\nContent-Encoding: br", body)) == (b"page", False)
    assert _taken(_response("Content-Encoding: GZip, identity, br", body)) == (b"page", False)


def test_an_unknown_coding_is_a_cut() -> None:
    assert _taken(_response("Content-Encoding: rot13", b"cntr")) == (b"", True)
    assert _taken(_response("Content-Encoding: rot13", b"")) == (b"", False)


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
    assert _taken(_response(headers, body)) == (payload, cut)


def test_a_response_without_a_body_has_none() -> None:
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
