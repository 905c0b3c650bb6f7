"""What root writes into a folder of somebody else's is that person's, and goes where that person may go."""

import hashlib
import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from annotations.storing import StorageFailed
from annotations.storing.folder import KeptFolder
from annotations.storing.owner import as_owner_of
from annotations.workflow.signing_key import signing_key
from factcheck.secret import kept_secret

pytestmark = pytest.mark.by_root
NOBODY = 65534


@pytest.fixture
def theirs() -> Iterator[Path]:
    """A data folder that belongs to nobody, beside a folder that only root may enter."""
    parent = Path(tempfile.mkdtemp(prefix="factcheck-test-"))
    parent.chmod(0o711)
    (parent / "of-root").mkdir(mode=0o700)
    folder = parent / "data"
    folder.mkdir(mode=0o700)
    os.chown(folder, NOBODY, NOBODY)
    yield folder
    shutil.rmtree(parent)


def _put(folder: Path) -> None:
    KeptFolder(location=folder / "files").put("a/b", io.BytesIO(b"x"), 1, hashlib.sha256(b"x").hexdigest())


def test_kept_files_and_keys_made_by_root_belong_to_the_owner(theirs: Path, settings: Any) -> None:
    settings.DATA_DIR, settings.SIGNING_KEY = theirs, ""
    _put(theirs)
    signing_key()
    kept_secret(theirs)
    made = {str(path.relative_to(theirs)): path.stat() for path in theirs.rglob("*")}
    assert {"files/a/b", "files/incoming", "signing/key", "secret-key"} <= set(made)
    assert {found.st_uid for found in made.values()} == {NOBODY}
    assert not any(found.st_mode & 0o077 for found in made.values())
    assert (os.geteuid(), os.getegid()) == (0, 0)


def test_a_link_of_the_owner_leads_root_nowhere(theirs: Path) -> None:
    (theirs / "files").symlink_to(theirs.parent / "of-root")
    with pytest.raises(StorageFailed):
        _put(theirs)
    assert list((theirs.parent / "of-root").iterdir()) == []


def test_root_reads_no_file_that_the_owner_could_not(theirs: Path) -> None:
    secret = theirs.parent / "of-root" / "secret"
    secret.write_text("secret")
    # Root's groups open nothing either.
    secret.parent.chmod(0o711)
    secret.chmod(0o640)
    _put(theirs)
    kept = KeptFolder(location=theirs / "files")
    assert list(kept.chunks("a/b")) == [b"x"]
    (theirs / "files" / "a" / "c").symlink_to(secret)
    with pytest.raises(PermissionError):
        kept.open("a/c")
    with pytest.raises(PermissionError):
        next(kept.chunks("a/c"))


def test_the_rights_come_back_after_an_error_and_within_each_other(theirs: Path) -> None:
    with pytest.raises(KeyError), as_owner_of(theirs), as_owner_of(theirs):
        raise KeyError(os.geteuid())
    assert os.geteuid() == 0
    groups = os.getgroups()
    with as_owner_of(theirs):
        with as_owner_of(theirs):
            pass
        assert (os.geteuid(), os.getgroups()) == (NOBODY, [NOBODY])
    assert (os.geteuid(), os.getgroups()) == (0, groups)


def test_in_its_own_folder_root_stays_root(tmp_path: Path) -> None:
    with as_owner_of(tmp_path):
        assert os.geteuid() == 0
    with as_owner_of(tmp_path / "not there yet"):
        assert os.geteuid() == 0
