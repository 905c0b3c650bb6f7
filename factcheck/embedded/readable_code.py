"""The code, its packages and its Python where a user other than root may read them.

A clone of root's mostly lies in root's home, and so does the Python of uv and pyenv. Another user runs a copy
of them, in a folder that only root may change. Of packages it is a second name where the disk allows that.
"""

import fcntl
import hashlib
import os
import shutil
import stat
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path

from factcheck.embedded.places import PROJECT, ROOTS_FOLDER, Account, make_folders
from factcheck.embedded.problems import CannotRun

# What runs; data, history and tests of a clone are none of its business.
_CODE = ("manage.py", "factcheck", "annotations", "templates")
_VENV = Path(sys.prefix)
_COPIES = ROOTS_FOLDER / "programs"
# Of a Python: packages of others, its own tests, and what only compilers need.
_NOT_NEEDED = ("site-packages", "dist-packages", "test", "tests", "idlelib", "config-*", "__pycache__")
_COMPILED = "compiled"
_PYTHON = Path("python") / "bin" / "python3"
_COMPLETE = ".complete"
_CACHES = ("__pycache__",)
# Asks, as somebody else, for the first thing that cannot be read or run. It needs the standard library only,
# and those parts of it that need libraries of the system.
_ASK = """
import ctypes, os, ssl, stat, sys, zlib
def may(path):
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return os.path.islink(path)
    except OSError:
        return False
    runs = stat.S_ISDIR(mode) or mode & stat.S_IXUSR
    return os.access(path, os.R_OK | (os.X_OK if runs else 0))
def refuse(error):
    sys.exit(error.filename)
for top in sys.argv[1:]:
    if not may(top):
        sys.exit(top)
    for folder, folders, files in os.walk(top, onerror=refuse) if os.path.isdir(top) else ():
        folders[:] = [name for name in folders if name != "__pycache__"]
        for name in files:
            path = os.path.join(folder, name)
            if not may(path):
                sys.exit(path)
"""


@dataclass(frozen=True)
class Code:
    """What another user runs: a Python that has the packages, the project, and variables for both."""

    python: Path
    project: Path
    environment: Mapping[str, str]


@contextmanager
def readable_code(account: Account, tell: Callable[[str], object]) -> Iterator[Code]:
    """Give code that `account` may read: the clone itself, or a copy below /var/lib.

    `tell` is called with a sentence before a copy is made, which takes a while. A later call removes a copy
    of former code that no process runs from, but none while this block lasts. For root only. Raises
    CannotRun where `account` can run neither.
    """
    copies = _COPIES / hashlib.sha256(os.fsencode(f"{account.uid} {PROJECT}")).hexdigest()[:12]
    environment = {"PYTHONPYCACHEPREFIX": str(copies / _COMPILED)}
    clone = Code(Path(sys.executable), PROJECT, environment)
    problem = _unreadable(clone, Path(sysconfig.get_path("purelib")), account)
    if not problem:
        # Where /var/lib cannot be written it is compiled at each start.
        with suppress(OSError):
            _make_closed(copies, account)
        yield clone
        return
    if sys.prefix == sys.base_prefix:
        raise CannotRun(f"another user cannot run its code ({problem})")
    _make_closed(copies, account)
    with _one_at_a_time(_COPIES / f"{copies.name}.lock"):
        packages = copies / f"packages-{_fingerprint(_signs_of_packages())}"
        project = copies / f"code-{_fingerprint(_files_of_code())}"
        if not all((each / _COMPLETE).exists() for each in (packages, project)):
            tell("Copying the code to where its own user may read it …")
            _make(packages, project, account)
        _clear_others(copies, {packages, project, copies / _COMPILED})
        copy = _copied(packages, project)
        yield replace(copy, environment={**copy.environment, **environment})


def _make_closed(copies: Path, account: Account) -> None:
    make_folders(_COPIES, 0o711)
    copies.mkdir(exist_ok=True, mode=0o700)
    # Code of root's home is for the one user it runs as, not for all of this machine.
    os.chown(copies, 0, account.gid)
    copies.chmod(0o750)
    # That user may not write beside the code, and would compile all of it at each start.
    compiled = copies / _COMPILED
    compiled.mkdir(exist_ok=True, mode=0o700)
    os.chown(compiled, account.uid, account.gid)


def forget_old_bytecode() -> None:
    """Remove what Python compiled for copies of the code that are gone. Nothing to do in a clone itself."""
    if not sys.pycache_prefix or not PROJECT.is_relative_to(_COPIES):
        return
    compiled = Path(sys.pycache_prefix + str(PROJECT.parent))
    for each in compiled.iterdir() if compiled.exists() else ():
        if not (PROJECT.parent / each.name).exists():
            shutil.rmtree(each, ignore_errors=True)


def _copied(packages: Path, project: Path) -> Code:
    # A Python that is built in parts looks for its library where it was built.
    library = packages / "python" / "lib"
    environment = {"LD_LIBRARY_PATH": str(library)} if library.exists() else {}
    return Code(packages / "venv" / "bin" / "python", project, environment)


def _make(packages: Path, project: Path, account: Account) -> None:
    # Packages seldom change; the code of somebody who works on it always does.
    wanted = [each for each in (packages, project) if not (each / _COMPLETE).exists()]
    _remove(wanted)
    try:
        _fill(wanted, packages, project, account)
        problem = _unreadable(_copied(packages, project), packages, account)
        if problem:
            raise CannotRun(f"another user cannot run its code ({problem})")
    except BaseException:
        # Half a copy would fill the disk for nothing.
        _remove(wanted)
        raise
    for each in wanted:
        (each / _COMPLETE).touch()
        (each / _COMPLETE).chmod(0o644)


def _remove(copies: Iterable[Path]) -> None:
    for each in copies:
        shutil.rmtree(each, ignore_errors=True)


def _fill(wanted: Sequence[Path], packages: Path, project: Path, account: Account) -> None:
    if packages in wanted:
        _copy_tree(_VENV, packages / "venv", _CACHES)
        if _run_as(account, Code(Path(sys.executable), PROJECT, {}), ["-c", ""]):
            _copy_python(packages)
    if project in wanted:
        for name in _CODE:
            # Not linked: an editor that writes into a file would change what already runs.
            _copy_tree(PROJECT / name, project / name, _CACHES, link=False)
    for folder in (folder for each in wanted for folder, _, _ in os.walk(each)):
        Path(folder).chmod(0o755)


def _copy_python(packages: Path) -> None:
    """Copy the Python that the packages were installed with beside their copy, and lead that one to it."""
    python = packages / _PYTHON
    library = Path(os.__file__).parent
    _copy_tree(library, packages / "python" / library.relative_to(sys.base_prefix), _NOT_NEEDED)
    for shared in (Path(sys.base_prefix) / "lib").glob("*.so*"):
        _copy_tree(shared, packages / "python" / "lib" / shared.name, ())
    _copy_tree(Path(sys.executable).resolve(), python, ())
    for name in ("python", "python3", f"python3.{sys.version_info.minor}"):
        program = packages / "venv" / "bin" / name
        program.unlink(missing_ok=True)
        program.symlink_to(python)
    settings = packages / "venv" / "pyvenv.cfg"
    lines = settings.read_text().splitlines()
    settings.unlink()
    kept = [line for line in lines if line.partition("=")[0].strip() not in ("home", "executable", "command")]
    settings.write_text("\n".join([f"home = {python.parent}", *kept, ""]))
    settings.chmod(0o644)


def _copy_tree(source: Path, target: Path, without: Sequence[str], *, link: bool = True) -> None:
    """Copy a file or folder; what others may not read or may write becomes a file of its own."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if not source.is_dir() or source.is_symlink():
        _copy_file(source, target, link)
        return
    for folder, folders, files in os.walk(source):
        folders[:] = [name for name in folders if not any(fnmatch(name, left) for left in without)]
        into = target / os.path.relpath(folder, source)
        into.mkdir(exist_ok=True)
        for name in (*files, *(name for name in folders if Path(folder, name).is_symlink())):
            _copy_file(Path(folder, name), into / name, link)


def _copy_file(source: Path, target: Path, link: bool) -> None:
    if source.is_symlink():
        target.symlink_to(source.readlink())
        return
    mode = source.stat().st_mode
    wanted = 0o755 if mode & stat.S_IXUSR else 0o644
    # The same file under a second name, unless the other user could not read it, or could write it.
    if link and mode & wanted == wanted and not mode & (stat.S_IWGRP | stat.S_IWOTH):
        try:
            target.hardlink_to(source)
        except OSError:
            # Another disk, or one without links.
            pass
        else:
            return
    # With its time, by which Python tells whether what it has compiled is still true.
    shutil.copy2(source, target)
    target.chmod(wanted)


def _unreadable(code: Code, packages: Path, account: Account) -> str:
    """Return the first thing that keeps `account` from running the code; empty when there is none."""
    asked_for = [packages, *(code.project / name for name in _CODE)]
    return _run_as(account, code, ["-c", _ASK, *map(str, asked_for)])


def _run_as(account: Account, code: Code, arguments: Sequence[str]) -> str:
    try:
        ran = subprocess.run(
            [str(code.python), "-IS", *arguments],
            cwd="/",
            env={"PATH": os.defpath, "LANG": "C.UTF-8", **code.environment},
            capture_output=True,
            text=True,
            check=False,
            **account.popen_options(),  # type: ignore[call-overload]
        )
    except (OSError, subprocess.SubprocessError) as wrong:
        return str(wrong)
    said = ran.stderr.strip().splitlines() or [f"{code.python} ended with {ran.returncode}"]
    return said[-1] if ran.returncode else ""


def _fingerprint(paths: Iterable[Path]) -> str:
    seen = hashlib.sha256()
    for path in sorted(paths):
        found = path.lstat()
        seen.update(f"{path}|{found.st_mode}|{found.st_size}|{found.st_mtime_ns}\n".encode())
    return seen.hexdigest()[:12]


def _files_of_code() -> Iterator[Path]:
    for name in _CODE:
        for folder, folders, files in os.walk(PROJECT / name):
            # What Python compiles changes the time of the folder, and nothing of the code.
            folders[:] = [each for each in folders if each not in _CACHES]
            yield from (Path(folder, each) for each in files)
    yield PROJECT / "manage.py"


def _signs_of_packages() -> Iterator[Path]:
    """Yield what changes whenever packages are installed, instead of all that is in them."""
    yield from (_VENV / "pyvenv.cfg", Path(sys.executable).resolve(), *_VENV.glob(".locked*"))
    for packages in _VENV.glob("lib/python3*/site-packages"):
        yield from (*packages.glob("*.pth"), *packages.glob("*.dist-info/RECORD"))


def _clear_others(copies: Path, kept: set[Path]) -> None:
    """Remove the copies of former code that no process runs from."""
    others = [each for each in copies.iterdir() if each not in kept]
    if not others or not Path("/proc/self/exe").exists():
        return
    used = set()
    for process in Path("/proc").glob("[0-9]*"):
        for name in ("cwd", "maps"):
            used |= _places(process / name, copies)
    _remove(each for each in others if each.name not in used)


def _places(of_process: Path, copies: Path) -> set[str]:
    try:
        said = (
            of_process.read_text(errors="replace")
            if of_process.name == "maps"
            else str(of_process.readlink())
        )
    except OSError:
        return set()
    start = f"{copies}/"
    return {part.split("/", 1)[0].split("\n", 1)[0] for part in said.split(start)[1:]}


@contextmanager
def _one_at_a_time(lock: Path) -> Iterator[None]:
    handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
