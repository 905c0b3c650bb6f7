"""Keep files under their own hash, never overwrite one, and stay within disk and quota.

This is the only module that talks to the storage. Files are written between transactions; the rows that
count them are written by the transaction that needs them.
"""

import errno
import hashlib
import io
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO, NamedTuple, cast

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import Sum

from annotations.archiving.layout import body_name, text_name, wire_name
from annotations.archiving.warc import ExchangeRecorder, write_warc
from annotations.domain.hops import Hop
from annotations.domain.software import NAME, VERSION
from annotations.models import KeptFile
from annotations.storing import CHUNK, Damaged, StorageFailed, StorageFull, WriteOnce

# How long a sum of all kept files is reused; what this process keeps meanwhile is added to it.
SUM_SECONDS = 30.0


class Kept(NamedTuple):
    """A kept file: the hash of its bytes, its name in the storage, its size in bytes."""

    sha256: str
    key: str
    size: int


def keep(body: bytes) -> Kept:
    """Keep the body of a capture; the same bytes are kept once.

    Do not call it inside a transaction: it writes files. Raises StorageFull, or StorageFailed for
    anything else that goes wrong; kept files are left unchanged.
    """
    digest = hashlib.sha256(body).hexdigest()
    return _put(body_name(digest), io.BytesIO(body), len(body), digest)


def keep_wire(recorder: ExchangeRecorder, hops: Sequence[Hop]) -> Kept:
    """Keep the exchange that `recorder` recorded, byte for byte, as a WARC file. See `keep`."""
    with tempfile.TemporaryFile() as file:
        written = write_warc(file, recorder.exchanges, hops, software=f"{NAME}/{VERSION}")
        file.seek(0)
        return _put(wire_name(written.sha256), file, written.size, written.sha256)


def keep_text(text: str) -> Kept:
    """Keep the text extracted from a page, in UTF-8. See `keep`."""
    body = text.encode()
    digest = hashlib.sha256(body).hexdigest()
    return _put(text_name(digest), io.BytesIO(body), len(body), digest)


def keep_named(key: str, body: bytes) -> Kept:
    """Keep a small file that proves others, such as a manifest, even beyond the quota. See `keep`.

    Raises Damaged if other bytes have that name already.
    """
    digest = hashlib.sha256(body).hexdigest()
    if not _storage().put(key, io.BytesIO(body), len(body), digest) and kept_body(key) != body:
        raise Damaged(errno.EEXIST, f"{key} holds something else already")
    return Kept(digest, key, len(body))


def count_kept(files: Iterable[Kept]) -> None:
    """Write the rows of kept files, once each, in the running transaction."""
    rows = {file.key: KeptFile(key=file.key, size=file.size) for file in files}
    # Always in the same order, so that two transactions with the same files cannot deadlock.
    KeptFile.objects.bulk_create([rows[key] for key in sorted(rows)], ignore_conflicts=True)


def kept_bytes(key: str) -> Iterator[bytes]:
    """Yield the bytes of a kept file in pieces; raises FileNotFoundError or StorageFailed."""
    return _storage().chunks(key)


def size_of(key: str) -> int:
    """Return the size of a kept file in bytes; raises FileNotFoundError or StorageFailed."""
    return _storage().size_of(key)


def open_kept(key: str) -> BinaryIO:
    """Open a kept file to be read once and closed by the caller; raises as `kept_bytes` does."""
    return io.BufferedReader(_Stream(kept_bytes(key)), buffer_size=CHUNK)


def kept_body(key: str) -> bytes:
    """Return all bytes of a kept file; raises FileNotFoundError or StorageFailed."""
    return b"".join(kept_bytes(key))


def kept_files(prefix: str = "") -> Iterator[tuple[str, int]]:
    """Yield the name and the size in bytes of every file in the storage below `prefix`."""
    return _storage().listed(prefix)


def clear_left_behind() -> int:
    """Remove files that interrupted writers left unfinished; return how many."""
    return _storage().clear_left_behind()


def free_bytes() -> int | None:
    """Return the free bytes on the disk of the storage; None for a bucket, which does not say."""
    return _storage().free_bytes()


def used_bytes() -> int:
    """Return the size of all kept files in bytes, as counted in the database."""
    return int(KeptFile.objects.aggregate(total=Sum("size"))["total"] or 0)


def _put(key: str, source: BinaryIO, size: int, sha256: str) -> Kept:
    storage = _storage()
    try:
        _check_room(storage, size)
    except StorageFull:
        # A file that is kept already needs no room.
        if not _is_kept(storage, key, size):
            raise
    try:
        is_new = storage.put(key, source, size, sha256)
    except StorageFailed:
        raise
    except OSError as error:
        raise StorageFailed(error.errno or errno.EIO, str(error)) from error
    if is_new:
        _Used.since += size
    return Kept(sha256, key, size)


def _is_kept(storage: WriteOnce, key: str, size: int) -> bool:
    try:
        return storage.size_of(key) == size
    except FileNotFoundError:
        return False


def _check_room(storage: WriteOnce, size: int) -> None:
    free = storage.free_bytes()
    if free is not None and free - size < settings.STORAGE_RESERVE:
        raise StorageFull(errno.ENOSPC, "the disk has no more room than what is held in reserve")
    if settings.STORAGE_QUOTA and _Used.now() + size > settings.STORAGE_QUOTA:
        raise StorageFull(errno.EDQUOT, "the quota for kept files is used up")


class _Used:
    """The sum of all kept files, cached for a moment: adding up a million rows takes a while."""

    total = 0
    since = 0
    until = 0.0

    @classmethod
    def now(cls) -> int:
        if time.monotonic() >= cls.until:
            cls.total, cls.since, cls.until = used_bytes(), 0, time.monotonic() + SUM_SECONDS
        return cls.total + cls.since


class _Stream(io.RawIOBase):
    """A readable file over an iterator of pieces."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        # The first piece is read at once, so that a missing file fails on opening and not on reading.
        self._rest = memoryview(next(pieces, b""))
        self._pieces = pieces

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            self._rest = memoryview(next(self._pieces, b""))
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def _storage() -> WriteOnce:
    return cast(WriteOnce, default_storage)
