"""The PostgreSQL of this copy: one data folder, one unix socket, no port."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import psycopg

from factcheck.embedded import places
from factcheck.embedded.problems import CannotRun

MAJOR = "18"
# Who owns the tables has the name of the database; the application works as a role that owns nothing.
OWNER = DATABASE = "factcheck"
APPLICATION = "factcheck_application"
# Crash recovery of a large database can be slow; a healthy start takes a fraction of a second.
START_SECONDS = 120
STOP_SECONDS = 20


class EmbeddedPostgres:
    """The PostgreSQL that has its cluster in `folder`/postgres. Nothing is touched before `start`."""

    def __init__(self, folder: Path, sockets: Path, *, durable: bool = True) -> None:
        self.folder = folder
        self.cluster = folder / "postgres"
        self.sockets = sockets / "postgres"
        self.log = folder / "logs" / "postgres.log"
        self.durable = durable
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return its DATABASE_URL."""
        return self._url(APPLICATION)

    @property
    def owner_url(self) -> str:
        """Return its OWNER_DATABASE_URL."""
        return self._url(OWNER)

    @property
    def administrator_url(self) -> str:
        """Return the address of the database for its superuser."""
        return self._url("postgres")

    def _url(self, role: str) -> str:
        return f"postgresql://{role}@/{DATABASE}?host={quote(str(self.sockets), safe='')}"

    def is_running(self) -> bool:
        """Return True when the postmaster of exactly this cluster is alive."""
        return self._pid() is not None

    def start(self) -> None:
        """Start it, after making the cluster and the database if needed. Does nothing when it is running.

        Raises CannotRun with a sentence for a full disk, a broken folder or one of another major version.
        """
        account = places.account_for(self.folder)
        programs = places.postgres_programs(self.folder, account)
        if not self.is_running():
            self._check_cluster()
            if not self.cluster.exists():
                self._make_cluster(programs, account)
            self._own(self.sockets, account)
            # Leftovers of a kill -9: the pid in them may now be anything, and PostgreSQL would take it for
            # its own. Whether a process of the old server lives on it also asks the kernel, by shared memory.
            (self.cluster / "postmaster.pid").unlink(missing_ok=True)
            for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
                (self.sockets / name).unlink(missing_ok=True)
            end = time.monotonic() + START_SECONDS
            while not self._launch(programs, account, end):
                time.sleep(0.1)
        self._make_database()

    def stop(self) -> None:
        """Stop it, end its sessions, and wait until it is gone. Does nothing when it is not running."""
        pid = self._pid()
        if pid is not None:
            os.kill(pid, signal.SIGINT)
            if not self._gone_within(STOP_SECONDS):
                # SIGQUIT releases files at once; the next start replays the log and loses nothing committed.
                os.kill(pid, signal.SIGQUIT)
                self._gone_within(STOP_SECONDS)
        if self._process is not None:
            self._process.wait(STOP_SECONDS)

    def _gone_within(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while self.is_running():
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    def _pid(self) -> int | None:
        try:
            pid = int((self.cluster / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None
        return pid if str(self.cluster) in _command_line(pid) else None

    def _check_cluster(self) -> None:
        if not self.cluster.exists():
            return
        try:
            major = (self.cluster / "PG_VERSION").read_text().strip()
        except OSError as wrong:
            raise CannotRun(
                f"{self.cluster} is not a database of this workbench (no PG_VERSION in it). Move it away, or "
                "set DATA_DIR to another folder."
            ) from wrong
        if major != MAJOR:
            raise CannotRun(
                f"{self.cluster} was made by PostgreSQL {major} and this is {MAJOR}. Dump it with {major} "
                "and load it here (docs/how-to/back-up.md), or set DATA_DIR to another folder."
            )

    def _make_cluster(self, programs: Path, account: places.Account) -> None:
        for leftover in self.folder.glob("postgres.new.*"):
            shutil.rmtree(leftover)
        draft = self.folder / f"postgres.new.{os.getpid()}"
        self._own(draft, account)
        command = [
            str(programs / "initdb"),
            f"--pgdata={draft}",
            "--username=postgres",
            # Only its owner can enter the socket's folder, and no port is opened.
            "--auth=trust",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            *([] if self.durable else ["--no-sync"]),
        ]
        made = subprocess.run(
            command,
            cwd="/",
            env=_plain_environment(),
            capture_output=True,
            text=True,
            check=False,
            **account.popen_options(),  # type: ignore[call-overload]
        )
        if made.returncode:
            raise CannotRun(self._why(made.stderr))
        # Only a complete cluster gets the final name.
        draft.rename(self.cluster)

    def _launch(self, programs: Path, account: places.Account, end: float) -> bool:
        """Return True once it answers, or False when it has to wait for processes of a killed server."""
        if self._process is not None:
            self._process.wait(STOP_SECONDS)
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": _quoted(self.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "shared_buffers": "128MB",
            "log_min_messages": "warning",
            **(
                {}
                if self.durable
                else {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
            ),
        }
        command = [str(programs / "postgres"), "-D", str(self.cluster)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        before = self.log.stat().st_size if self.log.exists() else 0
        with places.open_log(self.log) as log:
            self._process = subprocess.Popen(
                command,
                cwd="/",
                env=_plain_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C in the terminal reaches the supervisor alone; it stops the database last.
                start_new_session=True,
                **account.popen_options(),  # type: ignore[call-overload]
            )
        while not self._answers():
            if self._process.poll() is not None:
                said = self.log.read_bytes()[before:].decode(errors="replace")
                if "is still in use" in said and time.monotonic() < end:
                    return False
                raise CannotRun(self._why(said))
            if time.monotonic() > end:
                raise CannotRun(f"PostgreSQL did not start within {START_SECONDS} s; its log is {self.log}.")
            time.sleep(0.02)
        return True

    def _answers(self) -> bool:
        try:
            psycopg.connect(self._admin(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _admin(self) -> str:
        return psycopg.conninfo.make_conninfo(host=str(self.sockets), user="postgres", dbname="postgres")

    def _make_database(self) -> None:
        with psycopg.connect(self._admin(), autocommit=True) as admin:
            # Tests create their own databases beside it.
            for role, may in ((OWNER, "CREATEDB"), (APPLICATION, "")):
                if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                    admin.execute(f"CREATE ROLE {role} LOGIN {may}")
            if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                admin.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")

    def let_the_owner_be_the_application(self) -> None:
        """Let a session of the owner take the application's rights with SET ROLE, as the tests do."""
        with psycopg.connect(self._admin(), autocommit=True) as admin:
            admin.execute(f"GRANT {APPLICATION} TO {OWNER}")

    def _why(self, said: str) -> str:
        if "No space left on device" in said:
            return (
                f"The disk of {self.folder} is full. Make room, or set DATA_DIR to a folder on another disk."
            )
        lines = [
            line.strip()
            for line in said.splitlines()
            if "FATAL" in line or "PANIC" in line or "error:" in line
        ]
        reason = lines[-1] if lines else "no reason given"
        return (
            f"PostgreSQL does not start from {self.cluster} ({reason}). Put a backup in its place or set "
            f"DATA_DIR to another folder; the log is {self.log}."
        )

    @staticmethod
    def _own(folder: Path, account: places.Account) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        if account.is_other:
            os.chown(folder, account.uid, account.gid)


def _quoted(path: Path) -> str:
    return '"' + str(path).replace('"', '""') + '"'


def _plain_environment() -> dict[str, str]:
    # PGDATA, PGOPTIONS and friends of the person's shell must not reach this server.
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def _command_line(pid: int) -> str:
    """Return the command line of a process, or an empty string if there is no such process."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        if Path("/proc/self").exists():
            return ""
    shown = subprocess.run(
        ["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False
    )
    return shown.stdout
