"""Where root starts it, the workbench becomes the user that its data folder belongs to.

Nothing that serves pages or reads other people's files keeps any right of root, the supervisor neither: from
then on it is the run of a plain user. A command of root's stays root's, since it reads and writes files of
root's; whatever it does in the data folder, that user does.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

from annotations.extraction.process import READS_AS
from factcheck.embedded.ownership import give_over, is_run_by_root, own_account
from factcheck.embedded.places import Account
from factcheck.embedded.problems import CannotRun
from factcheck.embedded.readable_code import Code, readable_code

# What root has set for itself; what is compiled has a place of its own.
_OF_ROOT = frozenset({"USER", "LOGNAME", "MAIL", "TMPDIR", "XDG_RUNTIME_DIR", "PYTHONDONTWRITEBYTECODE"})
_NAMED = frozenset({"DATABASE_URL", "OWNER_DATABASE_URL", "CELERY_BROKER_URL"})
_STOP_SECONDS = 60


def become_own_user(folder: Path, arguments: Sequence[str]) -> None:
    """Replace this process, if it is root's, by Python with `arguments` as the user of the data folder.

    That is whoever `folder` belongs to; a folder of root's, or one that is not there yet, is given to
    `factcheck-db`. The new process runs in the folder of the project. The function returns only where nothing
    is replaced: this process is not root's; a copy that runs as root uses the folder already; or it cannot be
    done. Only in the last case one sentence on standard error says why everything goes on as root.
    """
    with ExitStack() as held:
        try:
            ready = _prepared(folder, held, sys.stdout)
        except (CannotRun, OSError) as why:
            sys.stderr.write(
                f"WARNING: everything runs as root, since {str(why).removesuffix('.')}. Whoever finds a hole "
                "in it then has the whole machine. Run it as a plain user, from a clone of their own.\n"
            )
            return
        if ready:
            account, code = ready
            os.chdir(code.project)
            os.umask(0o077)
            os.setgroups([])
            os.setresgid(account.gid, account.gid, account.gid)
            os.setresuid(account.uid, account.uid, account.uid)
            # As in bootstrap.py: Ctrl-C waits until the program is loaded.
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
            python = str(code.python)
            os.execve(python, [python, "-u", *arguments], _environment(folder, code))  # noqa: S606


def hold_services(
    folder: Path, names: Sequence[str]
) -> tuple[Mapping[str, str], Callable[[], object]] | None:
    """Start the services as the user of the data folder, and keep them running for this command of root's.

    `names` are the variables wanted, such as DATABASE_URL. Returns their values, with the variable that lets
    that user also read other people's files, and a function that lets the services go; they are let go when
    this process ends too. Returns None, without a word, where this process has to start them itself: it is
    not root's, everything here runs as root, or that user cannot be made or cannot reach the folder. Raises
    CannotRun where the services do not start.
    """
    with ExitStack() as held:
        try:
            ready = _prepared(folder, held, sys.stderr)
        except (CannotRun, OSError):
            return None
        if ready is None:
            return None
        account, code = ready
        user = subprocess.Popen(
            [str(code.python), "-m", "factcheck.embedded.hold", *names],
            cwd=code.project,
            # What else root has set is none of its business.
            env={"PATH": os.defpath, "LANG": "C.UTF-8"} | _own(folder, code),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # Ctrl-C is for the command, which then ends the use.
            start_new_session=True,
            **account.popen_options(),  # type: ignore[call-overload]
        )
    said = user.stdout.readline()
    if not said:
        raise CannotRun(user.communicate()[1].strip() or "The database and the broker cannot be started.")
    reader = {
        "python": str(code.python),
        "project": str(code.project),
        "environment": dict(code.environment),
        "uid": account.uid,
        "gid": account.gid,
    }
    # Nothing else that it says may get into the environment of root's command.
    named = {name: str(value) for name, value in json.loads(said).items() if name in _NAMED}
    return named | {READS_AS: json.dumps(reader)}, lambda: user.communicate(timeout=_STOP_SECONDS)


def _prepared(folder: Path, held: ExitStack, out: TextIO) -> tuple[Account, Code] | None:
    if os.geteuid() != 0 or is_run_by_root(folder):
        return None
    account = own_account(folder)
    code = held.enter_context(readable_code(account, lambda said: print(said, file=out, flush=True)))
    give_over(folder, account)
    return account, code


def _environment(folder: Path, code: Code) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _OF_ROOT} | _own(folder, code)


def _own(folder: Path, code: Code) -> dict[str, str]:
    return {"DATA_DIR": str(folder), "HOME": str(folder / "run"), **code.environment}
