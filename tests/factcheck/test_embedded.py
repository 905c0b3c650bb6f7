"""The embedded PostgreSQL and Valkey: found, started, shared, recovered, and stopped by the last user."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from factcheck.embedded import CannotRun, EmbeddedServices, places
from factcheck.embedded.places import PROJECT, data_folder, prepare, socket_folder
from tests.waiting import until


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder with a space in its name, which the database's own user can reach, if there is one."""
    # Not below pytest's own folder: another run of the tests closes that one for everybody else.
    parent = Path(tempfile.mkdtemp(prefix="factcheck-test-"))
    parent.chmod(0o711)
    made = parent / "a copy"
    prepare(made)
    yield made
    shutil.rmtree(parent)
    shutil.rmtree(socket_folder(made))


@pytest.fixture
def services(folder: Path) -> Iterator[EmbeddedServices]:
    made = EmbeddedServices(folder, durable=False)
    made.acquire()
    yield made
    made.release()
    # Another user may have stopped them; this process is still their parent.
    for service in (made.postgres, made.valkey):
        assert service is not None
        service.stop()


def _ask(services: EmbeddedServices, question: str) -> object:
    with psycopg.connect(services.environment()["OWNER_DATABASE_URL"], autocommit=True) as asked:
        answer = asked.execute(question)
        row = answer.fetchone() if answer.description else None
        return row[0] if row else None


def _kill_the_database(services: EmbeddedServices) -> None:
    assert services.postgres is not None
    is_running = services.postgres.is_running
    pid = int((services.postgres.cluster / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    until(lambda: not is_running())


def _other_user(folder: Path, then: str) -> "subprocess.Popen[str]":
    code = (
        "import sys; from pathlib import Path; from factcheck.embedded import EmbeddedServices\n"
        f"services = EmbeddedServices(Path({str(folder)!r}), durable=False); services.acquire()\n"
        "print('in', flush=True); sys.stdin.readline()\n" + then
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "in\n"
    return process


def test_data_outlives_a_stop_and_a_kill(services: EmbeddedServices) -> None:
    _ask(services, "CREATE TABLE kept AS SELECT 42 AS answer")
    services.release()
    assert not services.postgres.is_running()  # type: ignore[union-attr]
    services.acquire()
    assert _ask(services, "SELECT answer FROM kept") == 42
    _kill_the_database(services)
    services.release()
    services.acquire()
    assert _ask(services, "SELECT answer FROM kept") == 42


def test_the_last_user_stops_the_services_and_no_one_before(folder: Path, services: EmbeddedServices) -> None:
    other = _other_user(folder, "services.release()")
    services.release()
    assert services.postgres is not None
    assert services.valkey is not None
    assert services.postgres.is_running()
    assert services.valkey.is_running()
    other.communicate("go\n", timeout=30)
    assert not services.postgres.is_running()
    assert not services.valkey.is_running()


def test_a_killed_user_no_longer_counts(folder: Path, services: EmbeddedServices) -> None:
    other = _other_user(folder, "")
    other.kill()
    other.communicate(timeout=30)
    services.release()
    assert not services.postgres.is_running()  # type: ignore[union-attr]


def test_what_was_killed_from_outside_is_revived(services: EmbeddedServices) -> None:
    assert services.revive() == []
    _kill_the_database(services)
    assert services.revive() == ["The database"]
    assert _ask(services, "SELECT 1") == 1


def test_a_pid_file_that_names_a_stranger_is_not_believed(folder: Path, services: EmbeddedServices) -> None:
    services.release()
    (folder / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n")
    assert not services.postgres.is_running()  # type: ignore[union-attr]
    services.acquire()
    assert _ask(services, "SELECT 1") == 1


def test_no_port_is_opened_and_the_socket_is_private(services: EmbeddedServices) -> None:
    assert _ask(services, "SHOW listen_addresses") == ""
    assert services.postgres is not None
    assert services.postgres.sockets.stat().st_mode & 0o777 == 0o700


def test_a_broker_file_it_cannot_read_is_set_aside(folder: Path, services: EmbeddedServices) -> None:
    services.release()
    manifest = next((folder / "valkey" / "appendonlydir").glob("*.manifest"))
    manifest.write_text("this is no manifest\n")
    services.acquire()
    assert services.valkey is not None
    assert services.valkey.is_running()
    assert len(list(folder.glob("valkey.unreadable.*"))) == 1


@pytest.mark.parametrize(
    ("version", "sentence"),
    [("17\n", "was made by PostgreSQL 17 and this is 18"), (None, "no PG_VERSION in it")],
)
def test_a_cluster_that_is_not_ours_is_left_alone(folder: Path, version: str | None, sentence: str) -> None:
    cluster = folder / "postgres"
    cluster.mkdir()
    (cluster / "precious").write_text("data")
    if version:
        (cluster / "PG_VERSION").write_text(version)
    with pytest.raises(CannotRun, match=sentence):
        EmbeddedServices(folder).acquire()
    assert (cluster / "precious").read_text() == "data"
    assert not (folder / "run" / "valkey.sock").exists()


def test_a_full_disk_is_one_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("usage", (), {"free": 1024 * 1024})
    monkeypatch.setattr(places.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(CannotRun, match=r"is full \(1 MB free; 200 MB are needed\)"):
        prepare(folder)


def test_a_data_folder_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.write_text("")
    with pytest.raises(CannotRun, match="cannot be used"):
        prepare(taken)
    with pytest.raises(CannotRun, match="cannot be used"):
        prepare(taken / "below")


def test_folders_that_were_there_keep_their_mode(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    prepare(home / "data")
    assert home.stat().st_mode & 0o777 == 0o700


@pytest.mark.by_root
def test_a_folder_the_databases_user_cannot_reach_is_one_sentence(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    prepare(home / "data")
    with pytest.raises(CannotRun, match="cannot reach"):
        EmbeddedServices(home / "data").acquire()
    assert home.stat().st_mode & 0o777 == 0o700


def test_sockets_lie_in_the_data_folder_or_in_a_short_private_one(tmp_path: Path) -> None:
    assert socket_folder(Path("/srv/news")) == Path("/srv/news/run")
    long = tmp_path / ("deep/" * 30)
    short = socket_folder(long)
    try:
        assert len(str(short)) < 60
        assert not short.stat().st_mode & 0o022
        short.chmod(0o777)
        with pytest.raises(CannotRun, match="belongs to someone else"):
            socket_folder(long)
    finally:
        short.rmdir()


def test_the_data_folder_of_root_lies_outside_every_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATA_DIR", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert data_folder().parent == Path("/var/lib/factcheck-workbench")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert data_folder() == PROJECT / ".data"
    monkeypatch.setenv("DATA_DIR", "/srv/news")
    assert data_folder() == Path("/srv/news")
