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

# A fetch holds its job for two minutes and a half; the storage may take a part of that.
_TIMES = {"connect_timeout": 5, "read_timeout": 30, "retries": {"total_max_attempts": 3, "mode": "standard"}}
_ABSENT = ("404", "NoSuchKey", "NotFound")
_THERE = ("412", "PreconditionFailed", "409", "ConditionalRequestConflict")
_UNKNOWN_CONDITION = ("501", "NotImplemented")
# What Amazon's, Ceph's and MinIO's servers say when there is no room.
_FULL = ("507", "InsufficientStorage", "QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded")


class KeptBucket(S3Storage):  # type: ignore[misc]  # published without types
    """A bucket that takes each file once; the server itself compares the hash of what arrived."""

    def __init__(self, **options: Any) -> None:
        addressing = options.pop("addressing_style", None)
        super().__init__(**options, client_config=Config(**_TIMES, s3={"addressing_style": addressing}))

    def put(self, name: str, source: BinaryIO, size: int, sha256: str) -> bool:
        """See `WriteOnce.put`."""
        if self._is_there(name, size):
            return False
        begin = source.tell()
        if source.seek(0, io.SEEK_END) - begin != size:
            # Told beforehand: the server would wait for the rest until it loses patience.
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
            self._said(name, lambda: self._client.put_object(**self._where, **parameters, IfNoneMatch="*"))
        except _Said as said:
            if said.code in _THERE and self._is_there(name, size):
                return False
            if said.code not in (*_UNKNOWN_CONDITION, *_THERE):
                raise _failure(name, said) from said
            # The server does not know the condition, or two writers met and neither was first.
            source.seek(begin)
            self._call(name, lambda: self._client.put_object(**self._where, **parameters))
        if not self._is_there(name, size):
            raise StorageFailed(errno.EIO, f"{name} was stored and is not there")
        return True

    def size_of(self, name: str) -> int:
        """See `WriteOnce.size_of`."""
        key = self._key(name)
        answer = self._call(name, lambda: self._client.head_object(**self._where, Key=key))
        return int(answer["ContentLength"])

    def chunks(self, name: str) -> Iterator[bytes]:
        """See `WriteOnce.chunks`."""
        answer = self._call(name, lambda: self._client.get_object(**self._where, Key=self._key(name)))
        pieces = answer["Body"].iter_chunks(CHUNK)
        while (piece := self._call(name, lambda: next(pieces, None))) is not None:
            yield piece

    def listed(self, prefix: str) -> Iterator[tuple[str, int]]:
        """See `WriteOnce.listed`."""
        below = self._key("")
        pages = self._client.get_paginator("list_objects_v2").paginate(
            **self._where, Prefix=self._key(f"{prefix}/" if prefix else "")
        )
        answers = iter(pages)
        while (answer := self._call(prefix, lambda: next(answers, None))) is not None:
            for row in answer.get("Contents", []):
                yield row["Key"].removeprefix(below), row["Size"]

    def free_bytes(self) -> int | None:
        """A bucket does not say."""
        return None

    def clear_left_behind(self) -> int:
        """Nothing is ever half there: an object appears when it is whole."""
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

    def _call(self, name: str, ask: Callable[[], T]) -> T:
        try:
            return self._said(name, ask)
        except _Said as said:
            raise _failure(name, said) from said

    def _said(self, name: str, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except ClientError as error:
            raise _Said(str(error.response.get("Error", {}).get("Code", "")), str(error)) from error
        except BotoCoreError as error:
            raise StorageFailed(errno.EIO, f"{name}: {error}") from error


class _Said(Exception):
    """What the server answered instead."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


def _failure(name: str, said: _Said) -> OSError:
    if said.code in _ABSENT:
        return FileNotFoundError(errno.ENOENT, f"there is no {name}")
    if said.code in _FULL:
        return StorageFull(errno.ENOSPC, f"no room for {name}")
    return StorageFailed(errno.EIO, f"{name}: {said}")
