"""The signing key is given, or made once and kept where nobody else can read it."""

import threading
from pathlib import Path
from typing import Any

import pytest

from annotations.archiving.signing import SigningKey, new_seed
from annotations.workflow.signing_key import signing_key


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR, settings.SIGNING_KEY = tmp_path, ""


def test_a_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    assert signing_key().public_key == signing_key().public_key
    folder = tmp_path / "signing"
    assert [path.name for path in folder.iterdir()] == ["key"]
    assert (folder / "key").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_given_key_signs_and_none_is_made(settings: Any, tmp_path: Path) -> None:
    settings.SIGNING_KEY = new_seed()
    assert signing_key().public_key == SigningKey(settings.SIGNING_KEY).public_key
    assert not (tmp_path / "signing").exists()


def test_many_who_start_at_once_agree_on_one_key() -> None:
    keys: list[str] = []
    gate = threading.Barrier(16)

    def ask() -> None:
        gate.wait()
        keys.append(signing_key().public_key)

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 16
    assert len(set(keys)) == 1
