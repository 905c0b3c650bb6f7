"""Fixtures that all tests share: a browser, and a real Celery worker on the test database."""

import ipaddress
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management.commands import flush
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.backends.signals import connection_created
from psycopg.conninfo import make_conninfo

from annotations.archiving.signing import KEY_FILE, KEY_FOLDER
from annotations.models import Claim
from annotations.workflow.signing_key import signing_key
from factcheck import roles
from factcheck.celery import app
from factcheck.embedded.postgres import APPLICATION
from tests.factories import Team, make_claim, make_team
from tests.fakes.site import Site
from tests.live_requests import LiveRequests
from tests.waiting import until, until_up
from tests.without_rules import empty_tables, fill_again

# Playwright's synchronous interface runs an event loop in the test's own thread, where Django would
# otherwise refuse the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def _chromium() -> str | None:
    if "CHROMIUM" in os.environ:
        return os.environ["CHROMIUM"] or None
    return shutil.which("chromium") or shutil.which("google-chrome")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what this machine lacks: a browser, of which the last line of `make test` speaks, or root."""
    lacking = {"browser": "no Chromium here"} if _chromium() is None else {}
    if os.geteuid() != 0:
        lacking["by_root"] = "only root has rights to give up"
    for item in items:
        for name, reason in lacking.items():
            if item.get_closest_marker(name):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Start the machine's Chromium quietly under Playwright, with requests to loopback only."""
    quiet = [
        "--no-sandbox",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    return {"executable_path": _chromium(), "args": quiet}


def _work_as_the_application(connection: BaseDatabaseWrapper, **_: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {APPLICATION}")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Let every test work with the rights of the application's role, as a running copy does.

    The connection is the owner's, so that `tests.without_rules` can step back for what only an owner may.
    """
    with django_db_blocker.unblock():
        roles.grant(APPLICATION)
        connection.close()
        connection_created.connect(_work_as_the_application)
    yield
    connection_created.disconnect(_work_as_the_application)


@pytest.fixture(autouse=True, scope="session")
def _emptied_tables() -> Iterator[None]:
    """Let Django empty the tables after a test with real transactions, which the rules refuse."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", empty_tables)
        patch.setattr(flush, "emit_post_migrate_signal", fill_again)
        yield


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    """Put the kept files of each test into a folder of its own."""
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    """Use a fast hash: Argon2 is slow by design, and the tests' people have no secrets to protect."""
    quick = "django.contrib.auth.hashers.MD5PasswordHasher"
    settings.PASSWORD_HASHERS = [quick, *settings.PASSWORD_HASHERS]


LIVE = LiveRequests()


@pytest.fixture(autouse=True)
def _no_late_request(request: pytest.FixtureRequest) -> Iterator[None]:
    """Empty the tables only after the live server, if the test has one, has answered every request."""
    if "live_server" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("transactional_db")
    with LIVE.taken():
        yield


class Worker:
    """A real worker process that a test may kill as it needs."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self.process = process
        self.log = log

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Send `number` to the worker and its children, and wait until the worker is gone."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(15)


def kept_seed() -> str:
    """Return the seed with which the tests sign; made when the first of them does."""
    signing_key()
    return (Path(settings.DATA_DIR) / KEY_FOLDER / KEY_FILE).read_text().strip()


@pytest.fixture
def start_worker(transactional_db: None, tmp_path: Path) -> Iterator[Callable[..., Worker]]:
    """Return a function that starts a Celery worker on the test database and waits until it takes work.

    Messages left over from other tests are dropped first. Every worker is gone when the test ends.
    """
    app.control.purge()
    started: list[Worker] = []

    def start(queues: str = "default,fetch", concurrency: int = 2) -> Worker:
        log = tmp_path / f"worker-{len(started)}.log"
        name = f"test{os.getpid()}-{len(started)}@localhost"
        command = [sys.executable, "-m", "celery", "-A", "factcheck", "worker", f"--queues={queues}"]
        options = [
            f"--concurrency={concurrency}",
            f"--hostname={name}",
            "--without-gossip",
            "--without-mingle",
        ]
        with log.open("wb") as out:
            process = subprocess.Popen(
                command + options,
                env=os.environ
                | {
                    "DATABASE_URL": database_url_of_the_tests(),
                    "DATA_DIR": str(tmp_path),
                    # All processes of a copy sign with one key.
                    "SIGNING_KEY": settings.SIGNING_KEY or kept_seed(),
                },
                cwd=settings.BASE_DIR,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        worker = Worker(process, log)
        started.append(worker)
        # This is the worker's own announcement; its process exists long before it takes work.
        until_up(process, log, lambda: b"ready." in log.read_bytes())
        return worker

    yield start
    for worker in started:
        worker.end(signal.SIGKILL)
    # The database finishes what a killed worker asked of it; the tables are emptied after that.
    until(_nobody_else_is_busy)


def _nobody_else_is_busy() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND state <> 'idle')"
        )
        return bool(cursor.fetchone()[0])


def database_url_of_the_tests(role: str = APPLICATION) -> str:
    """Return the address of the test database, for processes that a test starts."""
    parts = connection.settings_dict | {"USER": role}
    named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return make_conninfo(**{name: str(parts[key]) for name, key in named.items() if parts[key]})


@pytest.fixture
def team(db: None) -> Team:
    """Return a desk with a person in every role."""
    return make_team()


@pytest.fixture
def claim(team: Team) -> Claim:
    """Return a claim of that desk that waits to be checked."""
    return make_claim(team)


@pytest.fixture
def open_loopback(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Allow fetches from this machine, here and in the processes a test starts, without pauses."""
    settings.FETCH_ALLOWED_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    monkeypatch.setenv("FETCH_ALLOWED_NETWORKS", "127.0.0.0/8")


@pytest.fixture
def site(open_loopback: None) -> Iterator[Site]:
    """Return a web server on this machine that serves pages to fetch."""
    with Site() as running:
        yield running
