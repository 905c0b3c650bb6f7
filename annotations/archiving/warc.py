"""Record an exchange with a site byte for byte, and write it as a WARC 1.1 file."""

import hashlib
import tempfile
import uuid
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import IO

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from annotations.archiving.http_bytes import NotHttp, PayloadCut, payload_pieces, read_head
from annotations.domain.hops import Hop

_VERSION = "WARC/1.1"
_IN_MEMORY = 1024 * 1024
_STEP = 64 * 1024
# The ids of records are derived from their content, so the same exchange always gives the same file.
_IDS = uuid.UUID("6a1d3b52-6c3f-5f0e-9d35-0a2f5f2a7c11")
_HTTP = "application/http; msgtype="
_UNKNOWN = "application/octet-stream"


@dataclass(frozen=True)
class Written:
    """The SHA-256 and the size in bytes of a file that was written."""

    sha256: str
    size: int


def _spool() -> IO[bytes]:
    return tempfile.SpooledTemporaryFile(_IN_MEMORY)


@dataclass
class Exchange:
    """The bytes of one hop. Beyond 1 MiB each, they are held in unnamed temporary files."""

    url: str
    sent: IO[bytes] = field(default_factory=_spool)
    received: IO[bytes] = field(default_factory=_spool)


class ExchangeRecorder:
    """Holds the bytes sent and received, hop by hop, until they are written.

    Use it in a `with` block, or call `close`.
    """

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []

    def begin(self, url: str) -> None:
        """Start the exchange with `url`."""
        self.exchanges.append(Exchange(url))

    def sent(self, data: bytes) -> None:
        """Take the next bytes that were sent."""
        self.exchanges[-1].sent.write(data)

    def received(self, data: bytes) -> None:
        """Take the next bytes that arrived."""
        self.exchanges[-1].received.write(data)

    def close(self) -> None:
        """Close the temporary files, which removes them."""
        for exchange in self.exchanges:
            exchange.sent.close()
            exchange.received.close()

    def __enter__(self) -> "ExchangeRecorder":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def write_warc(
    out: IO[bytes], exchanges: Sequence[Exchange], hops: Sequence[Hop], *, software: str
) -> Written:
    """Write the request and the response of each hop, compress each record by itself, and flush `out`.

    The file contains the bytes as they were sent and received, with chunks, repeated headers and
    trailers. Interim responses (103) have a record of their own before the final response. Bytes that
    are no HTTP response, or that break off in the head, become a `resource` of unknown type.
    `WARC-Payload-Digest` is over the payload without chunks, and is written only if the payload is
    complete. `hops[i]` belongs to `exchanges[i]`. The same exchanges and hops always give the same file.
    Only one piece of a body is in memory at a time.

    Raises ValueError if there is no hop, if the numbers of hops and exchanges differ, or if a hop has no
    start time or a control character in its address.
    """
    if not hops or len(hops) != len(exchanges):
        raise ValueError(f"{len(exchanges)} exchanges, but facts of {len(hops)}")
    file = _File(out, _moment(hops[0]), software)
    for exchange, hop in zip(exchanges, hops, strict=True):
        file.add_exchange(exchange, hop)
    return file.written()


def write_resource(
    out: IO[bytes], body: IO[bytes], *, url: str, media_type: str, kept_at: datetime, software: str
) -> Written:
    """Write a file that was not fetched, such as an upload, as a WARC with one `resource`.

    Raises ValueError for a control character in `url` or `media_type`.
    """
    file = _File(out, _utc(kept_at), software)
    file.add("resource", url, file.made_at, _Part(body, 0, _size(body)), media_type or _UNKNOWN)
    return file.written()


class _File:
    def __init__(self, out: IO[bytes], made_at: str, software: str) -> None:
        self._counted = _Counted(out)
        self.made_at = made_at
        about = {
            "software": software,
            "format": "WARC File Format 1.1",
            "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        }
        lines = "".join(f"{name}: {_line(value)}\r\n" for name, value in about.items()).encode()
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as text:
            text.write(lines)
            part = _Part(text, 0, len(lines))
            self._info = self.add("warcinfo", "", made_at, part, "application/warc-fields")

    def add_exchange(self, exchange: Exchange, hop: Hop) -> None:
        moment, request = _moment(hop), ""
        facts = {"WARC-IP-Address": hop.address} if hop.address else {}
        sent = _Part(exchange.sent, 0, _size(exchange.sent))
        if sent.size:
            request = self.add("request", hop.url, moment, sent, f"{_HTTP}request", **facts)
        facts |= {"WARC-Concurrent-To": request} if request else {}
        for part, is_http, is_last in _responses(exchange.received):
            more = dict(facts)
            if is_last and hop.truncated:
                more["WARC-Truncated"] = hop.truncated
            digest = _payload_digest(part) if is_http else ""
            if digest:
                more["WARC-Payload-Digest"] = digest
            kind, media_type = ("response", f"{_HTTP}response") if is_http else ("resource", _UNKNOWN)
            self.add(kind, hop.url, moment, part, media_type, **more)

    def add(self, kind: str, url: str, moment: str, part: "_Part", media_type: str, **more: str) -> str:
        """Write one record and return its id."""
        digest = hashlib.sha256()
        for piece in part.pieces():
            digest.update(piece)
        block = f"sha256:{digest.hexdigest()}"
        named = uuid.uuid5(_IDS, f"{kind}\n{url}\n{moment}\n{self._counted.size}\n{block}")
        record_id = f"<urn:uuid:{named}>"
        headers = [("WARC-Type", kind), ("WARC-Record-ID", record_id), ("WARC-Date", moment)]
        if url:
            headers += [("WARC-Target-URI", _line(url)), ("WARC-Warcinfo-ID", self._info)]
        headers += [*more.items(), ("WARC-Block-Digest", block)]
        headers += [("Content-Type", _line(media_type)), ("Content-Length", str(part.size))]
        level = part.level()
        part.rewind()
        record = ArcWarcRecord(
            "warc", kind, StatusAndHeaders("", headers, protocol=_VERSION), part, None, media_type, part.size
        )
        _Writer(_Member(self._counted, level), gzip=False, warc_version="1.1").write_record(record)
        return record_id

    def written(self) -> Written:
        return Written(self._counted.digest.hexdigest(), self._counted.size)


class _Counted:
    """A file to write to. It hashes and counts the bytes."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self.digest = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        self.size += len(data)
        return self._out.write(data)

    def flush(self) -> None:
        self._out.flush()


class _Member:
    """One record, compressed by itself. The library's own compression takes four times as long for text."""

    def __init__(self, out: _Counted, level: int) -> None:
        self._out = out
        self._engine = zlib.compressobj(level, zlib.DEFLATED, 31)

    def write(self, data: bytes) -> None:
        self._out.write(self._engine.compress(data))

    def flush(self) -> None:
        """Complete the record. The library calls this once, at the end of a record."""
        self._out.write(self._engine.flush())
        self._out.flush()


class _Writer(WARCWriter):  # type: ignore[misc]  # published without types
    def ensure_digest(self, record: ArcWarcRecord, block: bool = True, payload: bool = True) -> None:
        """Keep the digests as they are: the library would count the chunks as part of the payload."""


class _Part:
    """A range of bytes in a file, read like a file."""

    def __init__(self, file: IO[bytes], start: int, end: int) -> None:
        self.file, self.start, self.size = file, start, end - start
        self._left = self.size

    def rewind(self) -> None:
        self.file.seek(self.start)
        self._left = self.size

    def level(self) -> int:
        """The compression level: 0 for bytes that are compressed already, such as most of a PDF, else 6."""
        self.file.seek(self.start + self.size // 2)
        sample = self.file.read(min(_STEP, self.size - self.size // 2))
        return 0 if len(zlib.compress(sample, 1)) > len(sample) * 0.95 > 1000 else 6

    def read(self, size: int) -> bytes:
        piece = self.file.read(min(size, self._left))
        self._left -= len(piece)
        return piece

    def pieces(self) -> Iterator[bytes]:
        self.rewind()
        while piece := self.read(_STEP):
            yield piece


def _responses(received: IO[bytes]) -> Iterator[tuple[_Part, bool, bool]]:
    """The responses of one hop: each part, whether it is HTTP, and whether it is the last.

    All interim responses are one part, because a site may send any number of them.
    """
    end, final, is_http = _size(received), 0, True
    received.seek(0)
    while final < end:
        try:
            head = read_head(received)
        except NotHttp:
            is_http = False
            break
        if not head.interim:
            break
        final = received.tell()
    if final:
        yield _Part(received, 0, final), True, final == end
    if final < end:
        yield _Part(received, final, end), is_http, True


def _payload_digest(part: _Part) -> str:
    part.rewind()
    digest = hashlib.sha256()
    with suppress(PayloadCut):
        for piece in payload_pieces(read_head(part.file), part.file):
            digest.update(piece)
        return f"sha256:{digest.hexdigest()}"
    return ""


def _size(file: IO[bytes]) -> int:
    return file.seek(0, 2)


def _moment(hop: Hop) -> str:
    if hop.started_at is None:
        raise ValueError(f"nobody knows when {hop.url} was asked")
    return _utc(hop.started_at)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _line(value: str) -> str:
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in value):
        raise ValueError("a control character where only one line fits")
    return value
