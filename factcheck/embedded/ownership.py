"""Whose the files of the data folder are, and who else may read them: nobody."""

import fcntl
import os
import pwd
import shutil
import stat
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path

from factcheck.embedded.places import Account, can_enter, make_folders, system_account
from factcheck.embedded.problems import CannotRun

# All that a copy ever puts into its data folder.
_OURS = (
    *("files", "logs", "port", "postgres", "postgres.new.*", "programs", "run", "sample-site-port"),
    *("secret-key", "secret-key.*", "signing", "static", "valkey", "valkey.unreadable.*"),
)
# Everybody might read a program or a style sheet, and PostgreSQL looks after the modes of its own files.
_LOOKED_AFTER = ("postgres", "postgres.new.*", "programs", "static")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
# Where root runs everything after all, the database's account passes through to its own folders.
_PASSED_THROUGH = stat.S_IXGRP | stat.S_IXOTH


def own_account(folder: Path) -> Account:
    """Return the account that works in the data folder in place of root; changes nothing in the folder.

    It is the one that the folder belongs to; for a folder that is root's, or not there yet, the workbench's
    own system user. For root only. Raises CannotRun where there is no such account, where it cannot reach the
    folder, and where a folder of root's holds other things.
    """
    owner = folder.stat().st_uid if folder.exists() else 0
    if owner == 0:
        account = system_account()
        if folder.exists():
            _refuse_strange(folder, (path.name for path in folder.iterdir()))
    else:
        try:
            account = Account(owner, pwd.getpwuid(owner).pw_gid)
        except KeyError:
            raise CannotRun(f"{folder} belongs to user {owner}, who is unknown here") from None
    above = next(place for place in folder.parents if place.exists())
    if not can_enter(above, account):
        raise CannotRun(f"the user {name_of(account)} cannot reach {folder}")
    cluster = folder / "postgres"
    if cluster.exists() and cluster.stat().st_uid not in (0, account.uid):
        raise CannotRun(f"{cluster} belongs to another user than {folder}")
    return account


def name_of(account: Account) -> str:
    """Return the name of an account, for people."""
    try:
        return pwd.getpwuid(account.uid).pw_name
    except KeyError:
        return str(account.uid)


def give_over(folder: Path, account: Account) -> None:
    """Give the data folder, with what root left in it, to `account`; it is made if it is not there.

    For root only. Modes stay, and so does what belongs to anybody else. Links are neither followed nor given
    away: once the folder is no longer root's, whoever works in it may have put them there.
    """
    if not folder.exists():
        make_folders(folder.parent, 0o711)
        folder.mkdir(mode=0o700)
    # Held open, so that whoever may move it leads root to no other.
    top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        was_roots = os.fstat(top).st_uid == 0
        if was_roots:
            _refuse_strange(folder, _names(top))
            # Copies of the database's programs, which root made for it. It brings its own along now.
            shutil.rmtree("programs", ignore_errors=True, dir_fd=top)
        # From the inside out: nobody else can put anything into a folder before what is in it is given away.
        for inside, name, found in _entries(top, without=("programs",), top_down=False):
            if found.st_uid == 0:
                _give(inside, name, account)
        if was_roots:
            os.fchown(top, account.uid, account.gid)
    finally:
        os.close(top)


def is_run_by_root(folder: Path) -> bool:
    """Return True while a copy or command of root works in a data folder of root's own."""
    if not folder.exists() or folder.stat().st_uid != 0:
        return False
    return any(_is_locked(folder / "run" / name) for name in ("run.lock", "in-use.lock", "start.lock"))


def close_to_others(folder: Path) -> int:
    """Take away what other users of this machine may do with the data folder.

    Folders become 0700 and files 0600 or 0400; what belongs to somebody else stays. Returns how many files
    and folders were closed, and 0 where the folder itself was closed before, so that nobody had reached them.
    """
    uid = os.geteuid()
    closed = 0
    was_open = folder.stat().st_mode & _OTHERS
    strange = _strange(path.name for path in folder.iterdir())
    for path in (folder, folder / "run"):
        found = path.stat()
        surplus = found.st_mode & _OTHERS & ~(_PASSED_THROUGH if uid == 0 else 0)
        # A folder that holds other things too is not this workbench's to close.
        if found.st_uid == uid and surplus and not (path == folder and strange):
            path.chmod(stat.S_IMODE(found.st_mode) & ~surplus)
            closed += 1
    top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for inside, name, found in _entries(top, without=_LOOKED_AFTER):
            closed += name != "run" and _close(inside, name, found, uid)
    finally:
        os.close(top)
    return closed if was_open else 0


def _give(inside: int, name: str, account: Account) -> None:
    # What was looked at is held open, so that it is also what is given away.
    try:
        handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=inside)
    except OSError:
        # A socket, a link, or gone.
        return
    try:
        found = os.fstat(handle)
        # A file with two names may stand in a folder of somebody else's too. In a folder that is root's until
        # now, only root can have made the second.
        only_here = found.st_nlink == 1 or os.fstat(inside).st_uid == 0
        if found.st_uid == 0 and (stat.S_ISDIR(found.st_mode) or (stat.S_ISREG(found.st_mode) and only_here)):
            os.fchown(handle, account.uid, account.gid)
    finally:
        os.close(handle)


def _close(inside: int, name: str, found: os.stat_result, uid: int) -> bool:
    ours = found.st_uid == uid and (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode))
    if not ours or not found.st_mode & _OTHERS:
        return False
    os.chmod(name, stat.S_IMODE(found.st_mode) & ~_OTHERS, dir_fd=inside)
    return True


def _is_locked(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(handle)


def _refuse_strange(folder: Path, names: Iterable[str]) -> None:
    strange = _strange(names)
    if strange:
        raise CannotRun(
            f"{folder} also holds other things, such as {strange[0]}; set DATA_DIR to a folder of its own"
        )


def _strange(names: Iterable[str]) -> list[str]:
    known = (*_OURS, "lost+found")
    return sorted(name for name in names if not any(fnmatch(name, pattern) for pattern in known))


def _entries(
    top: int, *, without: tuple[str, ...], top_down: bool = True
) -> Iterator[tuple[int, str, os.stat_result]]:
    """Yield what is ours in the open folder: the folder it is in as a descriptor, its name, and what it is.

    Links are not followed. What comes and goes meanwhile is passed over.
    """
    patterns = [pattern for pattern in _OURS if pattern not in without]
    for name in _names(top):
        if any(fnmatch(name, pattern) for pattern in patterns):
            below = _below(top, name, top_down) if _is_folder(top, name) else iter(())
            for each in (_one(top, name), below) if top_down else (below, _one(top, name)):
                yield from each


def _names(top: int) -> list[str]:
    with os.scandir(top) as found:
        return [entry.name for entry in found]


def _below(top: int, name: str, top_down: bool) -> Iterator[tuple[int, str, os.stat_result]]:
    try:
        for _, folders, files, inside in os.fwalk(name, topdown=top_down, onerror=_passed_over, dir_fd=top):
            for each in (*folders, *files):
                yield from _one(inside, each)
    except FileNotFoundError:
        return


def _is_folder(inside: int, name: str) -> bool:
    return any(stat.S_ISDIR(found.st_mode) for _, _, found in _one(inside, name))


def _one(inside: int, name: str) -> Iterator[tuple[int, str, os.stat_result]]:
    try:
        found = os.stat(name, dir_fd=inside, follow_symlinks=False)
    except FileNotFoundError:
        return
    yield inside, name, found


def _passed_over(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise error
