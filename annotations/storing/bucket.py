"""Kept files in an S3-compatible bucket."""

import base64
import errno
import io
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, TypeVar

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage

from annotations.storing.once import CHUNK, Damaged, StorageFailed, StorageFull

T = TypeVar("T")

# The lease of a fetch lasts two and a half minutes. The storage may use a part of that.
_TIMES = {"connect_timeout": 5, "read_timeout": 30, "retries": {"total_max_attempts": 3, "mode": "standard"}}
_ABSENT = ("404", "NoSuchKey", "NotFound")
_THERE = ("412", "PreconditionFailed", "409", "ConditionalRequestConflict")
_UNKNOWN_CONDITION = ("501", "NotImplemented")
# The errors of Amazon's, Ceph's and MinIO's servers when there is no room.
_FULL = ("507", "InsufficientStorage", "QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded")


class KeptBucket(S3Storage):  # type: ignore[misc]  # published without types
    """A bucket that keeps each file once. The server itself checks the hash of the bytes that arrive."""

    def __init__(self, **options: Any) -> None:
        addressing = options.pop("addressing_style", None)
        super().__init__(**options, client_config=Config(**_TIMES, s3={"addressing_style": addressing}))

    def put(self, name: str, source: BinaryIO, size: int, sha256: str) -> bool:
        """See `WriteOnce.put`."""
        if self._is_there(name, size):
            return False
        begin = source.tell()
        if source.seek(0, io.SEEK_END) - begin != size:
            # Checked before sending: otherwise the server would wait for the rest until it times out.
            raise StorageFailed(errno.EIO, f"{name} does not have the {size} bytes it should")
        source.seek(begin)
        parameters: dict[str, Any] = {
            "Key": self._key(name),
            "Body": source,
            "ContentLength": size,
            "ContentType": "application/octet-stream",
            "ChecksumSHA256": base64.b64encode(bytes.fromhex(sha256)).decode(),
        }
        try:
            self._request(name, lambda: self._client.put_object(**self._where, **parameters, IfNoneMatch="*"))
        except _ServerError as error:
            if error.code in _THERE and self._is_there(name, size):
                return False
            if error.code not in (*_UNKNOWN_CONDITION, *_THERE):
                raise _failure(name, error) from error
            # The server does not know the condition, or two writers collided and neither succeeded.
            source.seek(begin)
            self._call(name, lambda: self._client.put_object(**self._where, **parameters))
        if not self._is_there(name, size):
            raise StorageFailed(errno.EIO, f"{name} was stored and is not there")
        return True

    def size_of(self, name: str) -> int:
        """See `WriteOnce.size_of`."""
        key = self._key(name)
        response = self._call(name, lambda: self._client.head_object(**self._where, Key=key))
        return int(response["ContentLength"])

    def chunks(self, name: str) -> Iterator[bytes]:
        """See `WriteOnce.chunks`."""
        response = self._call(name, lambda: self._client.get_object(**self._where, Key=self._key(name)))
        pieces = response["Body"].iter_chunks(CHUNK)
        while (piece := self._call(name, lambda: next(pieces, None))) is not None:
            yield piece

    def listed(self, prefix: str) -> Iterator[tuple[str, int]]:
        """See `WriteOnce.listed`."""
        below = self._key("")
        pages = self._client.get_paginator("list_objects_v2").paginate(
            **self._where, Prefix=self._key(f"{prefix}/" if prefix else "")
        )
        responses = iter(pages)
        while (response := self._call(prefix, lambda: next(responses, None))) is not None:
            for row in response.get("Contents", []):
                yield row["Key"].removeprefix(below), row["Size"]

    def free_bytes(self) -> int | None:
        """None: a bucket does not say how much room it has."""
        return None

    def clear_left_behind(self) -> int:
        """Return 0 and remove nothing: an object appears only when it is complete."""
        return 0

    @property
    def _client(self) -> Any:
        return self.connection.meta.client

    @property
    def _where(self) -> dict[str, str]:
        return {"Bucket": self.bucket_name}

    def _key(self, name: str) -> str:
        prefix = str(self.location).strip("/")
        return f"{prefix}/{name}" if prefix else name

    def _is_there(self, name: str, size: int) -> bool:
        try:
            found = self.size_of(name)
        except FileNotFoundError:
            return False
        if found != size:
            raise Damaged(errno.EEXIST, f"{name} holds {found} bytes instead of {size}")
        return True

    def _call(self, name: str, send: Callable[[], T]) -> T:
        try:
            return self._request(name, send)
        except _ServerError as error:
            raise _failure(name, error) from error

    def _request(self, name: str, send: Callable[[], T]) -> T:
        try:
            return send()
        except ClientError as error:
            raise _ServerError(str(error.response.get("Error", {}).get("Code", "")), str(error)) from error
        except BotoCoreError as error:
            raise StorageFailed(errno.EIO, f"{name}: {error}") from error


class _ServerError(Exception):
    """The server returned an error. `code` is S3's code for it."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


def _failure(name: str, error: _ServerError) -> OSError:
    if error.code in _ABSENT:
        return FileNotFoundError(errno.ENOENT, f"there is no {name}")
    if error.code in _FULL:
        return StorageFull(errno.ENOSPC, f"no room for {name}")
    return StorageFailed(errno.EIO, f"{name}: {error}")
