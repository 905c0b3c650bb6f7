"""The first step of every make target: a Python that is new enough, and .venv with the locked packages.

It runs before anything is installed, so it uses the standard library only. It must parse on older Pythons
too, because it tells their owners what is missing.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time

PROJECT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(PROJECT, ".venv")
UV = "uv==0.13.8"
OLDEST, NEWEST = (3, 11), (3, 13)
NAMES = ["python3.13", "python3.12", "python3.11", "python3"]


def main(arguments: "list[str]") -> None:
    """Prepare and become what the first argument names; `setup` only prepares, with the development tools."""
    if not arguments or arguments[0] not in COMMANDS:
        sys.exit("usage: bootstrap.py " + " | ".join(sorted(COMMANDS)))
    module, with_tools = COMMANDS[arguments[0]]
    use_a_fitting_python()
    make_environment(with_tools)
    if module:
        # Unbuffered, so that progress is seen while it happens; the same process, so that Ctrl-C is simple.
        os.chdir(PROJECT)
        # Ctrl-C while the program is loaded would print a traceback: it waits until main() heeds it.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        os.execv(venv_python(), [venv_python(), "-u", "-m", module] + arguments[1:])


COMMANDS: "dict[str, tuple[str | None, bool]]" = {
    "run": ("factcheck.run", False),
    "test": ("factcheck.testing", True),
    "bench": ("factcheck.bench", True),
    "mutants": ("tests.mutants", True),
    "setup": (None, True),
}


def use_a_fitting_python() -> None:
    """Continue in a Python that this project runs on, or exit with a sentence that names such versions."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return
    for name in NAMES:
        path = shutil.which(name)
        probe = "import sys; sys.exit(not (%r <= sys.version_info[:2] <= %r))" % (OLDEST, NEWEST)
        if path and subprocess.call([path, "-c", probe], stderr=subprocess.DEVNULL) == 0:
            os.execv(path, [path, "-IS", os.path.abspath(__file__)] + sys.argv[1:])
    sys.exit(
        "This needs Python 3.11, 3.12 or 3.13; %s is Python %d.%d. Install one (Debian: apt install "
        "python3.11 python3.11-venv) and run this again." % ((sys.executable,) + sys.version_info[:2])
    )


def make_environment(with_tools: bool) -> None:
    """Install the packages of uv.lock into .venv; quick when they are there already."""
    wanted = _fingerprint()
    stamps = [os.path.join(VENV, ".locked-with-tools")]
    if not with_tools:
        stamps.append(os.path.join(VENV, ".locked"))
    if any(_read(stamp) == wanted for stamp in stamps) and os.path.exists(venv_python()):
        return
    began = time.time()
    if not _works(venv_python()):
        _say("Making .venv with Python %d.%d" % sys.version_info[:2])
        _make_venv()
    if not os.path.exists(_venv_program("uv")):
        _say("Installing the package installer")
        _run([venv_python(), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", UV])
    _say("Installing the locked packages")
    _install(with_tools)
    with open(stamps[0 if with_tools else 1], "w") as out:
        out.write(wanted)
    _say("Installed in %.0f s" % (time.time() - began), "")


def venv_python() -> str:
    """The path of the environment's Python."""
    return _venv_program("python")


def _venv_program(name: str) -> str:
    return os.path.join(VENV, "bin", name)


def _make_venv() -> None:
    try:
        import ensurepip  # noqa: F401, PLC0415 - Debian ships Python without it
        import venv  # noqa: F401, PLC0415
    except ImportError:
        sys.exit(
            "This Python has no venv module. On Debian and Ubuntu: apt install python%d.%d-venv"
            % sys.version_info[:2]
        )
    _run([sys.executable, "-m", "venv", "--clear", VENV])


def _install(with_tools: bool) -> None:
    groups = [] if with_tools else ["--no-dev"]
    environment = dict(
        os.environ, UV_PROJECT_ENVIRONMENT=VENV, UV_PYTHON_DOWNLOADS="never", UV_NO_PROGRESS="1"
    )
    environment.pop("VIRTUAL_ENV", None)
    uv = _venv_program("uv")
    sync = [uv, "sync", "--quiet", "--frozen", "--inexact", "--python", venv_python()] + groups
    if subprocess.call(sync, cwd=PROJECT, env=environment) == 0:
        return
    # Behind a mirror only pip knows the way; the hashes of the lock hold there too.
    _say("Trying again with pip")
    listed = os.path.join(VENV, "requirements.txt")
    export = [uv, "export", "--quiet", "--frozen", "--no-emit-project", "--output-file", listed] + groups
    _run(export, env=environment)
    pip = [venv_python(), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run(pip + ["--require-hashes", "--requirement", listed])


def _run(command: "list[str]", env: "dict[str, str] | None" = None) -> None:
    status = subprocess.call(command, cwd=PROJECT, env=env)
    if status:
        sys.exit("Setting up .venv failed; the reason stands above (%s)." % " ".join(command[:4]))


def _works(python: str) -> bool:
    return os.path.exists(python) and subprocess.call([python, "-c", ""], stderr=subprocess.DEVNULL) == 0


def _fingerprint() -> str:
    # The path is part of it: programs in .venv/bin name their Python by full path; a moved folder is new.
    digest = hashlib.sha256((VENV + "|%d.%d" % sys.version_info[:2]).encode())
    for name in ("pyproject.toml", "uv.lock"):
        with open(os.path.join(PROJECT, name), "rb") as source:
            digest.update(source.read())
    return digest.hexdigest()


def _read(path: str) -> "str | None":
    try:
        with open(path) as source:
            return source.read()
    except OSError:
        return None


def _say(text: str, end: str = " …") -> None:
    sys.stdout.write(text + end + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
