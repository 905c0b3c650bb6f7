import gzip
import random
import zlib
from collections.abc import Iterable, Iterator

import brotli
import pytest
import zstandard

from annotations.domain import content_codings
from annotations.domain.content_codings import (
    ACCEPTED,
    BadCoding,
    CodingCut,
    LibraryMissing,
    UnknownCoding,
    codings_in,
    decoded,
)

PAGE = bytes(range(256)) * 1000 + random.Random(1).randbytes(300_000)


def _deflated(data: bytes) -> bytes:
    """Deflate without its wrapper."""
    engine = zlib.compressobj(wbits=-15)
    return engine.compress(data) + engine.flush()


PACKED = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}


def _body(coding: str, payload: Iterable[bytes]) -> bytes:
    return b"".join(decoded([coding], payload))


def _until_it_breaks(pieces: Iterator[bytes]) -> tuple[bytes, Exception]:
    kept = b""
    try:
        for piece in pieces:
            kept += piece
    except (BadCoding, ConnectionError) as error:
        return kept, error
    raise AssertionError("it did not break")


def test_all_that_is_asked_for_is_undone() -> None:
    assert codings_in([ACCEPTED]) == list(PACKED)
    for coding, pack in PACKED.items():
        assert _body(coding, [pack(PAGE)]) == PAGE


def test_names_are_read_as_servers_spell_them() -> None:
    assert codings_in(["GZip, identity", " br,"]) == ["gzip", "br"]
    assert b"".join(decoded(["gzip", "br"], [brotli.compress(gzip.compress(PAGE))])) == PAGE


def test_without_a_coding_the_pieces_are_the_body() -> None:
    assert list(decoded([], [b"pa", b"ge"])) == [b"pa", b"ge"]


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 1_000_000])
def test_deflate_holds_without_its_wrapper(size: int) -> None:
    # With one letter only, all input is taken long before all output was given.
    assert _body("deflate", [_deflated(b"x" * size)]) == b"x" * size


@pytest.mark.parametrize("coding", PACKED)
def test_one_byte_at_a_time_gives_the_same(coding: str) -> None:
    packed = PACKED[coding](PAGE[:5000])
    assert _body(coding, (packed[at : at + 1] for at in range(len(packed)))) == PAGE[:5000]


def _empty_member(size: int) -> bytes:
    """A gzip member of this size without content, filled up with a file name."""
    plain = gzip.compress(b"", mtime=0)
    return plain[:3] + b"\x08" + plain[4:10] + b"n" * (size - len(plain) - 1) + b"\x00" + plain[10:]


# The second member begins at once, or in the midst of a cut that decoding makes.
@pytest.mark.parametrize("size", [50, 4095, 4096])
def test_members_follow_each_other_wherever_they_begin(size: int) -> None:
    assert _body("x-gzip", [_empty_member(size) + gzip.compress(b"page") + b"\x00padding"]) == b"page"


def test_frames_follow_each_other() -> None:
    assert _body("zstd", [zstandard.compress(b"pa") + zstandard.compress(b"ge")]) == b"page"


def test_what_follows_the_end_is_read_over() -> None:
    rest = iter([gzip.compress(b"page"), b"\x00" * 9000, gzip.compress(b"no page")])
    assert _body("gzip", rest) == b"page"
    assert next(rest, None) is None
    assert _body("deflate", [zlib.compress(b"page") + b"more"]) == b"page"


@pytest.mark.parametrize("coding", PACKED)
def test_what_came_before_the_end_is_missing_is_given(coding: str) -> None:
    pieces = decoded([coding], [PACKED[coding](PAGE)[:-4]])
    kept, error = _until_it_breaks(pieces)
    assert isinstance(error, CodingCut)
    assert PAGE.startswith(kept)
    assert len(kept) > len(PAGE) // 2
    assert _body(coding, []) == b""


@pytest.mark.parametrize("coding", PACKED)
def test_what_came_before_the_payload_failed_is_given(coding: str) -> None:
    def failing(data: bytes) -> Iterator[bytes]:
        yield data
        raise ConnectionError

    kept, error = _until_it_breaks(decoded([coding], failing(PACKED[coding](PAGE[:1000]))))
    assert isinstance(error, ConnectionError)
    assert kept == PAGE[:1000]


@pytest.mark.parametrize("coding", PACKED)
def test_what_is_not_packed_is_bad(coding: str) -> None:
    with pytest.raises(BadCoding) as bad:
        _body(coding, [b"<html>not packed at all</html>"])
    assert not isinstance(bad.value, CodingCut)


def test_a_coding_that_nobody_knows_is_refused_before_anything_is_read() -> None:
    payload = iter([b"cntr"])
    with pytest.raises(UnknownCoding, match="rot13"):
        decoded(["gzip", "rot13"], payload)
    assert next(payload) == b"cntr"


@pytest.mark.parametrize("coding", PACKED)
def test_no_piece_is_larger_than_the_memory_it_may_take(coding: str) -> None:
    packed = PACKED[coding](bytes(20_000_000))
    assert max(map(len, decoded([coding], [packed]))) <= 16 * 1024 * 1024


@pytest.mark.parametrize(("coding", "library"), [("br", "brotli"), ("zstd", "zstandard")])
def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch, coding: str, library: str) -> None:
    monkeypatch.setattr(content_codings, library, None)
    with pytest.raises(LibraryMissing, match=library):
        decoded([coding], [])
    assert _body("gzip", [gzip.compress(b"page")]) == b"page"
