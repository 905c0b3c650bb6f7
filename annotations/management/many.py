"""Do one thing for each of many files in several processes, and report the outcomes in order."""

import gc
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import connections

from annotations.domain.errors import Refused

MOST_PROCESSES = 4
"""Each process holds a database connection, and pages need connections too."""


@dataclass(frozen=True)
class Outcome:
    """The outcome for one file: what was made of it, or why nothing was made."""

    path: Path
    made: dict[str, Any]
    refused: str = ""


def processes_for(files: int) -> int:
    """Return how many processes serve this many files on this machine; 1 where a process cannot fork."""
    if "fork" not in multiprocessing.get_all_start_methods():
        return 1
    return max(1, min(files, len(os.sched_getaffinity(0)), MOST_PROCESSES))


def for_each(
    paths: Sequence[Path], make: Callable[[Path], dict[str, Any]], *, processes: int
) -> Iterator[Outcome]:
    """Call `make` for each path and yield the outcomes in the order of the paths.

    A refusal or a CommandError stops only its own file. Any other error ends the whole run, and files not yet
    begun are left. With more than one process, `make` and its results have to be picklable. This process's
    database connections are closed first, because they cannot be shared.
    """
    one = partial(_outcome, make)
    if processes == 1:
        yield from map(one, paths)
        return
    connections.close_all()
    # The processes are forked, because a copy of a loaded process is ready at once. The loaded objects are
    # frozen, so that no process searches them for garbage again and again.
    gc.freeze()
    try:
        with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("fork")) as pool:
            yield from pool.map(one, paths)
    finally:
        gc.unfreeze()


def _outcome(make: Callable[[Path], dict[str, Any]], path: Path) -> Outcome:
    try:
        return Outcome(path, make(path))
    except Refused as refused:
        return Outcome(path, {}, " ".join((refused.sentence, *refused.fields.values())))
    except CommandError as problem:
        return Outcome(path, {}, str(problem))
