"""Decode the body of a response within limits: a small response must not fill the memory."""

from collections.abc import Iterable, Iterator, Sequence

from annotations.domain.content_codings import BadCoding, CodingCut, codings_in, decoded
from annotations.fetching.fetched import FetchFailed, Limits


class Payload:
    """The payload of a response in pieces, counted as they pass in `taken`.

    Iterating raises `FetchFailed` with `too_large` after more than `most` bytes.
    """

    def __init__(self, pieces: Iterable[bytes], most: int) -> None:
        self._pieces, self._most = pieces, most
        self.taken = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.taken += len(piece)
            if self.taken > self._most:
                raise FetchFailed("too_large", f"more than {self._most} bytes")
            yield piece


def decoded_within(limits: Limits, content_encoding: Sequence[str], payload: Payload) -> Iterator[bytes]:
    """Decode `payload` by the values of Content-Encoding and yield the body in pieces.

    Raises `FetchFailed` with `decompression_bomb`, `too_large`, `bad_encoding` or `truncated_body`. The
    pieces yielded before that are good.
    """
    codings, given = codings_in(content_encoding), 0
    if len(codings) > limits.codings:
        raise FetchFailed("bad_encoding", f"Content-Encoding: {', '.join(codings)[:100]}")
    try:
        for piece in decoded(codings, payload):
            given += len(piece)
            if given > limits.decoded_bytes:
                raise FetchFailed("decompression_bomb" if codings else "too_large")
            if given > limits.ratio_from and given > payload.taken * limits.ratio:
                raise FetchFailed("decompression_bomb", f"{payload.taken} bytes became {given} and more")
            yield piece
    except CodingCut as error:
        raise FetchFailed("truncated_body", str(error)) from None
    except BadCoding as error:
        raise FetchFailed("bad_encoding", str(error)) from None
