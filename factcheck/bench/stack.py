"""A separate database, broker and workers that can be stopped, frozen, killed and started again."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import redis
from celery import Celery

from factcheck.embedded import EmbeddedServices
from factcheck.embedded.places import PROJECT, prepare, socket_folder

PATIENCE = 45.0
PROGRAM_SECONDS = 300.0


def until(true: Callable[[], Any], what: str, *, seconds: float = PATIENCE, pause: float = 0.05) -> None:
    """Wait until a condition holds; raises TimeoutError with its name if it does not hold in time."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds:.0f} s in vain until {what}")
        time.sleep(pause)


class Stack:
    """Services in a folder of their own, and the workers started on them."""

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
        self._sender = Celery(set_as_current=False)
        self.workers: list[subprocess.Popen[bytes]] = []
        try:
            self.run("manage.py", "migrate", "--verbosity=0")
        except BaseException:
            self.services.release()
            raise

    def run(self, *arguments: str) -> str:
        """Run a Python program on this stack and return its output; raises if it fails."""
        done = subprocess.run(
            [sys.executable, *arguments],
            env=self.environment,
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=PROGRAM_SECONDS,
            check=False,
        )
        if done.returncode:
            raise ChildProcessError(done.stderr)
        return done.stdout

    def start(self, name: str, *arguments: str) -> "subprocess.Popen[bytes]":
        """Start a Python program on this stack that writes to a log of this name."""
        with (self.folder / f"{name}.log").open("wb") as out:
            return subprocess.Popen(
                [sys.executable, *arguments],
                env=self.environment,
                cwd=PROJECT,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the database's answer, over a separate connection of the owner of the tables."""
        with psycopg.connect(self.environment["OWNER_DATABASE_URL"], autocommit=True) as session:
            cursor = session.execute(query)
            return cursor.fetchall() if cursor.description else []

    def empty(self) -> None:
        """Remove every desk and account and what belongs to them, as only the superuser can."""
        assert self.services.postgres is not None
        with psycopg.connect(self.services.postgres.administrator_url, autocommit=True) as session:
            # The rules of the tables refuse it otherwise.
            session.execute("SET session_replication_role = replica")
            session.execute("TRUNCATE annotations_user, annotations_desk, annotations_host CASCADE")

    def start_worker(self, concurrency: int = 2, *, wait: bool = True) -> "subprocess.Popen[bytes]":
        """Start a worker with this many processes. Its name is the owner of the leases it takes."""
        number = len(self.workers)
        worker = self.start(f"worker-{number}", *self._worker(number, concurrency))
        self.workers.append(worker)
        if wait:
            log = self.folder / f"worker-{number}.log"
            until(lambda: b"ready." in log.read_bytes(), "the worker takes work")
        return worker

    def start_clock(self) -> "subprocess.Popen[bytes]":
        """Start the process that sends the sweep and the heartbeat."""
        return self.start(
            *("clock", "-m", "celery", "-A", "factcheck", "beat", "--pidfile="),
            f"--schedule={self.folder / 'beat'}",
        )

    def _worker(self, number: int, concurrency: int) -> Sequence[str]:
        return [
            *("-m", "celery", "-A", "factcheck", "worker", "--queues=default,fetch"),
            *("--without-gossip", "--without-mingle"),
            f"--concurrency={concurrency}",
            f"--hostname=stack{number}@localhost",
        ]

    def kill(self, worker: "subprocess.Popen[bytes]") -> None:
        """Kill a worker with all its processes at once, which never happens by itself."""
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait(15)

    def kill_all(self) -> None:
        """Kill every worker that is running."""
        for worker in self.workers:
            if worker.poll() is None:
                self.kill(worker)

    def sweep(self) -> None:
        """Send the message that the clock sends every 15 seconds."""
        # The connection is our own, because Celery prefers the environment's broker, and this broker may be a
        # new one.
        with self._sender.connection_for_write(self.environment["CELERY_BROKER_URL"]) as connection:
            self._sender.send_task("annotations.sweep", queue="default", connection=connection)

    def forget_messages(self) -> None:
        """Delete all messages in the broker."""
        with self._broker() as client:
            client.flushall()

    @contextmanager
    def frozen_broker(self) -> Iterator[None]:
        """Let the broker accept connections but answer nothing while the block lasts."""
        with self._broker() as client:
            pid = int(client.info("server")["process_id"])
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def _broker(self) -> redis.Redis:
        assert self.services.valkey is not None
        return redis.Redis(unix_socket_path=str(self.services.valkey.socket))

    def restart_broker(self) -> None:
        """Stop the broker and start it again; its messages are gone."""
        assert self.services.valkey is not None
        self.services.valkey.stop()
        self.services.valkey.start()

    def restart_database(self) -> None:
        """End every session and start the database again."""
        assert self.services.postgres is not None
        self.services.postgres.stop()
        self.services.postgres.start()


@contextmanager
def running_stack() -> Iterator[Stack]:
    """Run a stack while the block lasts, and remove it afterwards."""
    # The folder must be one that the database's own user may enter.
    parent = Path(tempfile.mkdtemp(prefix="factcheck-stack-"))
    parent.chmod(0o711)
    folder = parent / "stack"
    try:
        prepare(folder)
        stack = Stack(folder)
        try:
            yield stack
        finally:
            stack.kill_all()
            stack.services.release()
    finally:
        shutil.rmtree(parent, ignore_errors=True)
        shutil.rmtree(socket_folder(folder), ignore_errors=True)
