"""`make run`: the whole workbench on this machine, in the foreground, until Ctrl-C."""

import fcntl
import hashlib
import json
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from environs.exceptions import EnvError

from annotations.sample.plan import PEOPLE
from factcheck.embedded import PORT_FILE, CannotRun, EmbeddedServices, become_a_development_copy
from factcheck.embedded.own_user import become_own_user
from factcheck.embedded.ownership import close_to_others
from factcheck.embedded.places import PROJECT, data_folder, prepare
from factcheck.embedded.readable_code import forget_old_bytecode
from factcheck.interrupt import heed_ctrl_c
from factcheck.supervisor import Program, Supervisor

# After this long the address is printed with what is still missing, instead of nothing at all.
READY_SECONDS = 60
SERVICES_EVERY = 2.0
ASK_EVERY = 0.5


def main() -> int:
    """Start everything, say where it is, keep it running; the exit status of the command."""
    heed_ctrl_c()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    began = time.monotonic()
    become_a_development_copy()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "factcheck.settings")
    port = _port()
    folder = data_folder()
    os.environ["DATA_DIR"] = str(folder)
    # Nothing that is written from here on is for other users of this machine.
    os.umask(0o077)
    become_own_user(folder, ["-m", "factcheck.run"])
    prepare(folder)
    with _only_one(folder):
        forget_old_bytecode()
        closed = close_to_others(folder)
        if closed:
            _say(
                f"Other users of this machine could see {closed} of its files and folders; now they cannot",
                ".",
            )
        _check_free(port)
        # Commands beside this copy make addresses too, such as those of the claims of a report.
        (folder / PORT_FILE).write_text(str(port))
        kept_port = folder / "sample-site-port"
        if kept_port.exists():
            # The addresses in the sample name the port it was loaded with, whatever PORT is today.
            os.environ.setdefault("SAMPLE_SITE_PORT", kept_port.read_text())
        services = EmbeddedServices(
            folder,
            postgres=not os.environ.get("DATABASE_URL"),
            valkey=not os.environ.get("CELERY_BROKER_URL"),
        )
        os.environ.update(services.environment())
        if services.environment():
            _say("Starting the database and the broker")
        services.acquire()
        try:
            has_sample = _prepare_application(folder)
            has_people = get_user_model()._default_manager.exists()
            connection.close()
            # What serves and works does not learn who owns the tables.
            known = {name: value for name, value in os.environ.items() if name != "OWNER_DATABASE_URL"}
            supervisor = Supervisor(_programs(folder, has_sample), folder / "logs", known)
            _say("Starting the web server, the workers and the clock")
            watch = _Watch(services, port, began, has_sample=has_sample, has_people=has_people)
            status = supervisor.run(watch.look)
        finally:
            services.release()
    _say("Stopped", end="")
    return status


def _programs(folder: Path, has_sample: bool) -> list[Program]:
    python = [sys.executable, "-u", "-m"]
    worker = [*python, "celery", "-A", "factcheck", "worker", "--without-gossip", "--without-mingle"]
    clock = [
        *python,
        "celery",
        "-A",
        "factcheck",
        "beat",
        "--pidfile=",
        f"--schedule={folder / 'run' / 'beat'}",
    ]
    programs = [
        Program("web", [*python, "gunicorn", "-c", "python:factcheck.webserver"], stops=1),
        # Two workers: slow sites fill the one that fetches, and the other still reports and sweeps.
        Program("worker", [*worker, "--queues=default", "--concurrency=1", "--hostname=default@%h"], stops=2),
        Program(
            "fetcher", [*worker, "--queues=fetch,default", "--concurrency=3", "--hostname=fetch@%h"], stops=2
        ),
        Program("clock", clock, stops=1),
    ]
    if has_sample:
        programs.append(
            Program("sample-site", [sys.executable, str(PROJECT / "manage.py"), "serve_sample_site"], stops=1)
        )
    return programs


def _prepare_application(folder: Path) -> bool:
    """Bring database, static files and sample up to date; True when the sample is there."""
    django.setup()
    from factcheck import roles  # noqa: PLC0415 - it needs the models, which need the settings

    with roles.owner():
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            _say("Preparing the tables")
            call_command("migrate", interactive=False, verbosity=0)
        elif role := roles.application_role():
            # What the code needs may have changed, though the tables have not.
            roles.grant(role)
    _collect_static(folder)
    if os.environ.get("SAMPLE", "yes") != "no":
        is_new = not get_user_model()._default_manager.exists()
        if is_new:
            _say("Loading the sample desk")
            (folder / "sample-site-port").write_text(str(settings.SAMPLE_SITE_PORT))
        # A first start that was cut short left a part of it.
        call_command("load_sample", only_finish=not is_new, verbosity=0)
    return get_user_model()._default_manager.filter(username=PEOPLE[0].username).exists()


def _collect_static(folder: Path) -> None:
    seen = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            found = Path(storage.path(path)).stat()
            seen.update(f"{path}|{found.st_size}|{found.st_mtime_ns}\n".encode())
    stamp = folder / "run" / "static-files"
    if not stamp.exists() or stamp.read_text() != seen.hexdigest():
        _say("Preparing the static files")
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(seen.hexdigest())


class _Watch:
    """What the supervisor calls while it runs: say the address once, revive a service that was killed."""

    def __init__(
        self, services: EmbeddedServices, port: int, began: float, *, has_sample: bool, has_people: bool
    ) -> None:
        self.services = services
        self.port = port
        self.began = began
        self.has_sample = has_sample
        self.has_people = has_people
        self.announced = False
        self.looked = self.asked = time.monotonic()

    def look(self) -> None:
        if not self.announced and time.monotonic() - self.asked > ASK_EVERY:
            self.asked = time.monotonic()
            self._announce_when_ready()
        if time.monotonic() - self.looked > SERVICES_EVERY:
            self.looked = time.monotonic()
            for name in self.services.revive():
                _say(f"{name} had ended and is started again", end="")

    def _announce_when_ready(self) -> None:
        wrong = _not_ready(self.port)
        took = time.monotonic() - self.began
        if wrong and took < READY_SECONDS:
            return
        self.announced = True
        print()
        print(f"  Fact-check workbench: http://127.0.0.1:{self.port}/   (ready in {took:.1f} s)")
        if wrong:
            print(f"  Not ready yet: {wrong}. The logs are in {self.services.folder / 'logs'}.")
        if self.has_sample:
            print("  Sample people, for trying out only:")
            for person in PEOPLE:
                print(f"    {person.username:<8}{person.password:<22}{person.role.value}")
        if not self.has_people:
            print("  Nobody has an account yet. Make the first person and desk, in another terminal:")
            print("    .venv/bin/python manage.py set_up")
        print("  Ctrl-C stops everything.")
        print(flush=True)


def _not_ready(port: int) -> str:
    """Return what is missing in the words of /health/parts; empty when nothing is."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/parts", timeout=3) as answer:
            answer.read()
    except urllib.error.HTTPError as wrong:
        parts = json.loads(wrong.read()).get("parts", {})
        return ", ".join(f"{name}: {said}" for name, said in parts.items() if said != "ok")
    except (OSError, ValueError):
        return "the web server does not answer yet"
    return ""


def _port() -> int:
    given = os.environ.get("PORT", "8000")
    if not given.isdigit() or not 0 < int(given) < 65536:
        raise CannotRun(f"PORT is {given!r}; it has to be a number from 1 to 65535.")
    return int(given)


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise CannotRun(
                f"Port {port} is reserved for root, and the web server does not run as root. "
                "Choose another: make run PORT=8001"
            ) from None
        except OSError:
            raise CannotRun(
                f"Port {port} is in use by another program. Choose another: make run PORT={port + 1}"
            ) from None


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    handle = os.open(folder / "run" / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise CannotRun(
            f"This copy is already running from {folder}. Stop that one, or start a second one beside it: "
            "make run PORT=8001 DATA_DIR=/another/folder"
        ) from None
    finally:
        os.close(handle)


def _say(text: str, end: str = " …") -> None:
    print(f"{text}{end}", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (CannotRun, ImproperlyConfigured, EnvError) as why:
        sys.exit(str(why))
    except OperationalError as why:
        sys.exit(f"The database that DATABASE_URL names cannot be used: {why}")
    except KeyboardInterrupt:
        sys.exit(130)
