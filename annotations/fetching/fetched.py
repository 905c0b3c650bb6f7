"""What a fetch takes, what it returns and what it raises."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from annotations.domain.fetches.outcomes import OUTCOMES, sentence_of
from annotations.domain.hops import Hop

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """How much one fetch may use, in seconds and bytes."""

    total_seconds: float = 50.0  # from the first DNS look-up to the last byte, including redirects
    connect_seconds: float = 5.0  # one TCP connection or TLS handshake
    resolve_seconds: float = 5.0
    idle_seconds: float = 15.0  # between two reads
    header_bytes: int = 64 * 1024
    body_bytes: int = 50 * MEBIBYTE  # as sent, before decoding
    pdf_bytes: int = 100 * MEBIBYTE  # the same for a PDF
    decoded_bytes: int = 100 * MEBIBYTE
    ratio: int = 200  # decoded bytes per byte sent, checked after the first `ratio_from` decoded bytes
    ratio_from: int = MEBIBYTE
    redirects: int = 10
    codings: int = 2


@dataclass(frozen=True)
class Conditional:
    """The validators of an earlier capture. With them, the site need not send an unchanged page again."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True)
class Fetched:
    """A complete response, or as much of one as could be kept.

    `code` is the outcome: `ok`, or why this response does not count as the page. `body` is decoded
    (it has no content coding) and never longer than the limits. `truncated` is whether a part of it
    is missing. `media_type` is in lower case, without parameters. `charset_hint` is the charset that
    the header names.
    """

    code: str
    final_url: str
    hops: tuple[Hop, ...]
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)
    media_type: str
    charset_hint: str
    truncated: bool
    warnings: tuple[str, ...]
    started_at: datetime
    elapsed: timedelta
    wire_bytes: int
    retry_after: timedelta | None = None

    def header(self, name: str) -> str:
        """The value of the first header of this name, in any case, or an empty string."""
        return first_header(self.headers, name)


class FetchFailed(Exception):
    """There is no response to keep.

    `code` is a row of the table of fetch outcomes. `detail` is for operators. `hops` are the hops
    made before the failure. `retry_after` is the wait that the site asked for, if it did. Raises
    ValueError for a code that is not in the table.
    """

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        hops: tuple[Hop, ...] = (),
        retry_after: timedelta | None = None,
    ) -> None:
        if code not in OUTCOMES:
            raise ValueError(f"{code!r} is no fetch outcome")
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.hops = hops
        self.retry_after = retry_after

    @property
    def sentence(self) -> str:
        """The sentence of the outcome, for people to read."""
        return sentence_of(self.code)


class Recorder(Protocol):
    """Receives the exact bytes of each exchange in order, without TLS. Each hop starts with `begin`."""

    def begin(self, url: str) -> None:
        """Start the exchange with `url`."""

    def sent(self, data: bytes) -> None:
        """Take the next bytes that were sent."""

    def received(self, data: bytes) -> None:
        """Take the next bytes that arrived."""


def first_header(headers: tuple[tuple[str, str], ...], name: str) -> str:
    """The value of the first header of this name, in any case, or an empty string."""
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), "")
