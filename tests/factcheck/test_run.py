"""`make run`: the whole of it started for real, and what stands in its way said in one sentence."""

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from factcheck.embedded.places import ACCOUNT_NAME, PROJECT, socket_folder
from tests.extraction.pdfs import pdf

OURS = ("DATABASE_URL", "CELERY_BROKER_URL", "DEBUG", "ENVIRONMENT", "DATA_DIR", "PORT", "SECRET_KEY")


@pytest.fixture
def folder() -> Iterator[Path]:
    parent = Path(tempfile.mkdtemp(prefix="factcheck-test-"))
    parent.chmod(0o711)
    yield parent / "data"
    shutil.rmtree(parent)


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    return kept | {"DATA_DIR": str(folder), "SAMPLE": "no"} | more


def _refused(environment: dict[str, str]) -> str:
    ended = subprocess.run(
        [sys.executable, "-m", "factcheck.run"],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    return ended.stderr.strip()


def _processes_of(folder: Path) -> dict[str, str]:
    """Return the processes that name the folder: the number of each, and its command line."""
    found = {}
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = line.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            environment = line.with_name("environ").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if str(folder) in text or str(folder) in environment:
            found[line.parent.name] = text
    return found


def _users_of(folder: Path) -> set[int]:
    """Return who runs the processes that name the folder."""
    return {(Path("/proc") / pid).stat().st_uid for pid in _processes_of(folder)}


def _started(environment: dict[str, str]) -> "subprocess.Popen[str]":
    running = subprocess.Popen(
        [sys.executable, "-u", "-m", "factcheck.run"],
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert running.stdout is not None
    said = []
    for line in running.stdout:
        said.append(line)
        if "Ctrl-C stops everything" in line:
            break
    assert any(f"http://127.0.0.1:{environment['PORT']}/" in line for line in said), said
    return running


def _end(running: "subprocess.Popen[str]") -> None:
    if running.poll() is None:
        running.kill()
    if running.stdout is not None:
        running.stdout.close()


@pytest.mark.endtoend
def test_everything_starts_and_ctrl_c_stops_everything(folder: Path, port: int) -> None:
    environment = _environment(folder, PORT=str(port))
    running = _started(environment)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/parts", timeout=10) as answer:
            assert json.load(answer)["status"] == "ok"
        assert "already running" in _refused(environment)
        # A command beside it uses what runs, and leaves it running.
        beside = subprocess.run(
            [sys.executable, "manage.py", "migrate", "--check"], cwd=PROJECT, env=environment, check=False
        )
        assert beside.returncode == 0
        address = subprocess.run(
            [
                *(sys.executable, "manage.py", "shell", "--no-imports", "--command"),
                "from django.conf import settings; print(settings.PUBLIC_URL)",
            ],
            cwd=PROJECT,
            env={name: value for name, value in environment.items() if name != "PORT"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert address.stdout == f"http://127.0.0.1:{port}\n"
        os.kill(running.pid, signal.SIGINT)
        assert running.wait(30) == 0
    finally:
        _end(running)
    assert _processes_of(folder) == {}
    shutil.rmtree(socket_folder(folder), ignore_errors=True)


@pytest.mark.endtoend
@pytest.mark.by_root
def test_started_by_root_nothing_keeps_its_rights_and_nobody_else_reads_the_data(
    folder: Path, port: int
) -> None:
    # As an earlier version left it: made by root, open to all, with files of root's.
    (folder / "files" / "captures").mkdir(parents=True)
    (folder / "files" / "captures" / "old").write_text("kept before")
    environment = _environment(folder, PORT=str(port))
    running = _started(environment)
    try:
        own = pwd.getpwnam(ACCOUNT_NAME).pw_uid
        assert _users_of(folder) == {own}
        article = folder.parent / "article.pdf"
        article.write_bytes(pdf(["The bridge cost 41 million euros."]))
        article.chmod(0o600)
        beside = subprocess.run(
            [sys.executable, "manage.py", "shell", "--no-imports", "--command", BY_ROOT],
            cwd=PROJECT,
            env=environment | {"ARTICLE": str(article)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert beside.stdout == f"0 {own} The bridge cost 41 million euros.\n", beside.stderr
        collected = subprocess.run(
            [sys.executable, "manage.py", "collectstatic", "--noinput", "--clear", "--verbosity=0"],
            cwd=PROJECT,
            env=environment,
            check=False,
        )
        assert collected.returncode == 0
        os.kill(running.pid, signal.SIGINT)
        assert running.wait(30) == 0
    finally:
        _end(running)
    assert _processes_of(folder) == {}
    assert (folder / "files" / "captures" / "old").read_text() == "kept before"
    made = {path: path.lstat() for path in (folder, *folder.rglob("*"))}
    assert {folder / "files" / "a" / "b", folder / "signing" / "key", folder / "secret-key"} <= set(made)
    assert {found.st_uid for found in made.values()} == {own}
    # The style sheets of pages are no secret, and lie in a folder that nobody else may enter.
    open_to_others = [path for path, found in made.items() if found.st_mode & 0o077]
    assert [path for path in open_to_others if not path.is_relative_to(folder / "static")] == []


BY_ROOT = """
import hashlib, io, os
from pathlib import Path
from django.core.files.storage import default_storage
from annotations.extraction import extract_document
from annotations.extraction.process import _idle
from annotations.workflow.signing_key import signing_key
signing_key()
default_storage.put("a/b", io.BytesIO(b"x"), 1, hashlib.sha256(b"x").hexdigest())
text = extract_document(Path(os.environ["ARTICLE"]).read_bytes(), "article.pdf").text
[reader] = _idle._waiting
print(os.geteuid(), Path(f"/proc/{reader._process.pid}").stat().st_uid, text)
"""


def test_a_port_in_use_is_one_sentence(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = _refused(_environment(folder, PORT=str(port)))
    assert told == f"Port {port} is in use by another program. Choose another: make run PORT={port + 1}"


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1"])
def test_a_port_that_is_none_is_one_sentence(folder: Path, port: str) -> None:
    told = _refused(_environment(folder, PORT=port))
    assert told == f"PORT is {port!r}; it has to be a number from 1 to 65535."
    assert not folder.exists()


def test_a_data_folder_that_cannot_be_used_is_one_sentence(folder: Path) -> None:
    folder.write_text("a file")
    assert "cannot be used" in _refused(_environment(folder))
    assert folder.read_text() == "a file"


def test_a_setting_of_the_wrong_kind_is_one_sentence(folder: Path, port: int) -> None:
    told = _refused(
        _environment(
            folder,
            PORT=str(port),
            LOG_LEVEL="LOUD",
            DATABASE_URL="postgresql:///none",
            CELERY_BROKER_URL="redis://127.0.0.1:1/0",
        )
    )
    assert "LOG_LEVEL" in told


def test_a_database_that_is_not_there_is_one_sentence(folder: Path, port: int) -> None:
    told = _refused(
        _environment(
            folder,
            PORT=str(port),
            DATABASE_URL=f"postgresql://someone@127.0.0.1:{port}/none",
            CELERY_BROKER_URL="redis://127.0.0.1:1/0",
        )
    )
    assert told.startswith("The database that DATABASE_URL names cannot be used:")
