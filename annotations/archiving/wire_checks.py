"""Examine a WARC file: its digests, the requests in it, and the page that can be derived from it."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from annotations.archiving.http_bytes import (
    Head,
    NotHttp,
    PayloadCut,
    body_pieces,
    payload_pieces,
    read_head,
)
from annotations.archiving.warc_reading import BrokenWarc, Record, read_warc
from annotations.domain.content_codings import LibraryMissing

_MOST = 512 * 1024 * 1024  # bytes of a page; a fetch accepts far less


@dataclass
class Derived:
    """The decoded body of the last response, up to the requested size.

    `whole` is whether the body ends there. `missing` names a package that is needed to decode it and is not
    installed.
    """

    status: int = 0
    sha256: str = ""
    size: int = 0
    whole: bool = False
    missing: str = ""


@dataclass
class Examined:
    """The content of a WARC file.

    `problems` are sentences about what does not hold. `asked` are the requested URLs, each with the IP
    address of its machine. `resource_sha256` and `resource_size` belong to an uploaded file. `sha256` and
    `size` are those of the WARC file itself.
    """

    problems: list[str] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    body: Derived = field(default_factory=Derived)
    resource_sha256: str = ""
    resource_size: int = 0
    sha256: str = ""
    size: int = 0


class _Hashed:
    """A file to read from. It hashes and counts the bytes."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest, self.size = hashlib.sha256(), 0

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        self.digest.update(piece)
        self.size += len(piece)
        return piece


def examine_wire(file: IO[bytes], body_size: int) -> Examined:
    """Read a WARC file to its end, and return its content and its problems.

    The body is decoded up to `body_size` bytes only. So an archive can cost no more time or memory than
    the page that it is for.
    """
    found, hashed = Examined(), _Hashed(file)
    try:
        for record in read_warc(hashed):  # type: ignore[arg-type]  # it only reads
            _examine(record, found, min(body_size, _MOST))
    except BrokenWarc as error:
        found.problems.append(f"{error}")
    while hashed.read(1024 * 1024):
        continue
    found.sha256, found.size = hashed.digest.hexdigest(), hashed.size
    return found


def _examine(record: Record, found: Examined, body_size: int) -> None:
    name = record.headers.get("warc-record-id", record.kind)
    if record.kind == "request":
        found.asked.append((record.url, record.headers.get("warc-ip-address", "")))
    elif record.kind == "response":
        _examine_response(record, found, body_size, name)
    size = int(record.headers["content-length"])
    sha256 = record.block.drained_sha256()
    if record.headers.get("warc-block-digest") != f"sha256:{sha256}":
        found.problems.append(f"the content of record {name} does not have the hash beside it")
    if record.kind == "resource" and "warc-concurrent-to" not in record.headers:
        found.resource_sha256, found.resource_size = sha256, size


def _examine_response(record: Record, found: Examined, body_size: int, name: str) -> None:
    try:
        head = read_head(record.content)
    except NotHttp as error:
        found.problems.append(f"record {name} is no HTTP answer: {error}")
        return
    payload = _HashedPayload(payload_pieces(head, record.content))
    derived = Derived(status=head.status)
    if not head.interim:
        found.body = derived
    _derive(derived, head, payload, body_size)
    for _ in payload:
        continue
    stated = record.headers.get("warc-payload-digest", "")
    if stated != (f"sha256:{payload.digest.hexdigest()}" if payload.whole else ""):
        found.problems.append(f"the payload of record {name} does not have the hash beside it")


class _HashedPayload:
    """The pieces of a payload, hashed as they pass.

    If the payload is cut, the iteration ends without an exception and `whole` stays False.
    """

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self.digest, self.whole = hashlib.sha256(), False

    def __iter__(self) -> "_HashedPayload":
        return self

    def __next__(self) -> bytes:
        try:
            piece = next(self._pieces)
        except StopIteration:
            # Reached also when somebody iterates again after a cut. Then the payload is not whole.
            self.whole = self.whole or not self._cut
            raise
        except PayloadCut:
            self._cut = True
            raise StopIteration from None
        self.digest.update(piece)
        return piece

    _cut = False


def _derive(derived: Derived, head: Head, payload: _HashedPayload, most: int) -> None:
    digest = hashlib.sha256()
    try:
        for piece in body_pieces(head, payload):
            taken = piece[: most - derived.size]
            digest.update(taken)
            derived.size += len(taken)
            if len(taken) < len(piece):
                break
        else:
            derived.whole = payload.whole
    except PayloadCut:
        derived.whole = False
    except LibraryMissing as error:
        derived.missing = str(error)
    derived.sha256 = digest.hexdigest()
