"""The promises that a folder and a bucket share, and those of each alone."""

import base64
import errno
import hashlib
import io
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.core.exceptions import SuspiciousFileOperation

from annotations.storing import Damaged, StorageFailed, StorageFull
from annotations.storing.bucket import KeptBucket
from annotations.storing.folder import KeptFolder

BODY = b"what the page said" * 1000
NAME = "captures/ab/abcdef"


def put(storage: Any, name: str = NAME, body: bytes = BODY) -> bool:
    new: bool = storage.put(name, io.BytesIO(body), len(body), hashlib.sha256(body).hexdigest())
    return new


def everything(storage: Any) -> dict[str, bytes]:
    return {name: b"".join(storage.chunks(name)) for name, _ in storage.listed("")}


def test_what_is_kept_comes_back_byte_for_byte(storage: Any) -> None:
    assert put(storage) is True
    assert b"".join(storage.chunks(NAME)) == BODY
    assert storage.size_of(NAME) == len(BODY)


def test_the_same_bytes_are_kept_once(storage: Any) -> None:
    assert [put(storage), put(storage)] == [True, False]
    assert everything(storage) == {NAME: BODY}


def test_nothing_is_written_over(storage: Any) -> None:
    put(storage)
    with pytest.raises(Damaged):
        put(storage, body=b"something else")
    assert everything(storage) == {NAME: BODY}


def test_many_who_keep_the_same_bytes_at_once_agree(storage: Any) -> None:
    with ThreadPoolExecutor(8) as pool:
        new = list(pool.map(lambda _: put(storage), range(8)))
    assert new.count(True) >= 1
    assert everything(storage) == {NAME: BODY}


def test_only_what_lies_below_is_listed(storage: Any) -> None:
    for name in ("wire/bb/2", "wire/aa/1", "wired", "texts/cc/3"):
        put(storage, name, name.encode())
    assert sorted(storage.listed("wire")) == [("wire/aa/1", 9), ("wire/bb/2", 9)]
    assert len(list(storage.listed(""))) == 4


def test_a_file_that_is_not_there_is_said_to_be_missing(storage: Any) -> None:
    with pytest.raises(FileNotFoundError):
        storage.size_of("captures/00/none")
    with pytest.raises(FileNotFoundError):
        next(storage.chunks("captures/00/none"))


def test_a_source_that_ends_early_leaves_nothing(storage: Any) -> None:
    with pytest.raises(StorageFailed):
        storage.put(NAME, io.BytesIO(b"half"), 8, hashlib.sha256(b"half").hexdigest())
    assert everything(storage) == {}


def test_a_folder_keeps_files_that_nobody_may_write(folder: KeptFolder) -> None:
    put(folder)
    assert Path(folder.path(NAME)).stat().st_mode & 0o777 == 0o400
    assert list(Path(folder.path("incoming")).iterdir()) == []


def test_a_disk_that_fills_half_way_keeps_what_it_held_and_no_part(
    folder: KeptFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder)

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageFull):
        put(folder, "captures/ab/another")
    assert everything(folder) == {NAME: BODY}


def test_a_folder_on_a_disk_without_links_keeps_too(
    folder: KeptFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: Any) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", no_links)
    assert put(folder) is True
    assert everything(folder) == {NAME: BODY}


def test_what_an_interrupted_writer_left_is_cleared_and_what_is_being_written_stays(
    folder: KeptFolder,
) -> None:
    put(folder)
    old, young = Path(folder.path("incoming/old")), Path(folder.path("incoming/young"))
    for path in (old, young):
        path.write_bytes(b"part")
    os.utime(old, (time.time() - 7200, time.time() - 7200))
    assert folder.clear_left_behind() == 1
    assert [path.name for path in Path(folder.path("incoming")).iterdir()] == ["young"]
    assert everything(folder) == {NAME: BODY}


def test_what_is_being_written_is_not_listed_among_what_is_kept(folder: KeptFolder) -> None:
    class Source(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            assert len(list(Path(folder.path("incoming")).iterdir())) == 1
            seen.append(everything(folder))
            return super().read(size)

    seen: list[dict[str, bytes]] = []
    folder.put(NAME, Source(BODY), len(BODY), hashlib.sha256(BODY).hexdigest())
    assert seen == [{}]
    assert everything(folder) == {NAME: BODY}


def test_a_folder_may_be_reached_by_a_link(folder: KeptFolder, tmp_path: Path) -> None:
    put(folder)
    link = tmp_path / "link"
    link.symlink_to(folder.location, target_is_directory=True)
    assert everything(KeptFolder(link)) == {NAME: BODY}


def test_a_file_that_goes_while_the_others_are_listed_is_left_out(folder: KeptFolder) -> None:
    for name in ("texts/aa/1", "texts/aa/2", "texts/aa/3"):
        put(folder, name, name.encode())
    listed = folder.listed("texts")
    assert next(listed) == ("texts/aa/1", 10)
    Path(folder.path("texts/aa/2")).unlink()
    assert list(listed) == [("texts/aa/3", 10)]


def test_a_name_cannot_lead_out_of_the_folder(folder: KeptFolder) -> None:
    with pytest.raises(SuspiciousFileOperation, match="outside"):
        put(folder, "../elsewhere")
    assert everything(folder) == {}


def test_a_bucket_is_told_the_hash_so_that_it_refuses_bytes_that_changed_on_the_way(
    bucket: KeptBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, told = bucket._client.put_object, []

    def watched(**given: Any) -> Any:
        told.append((given["ChecksumSHA256"], given["IfNoneMatch"]))
        return real(**given)

    monkeypatch.setattr(bucket._client, "put_object", watched)
    put(bucket)
    assert told == [(base64.b64encode(hashlib.sha256(BODY).digest()).decode(), "*")]


@pytest.mark.parametrize("code", ["507", "QuotaExceeded", "XMinioStorageFull"])
def test_a_bucket_without_room_says_so(
    bucket: KeptBucket, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    answer: Any = {"Error": {"Code": code, "Message": "no room"}}

    def refuse(**_: Any) -> None:
        raise ClientError(answer, "PutObject")

    monkeypatch.setattr(bucket._client, "put_object", refuse)
    with pytest.raises(StorageFull):
        put(bucket)


def test_a_server_that_knows_no_conditions_still_keeps(
    bucket: KeptBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, answer = bucket._client.put_object, {"Error": {"Code": "NotImplemented", "Message": ""}}

    def old_server(**given: Any) -> Any:
        if "IfNoneMatch" in given:
            raise ClientError(answer, "PutObject")  # type: ignore[arg-type]
        return real(**given)

    monkeypatch.setattr(bucket._client, "put_object", old_server)
    assert put(bucket) is True
    assert everything(bucket) == {NAME: BODY}


def test_a_bucket_that_cannot_be_reached_fails_as_a_storage(s3_address: str) -> None:
    closed = KeptBucket(
        bucket_name="kept", endpoint_url="http://127.0.0.1:1", region_name="us-east-1",
        access_key="test", secret_key="test", addressing_style="path",
    )  # fmt: skip
    with pytest.raises(StorageFailed):
        put(closed)
