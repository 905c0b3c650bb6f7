"""Settings that would break a promise are refused with an id."""

import base64
import ipaddress
from pathlib import Path
from typing import Any

import pytest

from annotations.checks import (
    check_allowed_hosts,
    check_debug,
    check_fetch_networks,
    check_kept_signing_key,
    check_public_url,
    check_secret_key,
    check_signing_key,
)

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]


def _ids(messages: list[Any]) -> list[str]:
    return [message.id for message in messages]


@pytest.mark.parametrize(
    ("environment", "networks", "ids"),
    [
        ("production", LOOPBACK, ["annotations.E001"]),
        ("production", [], []),
        ("development", LOOPBACK, []),
    ],
)
def test_private_networks_are_opened_in_development_only(
    settings: Any, environment: str, networks: list[Any], ids: list[str]
) -> None:
    settings.ENVIRONMENT = environment
    settings.FETCH_ALLOWED_NETWORKS = networks
    assert _ids(check_fetch_networks(None)) == ids


@pytest.mark.parametrize(
    ("key", "ids"),
    [
        ("short", ["annotations.E002"]),
        ("a" * 80, ["annotations.E002"]),
        ("change-me-0123456789-abcdefghijklmnopqrstuvwxyz", ["annotations.E002"]),
        ("TzQ0y4Zb1nK8sX2vW7cR5mL9pJ3hG6fD0aS4qE8uI1oY", []),
    ],
)
def test_a_weak_secret_key_is_refused(settings: Any, key: str, ids: list[str]) -> None:
    settings.SECRET_KEY = key
    assert _ids(check_secret_key(None)) == ids


@pytest.mark.parametrize(
    ("environment", "url", "ids"),
    [
        ("production", "http://check.example.org", ["annotations.E003"]),
        ("production", "https://check.example.org", []),
        ("production", "https://check.example.org/desk?x=1", ["annotations.E003"]),
        ("development", "http://127.0.0.1:8000", []),
        ("development", "ftp://127.0.0.1", ["annotations.E003"]),
    ],
)
def test_links_in_reports_are_https_outside_development(
    settings: Any, environment: str, url: str, ids: list[str]
) -> None:
    settings.ENVIRONMENT = environment
    settings.PUBLIC_URL = url
    assert _ids(check_public_url(None)) == ids


@pytest.mark.parametrize(
    ("environment", "backend", "key", "ids"),
    [
        ("production", "annotations.storing.bucket.KeptBucket", "", ["annotations.E004"]),
        ("production", "annotations.storing.bucket.KeptBucket", "c2VlZA==", []),
        ("production", "annotations.storing.folder.KeptFolder", "", []),
        ("development", "annotations.storing.bucket.KeptBucket", "", []),
    ],
)
def test_machines_that_share_a_bucket_sign_with_one_key(
    settings: Any, environment: str, backend: str, key: str, ids: list[str]
) -> None:
    settings.ENVIRONMENT = environment
    settings.STORAGES = {"default": {"BACKEND": backend}}
    settings.SIGNING_KEY = key
    assert _ids(check_signing_key(None)) == ids


@pytest.mark.parametrize(
    ("environment", "debug", "ids"),
    [
        ("production", True, ["annotations.E005"]),
        ("production", False, []),
        ("development", True, []),
    ],
)
def test_error_pages_with_settings_are_for_development_only(
    settings: Any, environment: str, debug: bool, ids: list[str]
) -> None:
    settings.ENVIRONMENT = environment
    settings.DEBUG = debug
    assert _ids(check_debug(None)) == ids


@pytest.mark.parametrize(
    ("environment", "hosts", "ids"),
    [
        ("production", ["check.example.org", "*"], ["annotations.E006"]),
        ("production", ["."], ["annotations.E006"]),
        ("production", ["check.example.org", ".example.org"], []),
        ("development", ["*"], []),
    ],
)
def test_not_every_host_is_believed_outside_development(
    settings: Any, environment: str, hosts: list[str], ids: list[str]
) -> None:
    settings.ENVIRONMENT = environment
    settings.ALLOWED_HOSTS = hosts
    assert _ids(check_allowed_hosts(None)) == ids


@pytest.mark.parametrize(
    ("kept", "ids"),
    [
        ("", ["annotations.E007"]),
        ("not base64!", ["annotations.E007"]),
        (base64.b64encode(b"k" * 31).decode(), ["annotations.E007"]),
        (base64.b64encode(b"k" * 32).decode() + "\n", []),
        (None, []),
    ],
)
def test_a_kept_signing_key_is_a_key(settings: Any, tmp_path: Path, kept: str | None, ids: list[str]) -> None:
    settings.SIGNING_KEY = ""
    settings.DATA_DIR = tmp_path
    if kept is not None:
        (tmp_path / "signing").mkdir()
        (tmp_path / "signing" / "key").write_text(kept)
    assert _ids(check_kept_signing_key(None)) == ids
