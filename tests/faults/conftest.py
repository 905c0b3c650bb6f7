import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from django.conf import settings

from factcheck.embedded import EmbeddedServices
from factcheck.embedded.places import prepare, socket_folder
from tests.fakes.site import Site

PATIENCE = 45.0


def until(true: Callable[[], Any], what: str) -> None:
    """Look again and again until something holds; fail by name if it does not in time."""
    end = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > end:
            pytest.fail(f"waited {PATIENCE:.0f} s in vain until {what}")
        time.sleep(0.05)


class Stack:
    """A database and a broker of its own, which a test may stop, freeze and start again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.services = EmbeddedServices(folder, durable=False)
        self.services.acquire()
        self.environment = (
            os.environ
            | self.services.environment()
            | {
                "DATA_DIR": str(folder),
                "DEBUG": "1",
                "FETCH_ALLOWED_NETWORKS": "127.0.0.0/8",
                "DJANGO_SETTINGS_MODULE": "factcheck.settings",
            }
        )
        self._workers: list[subprocess.Popen[bytes]] = []
        self._run("manage.py", "migrate", "--verbosity=0")

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            env=self.environment,
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def attach(self, *addresses: str) -> float:
        """Attach addresses in a process of its own; return the seconds that the attaching took."""
        return float(json.loads(self._run("-m", "tests.faults.seed", *addresses))["seconds"])

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.environment["DATABASE_URL"], autocommit=True) as session:
            cursor = session.execute(query)
            return cursor.fetchall() if cursor.description else []

    def start_worker(self, concurrency: int = 2) -> "subprocess.Popen[bytes]":
        log = self.folder / f"worker-{len(self._workers)}.log"
        command = [sys.executable, "-m", "celery", "-A", "factcheck", "worker", "--queues=default,fetch"]
        command += ["--without-gossip", "--without-mingle"]
        with log.open("wb") as out:
            worker = subprocess.Popen(
                [
                    *command,
                    f"--concurrency={concurrency}",
                    f"--hostname=faults{len(self._workers)}@localhost",
                ],
                env=self.environment,
                cwd=settings.BASE_DIR,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        self._workers.append(worker)
        until(lambda: b"ready." in log.read_bytes(), "the worker takes work")
        return worker

    def kill(self, worker: "subprocess.Popen[bytes]") -> None:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait(15)

    def sweep(self) -> None:
        """Send the message that beat sends every 15 seconds."""
        self._run("-m", "celery", "-A", "factcheck", "call", "annotations.sweep")

    def forget_messages(self) -> None:
        assert self.services.valkey is not None
        with redis.Redis(unix_socket_path=str(self.services.valkey.socket)) as client:
            assert client.flushall()

    def kill_all(self) -> None:
        for worker in self._workers:
            if worker.poll() is None:
                self.kill(worker)


@pytest.fixture(scope="module")
def running_stack() -> Iterator[Stack]:
    # Not below pytest's own folder, which another user, the database's, may not enter.
    parent = Path(tempfile.mkdtemp(prefix="factcheck-faults-"))
    parent.chmod(0o711)
    folder = parent / "stack"
    prepare(folder)
    running = Stack(folder)
    try:
        yield running
    finally:
        running.services.release()
        shutil.rmtree(parent)
        shutil.rmtree(socket_folder(folder), ignore_errors=True)


@pytest.fixture
def stack(running_stack: Stack) -> Iterator[Stack]:
    """The stack without a row, a message or a worker of another test."""
    running_stack.services.revive()
    running_stack.rows("TRUNCATE annotations_user, annotations_desk CASCADE")
    running_stack.forget_messages()
    try:
        yield running_stack
    finally:
        running_stack.kill_all()


@pytest.fixture
def site() -> Iterator[Site]:
    # On all of loopback: 127.0.0.2 and 127.0.0.3 are two hosts to the gate that serves one host at a time.
    with Site(listen="0.0.0.0") as running:
        yield running
        running.opened.set()
