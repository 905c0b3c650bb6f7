"""What a fetch is given and what it brings back."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from annotations.domain.hops import Hop

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """How much a single fetch may take. Seconds and bytes."""

    total_seconds: float = 50.0  # from the first look-up to the last byte, redirects included
    connect_seconds: float = 5.0  # one TCP connection or TLS handshake
    resolve_seconds: float = 5.0
    idle_seconds: float = 15.0  # between two reads
    header_bytes: int = 64 * 1024
    body_bytes: int = 50 * MEBIBYTE  # as sent
    pdf_bytes: int = 100 * MEBIBYTE
    decoded_bytes: int = 100 * MEBIBYTE
    ratio: int = 200  # decoded to sent, checked after the first `ratio_from` decoded bytes
    ratio_from: int = MEBIBYTE
    redirects: int = 10
    codings: int = 2


@dataclass(frozen=True)
class Conditional:
    """Validators of an earlier capture, so that an unchanged page is not sent again."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True)
class Fetched:
    """A complete answer, or as much of one as could be kept.

    `code` is the outcome: `ok`, or why this answer does not count as the page. `body` is
    decoded (no content coding) and never longer than the limits; `truncated` says that it is
    not all. `media_type` is lower-case without parameters, `charset_hint` what the header said.
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
        """The first header of this name in any case, or an empty string."""
        return first_header(self.headers, name)


class Recorder(Protocol):
    """Receives the exact bytes of the exchange, after TLS, in order; one `begin` a hop."""

    def begin(self, url: str) -> None:
        """Start the exchange with `url`."""

    def sent(self, data: bytes) -> None:
        """Take bytes as they were sent."""

    def received(self, data: bytes) -> None:
        """Take bytes as they arrived."""


def first_header(headers: tuple[tuple[str, str], ...], name: str) -> str:
    """The first header of this name in any case, or an empty string."""
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), "")
