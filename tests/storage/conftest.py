"""The two storages: a folder, and a bucket of a real S3 server on loopback."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from annotations.storing.bucket import KeptBucket
from annotations.storing.folder import KeptFolder

BUCKET = "kept"


@pytest.fixture(scope="session")
def s3_address() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_address: str) -> Iterator[KeptBucket]:
    storage = KeptBucket(
        bucket_name=BUCKET,
        endpoint_url=s3_address,
        region_name="us-east-1",
        location="newsroom",
        access_key="test",
        secret_key="test",
        file_overwrite=False,
        addressing_style="path",
    )
    storage.connection.create_bucket(Bucket=BUCKET)
    yield storage
    storage.bucket.objects.all().delete()
    storage.bucket.delete()


@pytest.fixture
def folder(tmp_path: Path) -> KeptFolder:
    return KeptFolder(location=tmp_path / "kept")


@pytest.fixture(params=["folder", "bucket"])
def storage(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)
