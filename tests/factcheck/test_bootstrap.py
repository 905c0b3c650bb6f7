"""The first step of every make target."""

import ast
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from factcheck import bootstrap


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment of its own, which nothing has been installed into."""
    monkeypatch.setattr(bootstrap, "VENV", str(tmp_path / ".venv"))
    monkeypatch.setattr(bootstrap, "_works", lambda python: False)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").touch()
    return tmp_path / ".venv"


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What is run instead of being run."""
    noted: list[list[str]] = []

    def note(command: list[str], **_: object) -> int:
        noted.append(command)
        return 0

    monkeypatch.setattr(subprocess, "call", note)
    return noted


def test_the_second_start_installs_nothing(environment: Path, commands: list[list[str]]) -> None:
    bootstrap.make_environment(False)
    assert len(commands) == 3
    bootstrap.make_environment(False)
    assert len(commands) == 3


def test_the_tools_are_installed_on_top_when_they_are_wanted(
    environment: Path, commands: list[list[str]]
) -> None:
    bootstrap.make_environment(False)
    assert "--no-dev" in commands[-1]
    bootstrap.make_environment(True)
    assert "--no-dev" not in commands[-1]
    before = len(commands)
    bootstrap.make_environment(False)
    assert len(commands) == before


def test_a_moved_folder_is_set_up_anew(
    environment: Path, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap.make_environment(False)
    moved = environment.parent / "elsewhere"
    shutil.copytree(environment, moved)
    monkeypatch.setattr(bootstrap, "VENV", str(moved))
    before = len(commands)
    bootstrap.make_environment(False)
    assert len(commands) > before


def test_behind_a_mirror_pip_installs_by_the_hashes_of_the_lock(
    environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[list[str]] = []

    def fail_to_sync(command: list[str], **_: object) -> int:
        noted.append(command)
        return 1 if "sync" in command else 0

    monkeypatch.setattr(subprocess, "call", fail_to_sync)
    bootstrap.make_environment(False)
    assert "--require-hashes" in noted[-1]


def test_an_installation_that_fails_is_not_taken_for_done(
    environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "call", lambda command, **_: 1)
    with pytest.raises(SystemExit, match=r"Setting up \.venv failed"):
        bootstrap.make_environment(False)
    assert not (environment / ".locked").exists()


def test_an_old_python_is_told_which_one_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match=r"needs Python 3\.11, 3\.12 or 3\.13; .* is Python 3\.9"):
        bootstrap.use_a_fitting_python()


def test_an_old_python_hands_over_to_a_newer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[str] = []
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))
    monkeypatch.setattr(sys, "argv", ["bootstrap.py", "run"])
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}" if name == "python3.12" else None)
    monkeypatch.setattr(subprocess, "call", lambda command, **_: 0)

    def hand_over(path: str, command: list[str]) -> None:
        handed.extend(command)
        raise SystemExit(0)

    monkeypatch.setattr(os, "execv", hand_over)
    with pytest.raises(SystemExit):
        bootstrap.use_a_fitting_python()
    assert handed == ["/usr/bin/python3.12", "-IS", str(Path(bootstrap.__file__).resolve()), "run"]


def test_a_python_without_venv_names_the_package_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SystemExit, match=r"apt install python3\.\d+-venv"):
        bootstrap._make_venv()


def test_older_pythons_can_read_it() -> None:
    # What they have to be able to do is say which Python is needed.
    ast.parse(Path(bootstrap.__file__).read_text(), feature_version=(3, 7))


def test_ctrl_c_while_the_program_is_loaded_ends_it_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    became: list[tuple[list[str], set[int]]] = []

    def execv(_: str, command: list[str]) -> None:
        became.append((command[2:], set(signal.pthread_sigmask(signal.SIG_BLOCK, []))))

    monkeypatch.setattr(bootstrap, "make_environment", lambda with_tools: None)
    monkeypatch.setattr(bootstrap.os, "execv", execv)
    try:
        bootstrap.main(["run"])
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    assert became == [(["-m", "factcheck.run"], {signal.SIGINT})]


@pytest.mark.parametrize("module", ["factcheck.run", "factcheck.testing", "factcheck.bench"])
def test_a_ctrl_c_that_was_held_back_ends_the_program_before_it_starts_anything(
    module: str, tmp_path: Path
) -> None:
    press = (
        "import os, signal, sys; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT]); "
        f"os.kill(os.getpid(), signal.SIGINT); os.execv(sys.executable, [sys.executable, '-m', {module!r}])"
    )
    environment = os.environ | {"DATA_DIR": str(tmp_path / "data"), "TMPDIR": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-c", press],
        cwd=bootstrap.PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")
    assert list(tmp_path.iterdir()) == []
