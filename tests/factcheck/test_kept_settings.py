"""What the environment says of kept files and their proof is read loudly."""

import base64
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from environs import Env

from factcheck.kept_settings import Authority, authorities, bytes_of, kept_files, signing_seed


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch) -> Env:
    for name in ("BUCKET", "ENDPOINT", "REGION", "PREFIX", "ACCESS_KEY", "SECRET_KEY"):
        monkeypatch.delenv(f"STORAGE_S3_{name}", raising=False)
    return Env()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("123", 123),
        ("1 KB", 1024),
        ("200 MB", 200 * 2**20),
        ("5GB", 5 * 2**30),
        ("2 tb", 2**41),
        ("3G", 3 * 2**30),
    ],
)
def test_a_number_of_bytes_may_have_a_unit(text: str, number: int) -> None:
    assert bytes_of("STORAGE_QUOTA", text) == number


@pytest.mark.parametrize("text", ["", "much", "-1", "1.5 GB", "5 XB"])
def test_what_is_no_number_of_bytes_is_refused_by_name(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="STORAGE_QUOTA"):
        bytes_of("STORAGE_QUOTA", text)


def test_files_lie_in_a_folder_unless_a_bucket_is_named(env: Env) -> None:
    assert kept_files(env) == {"BACKEND": "annotations.storing.folder.KeptFolder"}


def test_a_bucket_takes_its_address_and_its_key_from_the_environment(
    env: Env, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {
        "BUCKET": "news", "ENDPOINT": "https://s3.example.org", "PREFIX": "/desk/", "REGION": "eu",
        "ACCESS_KEY": "name", "SECRET_KEY": "secret",
    }  # fmt: skip
    for name, value in given.items():
        monkeypatch.setenv(f"STORAGE_S3_{name}", value)
    found = kept_files(env)
    assert found["BACKEND"] == "annotations.storing.bucket.KeptBucket"
    assert found["OPTIONS"] == {
        "bucket_name": "news", "endpoint_url": "https://s3.example.org", "region_name": "eu",
        "location": "desk", "access_key": "name", "secret_key": "secret", "file_overwrite": False,
        "addressing_style": "path",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"), [("ENDPOINT", "s3.example.org"), ("ACCESS_KEY", "name"), ("SECRET_KEY", "secret")]
)
def test_half_a_bucket_is_refused(env: Env, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv("STORAGE_S3_BUCKET", "news")
    monkeypatch.setenv(f"STORAGE_S3_{name}", value)
    with pytest.raises(ImproperlyConfigured, match="STORAGE_S3"):
        kept_files(env)


def test_a_signing_key_is_32_bytes_and_never_repeated_in_a_complaint() -> None:
    seed = base64.b64encode(bytes(32)).decode()
    assert signing_seed(seed) == seed
    assert signing_seed("") == ""
    for wrong in ("secret-words", base64.b64encode(bytes(31)).decode()):
        with pytest.raises(ImproperlyConfigured) as refused:
            signing_seed(wrong)
        assert wrong not in str(refused.value)


def test_authorities_are_addresses_each_with_a_file_of_roots_if_need_be(tmp_path: Path) -> None:
    roots = tmp_path / "roots.pem"
    roots.write_text("")
    assert authorities(["https://a.example.org/tsr", f" http://b.example.org {roots}", ""]) == (
        Authority("https://a.example.org/tsr", None),
        Authority("http://b.example.org", roots),
    )


@pytest.mark.parametrize(
    "given",
    [
        ["a.example.org"],
        ["ftp://a.example.org"],
        ["https://a.example.org /nowhere.pem"],
        ["http://a.example"] * 2,
    ],
)
def test_an_authority_that_cannot_be_asked_is_refused(given: list[str]) -> None:
    with pytest.raises(ImproperlyConfigured, match="TIMESTAMP_AUTHORITIES"):
        authorities(given)
