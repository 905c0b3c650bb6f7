"""Started by root: who works in the data folder, who may read it, and from which code."""

import fcntl
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from factcheck.embedded import CannotRun, own_user, ownership, places, readable_code
from factcheck.embedded.places import Account, system_account

NOBODY = Account(65534, 65534)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder as an earlier version left it, in a folder that others may pass through."""
    parent = Path(tempfile.mkdtemp(prefix="factcheck-test-"))
    parent.chmod(0o711)
    made = parent / "data"
    for name in ("logs", "run", "files/captures/ab", "signing", "programs/postgres-18.0"):
        (made / name).mkdir(parents=True)
    for name in ("logs/web.log", "files/captures/ab/abc", "signing/key", "secret-key", "programs/x"):
        (made / name).write_text(name)
        (made / name).chmod(0o644)
    yield made
    shutil.rmtree(parent)


def _everything(folder: Path) -> dict[str, tuple[int, int]]:
    """Whose each thing below is, and its mode."""
    return {
        str(path): (path.lstat().st_uid, stat.S_IMODE(path.lstat().st_mode))
        for path in (folder, *folder.rglob("*"))
    }


# --- Whose the folder is --------------------------------------------------------------------------------


@pytest.mark.by_root
def test_a_folder_that_root_left_is_given_over_and_holds_what_it_held(folder: Path) -> None:
    account = ownership.own_account(folder)
    assert account == system_account()
    # A crash between keeping a file and forgetting its first name leaves it two.
    (folder / "files" / "left").hardlink_to(folder / "files" / "captures" / "ab" / "abc")
    ownership.give_over(folder, account)
    assert {uid for uid, _ in _everything(folder).values()} == {account.uid}
    assert (folder / "files" / "captures" / "ab" / "abc").read_text() == "files/captures/ab/abc"
    assert (folder / "signing" / "key").read_text() == "signing/key"
    assert not (folder / "programs").exists()


@pytest.mark.by_root
def test_links_in_the_folder_are_neither_followed_nor_given_away(folder: Path) -> None:
    precious = folder.parent / "of-root"
    precious.mkdir(mode=0o700)
    (precious / "shadow").write_text("secret")
    before = _everything(precious)
    os.chown(folder, NOBODY.uid, NOBODY.gid)
    os.chown(folder / "files", NOBODY.uid, NOBODY.gid)
    (folder / "files" / "symbolic").symlink_to(precious / "shadow")
    (folder / "files" / "folder").symlink_to(precious)
    (folder / "files" / "hard").hardlink_to(precious / "shadow")
    shutil.rmtree(folder / "signing")
    (folder / "signing").symlink_to(precious)
    ownership.give_over(folder, NOBODY)
    assert _everything(precious) == before
    assert (folder / "files" / "symbolic").lstat().st_uid == 0
    assert (folder / "files" / "captures" / "ab" / "abc").stat().st_uid == NOBODY.uid


@pytest.mark.by_root
def test_a_folder_that_holds_other_things_is_not_given_over(folder: Path) -> None:
    (folder / "thesis.txt").write_text("years of work")
    before = _everything(folder)
    with pytest.raises(CannotRun, match=r"also holds other things, such as thesis\.txt"):
        ownership.own_account(folder)
    assert _everything(folder) == before


@pytest.mark.by_root
def test_a_folder_of_somebody_is_run_as_that_person(folder: Path) -> None:
    os.chown(folder, NOBODY.uid, NOBODY.gid)
    assert ownership.own_account(folder) == NOBODY
    (folder / "postgres").mkdir()
    os.chown(folder / "postgres", 4321, 4321)
    with pytest.raises(CannotRun, match="belongs to another user"):
        ownership.own_account(folder)


@pytest.mark.by_root
def test_a_folder_that_the_user_cannot_reach_is_one_sentence(folder: Path) -> None:
    folder.parent.chmod(0o700)
    before = _everything(folder.parent)
    with pytest.raises(CannotRun, match=r"the user factcheck-db cannot reach"):
        ownership.own_account(folder)
    assert _everything(folder.parent) == before


@pytest.mark.by_root
@pytest.mark.parametrize("lock", ["run.lock", "in-use.lock"])
def test_a_folder_in_use_by_root_stays_roots(folder: Path, lock: str) -> None:
    before = _everything(folder)
    with (folder / "run" / lock).open("w") as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        assert ownership.is_run_by_root(folder)
        assert own_user.hold_services(folder, []) is None
    assert not ownership.is_run_by_root(folder)
    (folder / "run" / lock).unlink()
    assert _everything(folder) == before


def test_what_others_could_see_is_closed_and_counted(folder: Path) -> None:
    folder.chmod(0o755)
    outside = folder.parent / "outside"
    outside.write_text("somebody's")
    outside.chmod(0o644)
    (folder / "files" / "symbolic").symlink_to(outside)
    assert ownership.close_to_others(folder) > 8
    without = [path for path in _everything(folder) if "programs" not in path and "symbolic" not in path]
    passed = 0o011 if os.geteuid() == 0 else 0
    for path in without:
        is_passed = path in (str(folder), str(folder / "run"))
        assert Path(path).stat().st_mode & 0o077 == (passed if is_passed else 0), path
    assert stat.S_IMODE(outside.stat().st_mode) == 0o644
    assert ownership.close_to_others(folder) == 0


def test_a_folder_with_other_things_stays_as_open_as_it_was(folder: Path) -> None:
    (folder / "thesis.txt").write_text("for all to read")
    (folder / "thesis.txt").chmod(0o644)
    folder.chmod(0o755)
    ownership.close_to_others(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755
    assert stat.S_IMODE((folder / "thesis.txt").stat().st_mode) == 0o644
    assert stat.S_IMODE((folder / "signing" / "key").stat().st_mode) == 0o600


@pytest.mark.by_root
def test_a_commands_environment_takes_nothing_else_from_the_folders_user(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = folder.parent / "holder"
    holder.write_text(
        """#!/bin/sh
echo "seen $SECRET" > "$DATA_DIR/seen"
echo '{"DATABASE_URL": "one", "LD_PRELOAD": "two"}'
"""
    )
    holder.chmod(0o755)

    @contextmanager
    def given(*_: object) -> Iterator[readable_code.Code]:
        yield readable_code.Code(holder, folder.parent, {})

    monkeypatch.setattr(own_user, "readable_code", given)
    monkeypatch.setenv("SECRET", "of root")
    os.chown(folder, NOBODY.uid, NOBODY.gid)
    held = own_user.hold_services(folder, ["DATABASE_URL"])
    assert held is not None
    named, leave = held
    leave()
    assert set(named) == {"DATABASE_URL", "EXTRACTION_READS_AS"}
    assert named["DATABASE_URL"] == "one"
    assert (folder / "seen").read_text() == "seen \n"
    assert (folder / "seen").stat().st_uid == NOBODY.uid


# --- Who it cannot become -------------------------------------------------------------------------------


@pytest.mark.by_root
def test_where_there_is_no_other_user_it_says_so_and_goes_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise FileNotFoundError("useradd")

    monkeypatch.setattr(places, "ACCOUNT_NAME", "factcheck-none")
    monkeypatch.setattr(places.subprocess, "run", refused)
    before = _everything(folder)
    own_user.become_own_user(folder, ["-m", "factcheck.run"])
    said = capsys.readouterr().err
    assert said.startswith("WARNING: everything runs as root, since the system user factcheck-none cannot be")
    assert said.count("\n") == 1
    assert os.geteuid() == 0
    assert _everything(folder) == before


def test_a_plain_user_has_nothing_to_give_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    before = _everything(folder)
    own_user.become_own_user(folder, ["-m", "factcheck.run"])
    assert own_user.hold_services(folder, []) is None
    assert _everything(folder) == before


# --- From which code ------------------------------------------------------------------------------------


@pytest.fixture
def clone(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone that only root may enter, with an environment of this Python and no packages."""
    made = tmp_path / "clone"
    made.mkdir(mode=0o700)
    (made / "factcheck").mkdir(mode=0o700)
    (made / "manage.py").write_text("print('first')")
    (made / "factcheck" / "secret.py").write_text("")
    (made / "factcheck" / "secret.py").chmod(0o600)
    (made / "factcheck" / "loose.py").write_text("")
    (made / "factcheck" / "loose.py").chmod(0o666)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(made / ".venv")], check=True)
    copies = folder.parent / "programs"
    monkeypatch.setattr(readable_code, "PROJECT", made)
    monkeypatch.setattr(readable_code, "_CODE", ("manage.py", "factcheck"))
    monkeypatch.setattr(readable_code, "_VENV", made / ".venv")
    monkeypatch.setattr(readable_code, "_COPIES", copies)
    monkeypatch.setattr(sys, "executable", str(made / ".venv" / "bin" / "python"))
    return made


@pytest.fixture
def said() -> list[str]:
    return []


def _said_by(code: readable_code.Code, account: Account) -> str:
    return subprocess.run(
        [str(code.python), "manage.py"],
        cwd=code.project,
        env=dict(code.environment),
        capture_output=True,
        text=True,
        check=True,
        user=account.uid,
        group=account.gid,
        extra_groups=[],
    ).stdout.strip()


@pytest.mark.by_root
def test_code_that_only_root_may_read_runs_from_a_copy_that_only_root_may_change(
    clone: Path, said: list[str]
) -> None:
    with readable_code.readable_code(NOBODY, said.append) as code:
        assert not code.project.is_relative_to(clone)
        assert _said_by(code, NOBODY) == "first"
        copies = code.project.parent
    assert stat.S_IMODE(copies.stat().st_mode) == 0o750
    compiled = copies / "compiled"
    assert _everything(copies).pop(str(compiled)) == (NOBODY.uid, 0o700)
    for path, (uid, mode) in _everything(copies).items():
        if Path(path).is_relative_to(compiled):
            continue
        assert uid == 0, path
        assert Path(path).is_symlink() or not mode & 0o022, path
    # The clone itself is as closed, and as open, as it was.
    assert stat.S_IMODE(clone.stat().st_mode) == 0o700
    assert stat.S_IMODE((clone / "factcheck" / "secret.py").stat().st_mode) == 0o600
    assert stat.S_IMODE((clone / "factcheck" / "loose.py").stat().st_mode) == 0o666


@pytest.mark.by_root
def test_changed_code_runs_and_the_former_stays_while_a_process_runs_it(clone: Path, said: list[str]) -> None:
    with readable_code.readable_code(NOBODY, said.append) as first:
        pass
    running = subprocess.Popen(["sleep", "60"], cwd=first.project)
    (clone / "manage.py").write_text("print('second, longer')")
    try:
        with readable_code.readable_code(NOBODY, said.append) as second:
            assert _said_by(second, NOBODY) == "second, longer"
            assert _said_by(first, NOBODY) == "first"
    finally:
        running.kill()
        running.wait()
    assert second.python == first.python
    assert len(said) == 2
    with readable_code.readable_code(NOBODY, said.append) as third:
        assert third == second
    assert len(said) == 2
    assert not first.project.exists()


@pytest.mark.by_root
def test_a_copy_that_was_cut_short_is_made_anew(clone: Path, said: list[str]) -> None:
    with readable_code.readable_code(NOBODY, said.append) as code:
        (code.project / ".complete").unlink()
        (code.project / "manage.py").unlink()
    with readable_code.readable_code(NOBODY, said.append) as code:
        assert _said_by(code, NOBODY) == "first"


@pytest.mark.by_root
def test_code_that_cannot_be_run_as_another_is_a_refusal_and_leaves_no_copy(
    clone: Path, folder: Path, said: list[str]
) -> None:
    (clone / "factcheck" / "out").symlink_to(clone / "factcheck" / "secret.py")
    with (
        pytest.raises(CannotRun, match="another user cannot run its code"),
        readable_code.readable_code(NOBODY, said.append),
    ):
        pass
    [copies] = (path for path in (folder.parent / "programs").iterdir() if path.is_dir())
    assert [path.name for path in copies.iterdir()] == ["compiled"]
