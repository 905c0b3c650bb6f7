"""The database and broker that come with a copy. They run for as long as a process uses them.

Every process that uses them holds a shared lock on one file of the data folder. The system drops the lock
when the process ends, however it ends. The last process to end stops the services. So a command started
beside a running copy uses that copy's services, and a command started alone leaves nothing behind.
"""

import atexit
import fcntl
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from annotations.storing.owner import as_owner_of
from factcheck.embedded.own_user import become_own_user, hold_services
from factcheck.embedded.places import data_folder, prepare, socket_folder
from factcheck.embedded.postgres import EmbeddedPostgres
from factcheck.embedded.problems import CannotRun
from factcheck.embedded.valkey import EmbeddedValkey

__all__ = ["PORT_FILE", "CannotRun", "EmbeddedServices", "become_a_development_copy", "services_for"]

# A file in the data folder with the port of the copy that last ran from it.
PORT_FILE = "port"
# These commands read only code and settings; starting a database for them would only make them slow.
_NEED_NOTHING = {
    "help",
    "version",
    "check",
    "diffsettings",
    "makemessages",
    "compilemessages",
    "collectstatic",
}
# These serve pages: started by root they give all its rights up.
_SERVE = {"runserver", "serve_sample_site"}


class EmbeddedServices:
    """PostgreSQL and Valkey of one data folder, without those that the environment already names."""

    def __init__(
        self, folder: Path, *, postgres: bool = True, valkey: bool = True, durable: bool = True
    ) -> None:
        self.folder = folder
        sockets = socket_folder(folder)
        self.postgres = EmbeddedPostgres(folder, sockets, durable=durable) if postgres else None
        self.valkey = EmbeddedValkey(folder, sockets) if valkey else None
        self._in_use: int | None = None

    def environment(self) -> dict[str, str]:
        """Return DATABASE_URL, OWNER_DATABASE_URL and CELERY_BROKER_URL of the services started here."""
        named = {}
        if self.postgres:
            named["DATABASE_URL"] = self.postgres.url
            named["OWNER_DATABASE_URL"] = self.postgres.owner_url
        if self.valkey:
            named["CELERY_BROKER_URL"] = self.valkey.url
        return named

    def acquire(self) -> None:
        """Count this process as a user and start what is not running.

        Raises CannotRun and then counts nothing.
        """
        with self._starting_or_stopping():
            self._in_use = os.open(self.folder / "run" / "in-use.lock", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._in_use, fcntl.LOCK_SH)
            try:
                for service in (self.postgres, self.valkey):
                    if service:
                        service.start()
            except BaseException:
                self._leave()
                raise

    def revive(self) -> list[str]:
        """Start the services that were killed from outside and return their names. Call `acquire` first."""
        revived = []
        for name, service in (("The database", self.postgres), ("The broker", self.valkey)):
            if service and not service.is_running():
                with self._starting_or_stopping():
                    service.start()
                revived.append(name)
        return revived

    def release(self) -> None:
        """Stop counting this process. The last user stops the services. A second call does nothing."""
        if self._in_use is not None:
            with self._starting_or_stopping():
                self._leave()

    def _leave(self) -> None:
        if self._in_use is None:
            return
        try:
            fcntl.flock(self._in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        else:
            for service in (self.valkey, self.postgres):
                if service:
                    service.stop()
        finally:
            os.close(self._in_use)
            self._in_use = None

    @contextmanager
    def _starting_or_stopping(self) -> Iterator[None]:
        handle = os.open(self.folder / "run" / "start.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def become_a_development_copy() -> None:
    """Run as development where no SECRET_KEY is set, with the loopback sample site open to fetches."""
    if os.environ.get("SECRET_KEY"):
        return
    os.environ.setdefault("ENVIRONMENT", "development")
    if os.environ["ENVIRONMENT"] == "development" and os.environ.get("SAMPLE") != "no":
        os.environ.setdefault("FETCH_ALLOWED_NETWORKS", "sample-site")


def services_for(arguments: Sequence[str]) -> None:
    """Point the environment at the services a management command needs, and start them if needed.

    PORT becomes that of the copy in DATA_DIR, so that addresses made by the command lead to it. Services that
    DATABASE_URL and CELERY_BROKER_URL already name are used as they are. With ENVIRONMENT=production nothing
    is started. At exit, also by SIGTERM, the services stop unless another process uses them. A command of
    root's has them started by the user of the data folder; one that serves pages becomes that user. Raises
    CannotRun.
    """
    become_a_development_copy()
    if os.environ.get("ENVIRONMENT") == "production":
        return
    folder = data_folder()
    command = arguments[1] if len(arguments) > 1 else "help"
    only_asks = bool({"-h", "--help", "--version"} & set(arguments))
    if not only_asks and (
        command in _SERVE
        or (command == "collectstatic" and _is_anothers(folder) and not os.environ.get("STATIC_ROOT"))
    ):
        become_own_user(folder, ["manage.py", *arguments[1:]])
    missing = [name for name in ("DATABASE_URL", "CELERY_BROKER_URL") if not os.environ.get(name)]
    if not missing and not _is_anothers(folder):
        return
    os.environ["DATA_DIR"] = str(folder)
    needs_them = command not in _NEED_NOTHING and not only_asks
    held = hold_services(folder, missing) if needs_them else None
    if held:
        named, leave = held
        _note(folder, named)
    else:
        services = EmbeddedServices(
            folder, postgres="DATABASE_URL" in missing, valkey="CELERY_BROKER_URL" in missing
        )
        # Settings are read also by commands that open no connection.
        _note(folder, services.environment())
        if not needs_them:
            return
        prepare(folder)
        services.acquire()
        leave = services.release
    owner = os.getpid()

    def leave_once() -> None:
        # A forked child runs the same exit hooks, but only its parent counts as the user.
        if os.getpid() == owner:
            leave()

    atexit.register(leave_once)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def _note(folder: Path, named: Mapping[str, str]) -> None:
    os.environ.update(named)
    port = folder / PORT_FILE
    with as_owner_of(folder):
        if port.exists():
            os.environ.setdefault("PORT", port.read_text())


def _is_anothers(folder: Path) -> bool:
    return os.geteuid() == 0 and folder.exists() and folder.stat().st_uid != 0
