"""One process has collected the tests, and a copy of it tries each change.

A copy is made by fork, so it costs milliseconds: the program is loaded and the database is there. Changed SQL
is installed into the throw-away database of the tests and put back afterwards; changed Python lives in the
memory of the copy alone. No file of the project is written but the map below `.cache/`.
"""

import contextlib
import json
import os
import select
import signal
import time
import tomllib
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command
from pytest_django.plugin import blocking_manager_key

from tests.mutants.choosing import Choice, Mutant
from tests.mutants.knowing import Watched, know
from tests.mutants.speaking import say, tests_keep_quiet

EQUIVALENTS = Path(__file__).with_name("equivalents.toml")
HANGS = " hangs"


class Ending(StrEnum):
    """How it went with one change."""

    NOTICED = "noticed"
    SURVIVED = "survived"
    # No test writes the table or runs the function.
    UNSEEN = "unseen"
    # The changed text cannot be installed.
    NO_PROGRAM = "no program"


class Run:
    """All changes that a session of pytest was asked for, one after the other."""

    def __init__(self, session: pytest.Session) -> None:
        self.session = session
        self.options = session.config.option
        self.watched = Watched(session)
        self.found: dict[Ending, list[Mutant]] = {ending: [] for ending in Ending}
        # Tests that noticed something and pass in a copy without a change, and those that fail there too.
        self.witnesses: set[str] = set()
        self.no_witness: set[str] = set()
        self.why = ""

    def all(self) -> None:
        """Try the changes and print what no test noticed. The status is 1 if there is any."""
        with tests_keep_quiet():
            choice = Choice(self.session.items, know(self.watched, self.session.items))
            mutants = choice.mutants(
                self.options.mutate,
                only=self.options.only,
                sample=self.options.sample,
                seed=self.options.seed,
            )
            equal = {(one["where"], one["what"]) for one in equivalents()}
            to_try = [mutant for mutant in mutants if (mutant.where, mutant.what) not in equal]
            say(f"{len(mutants)} changes, {len(self.session.items)} tests")
            began = time.monotonic()
            for number, mutant in enumerate(to_try, 1):
                ending, by = self._try(mutant)
                self.found[ending].append(mutant)
                say(f"{number:4} {ending:10} {mutant.where}: {mutant.what}" + (f"  [{by}]" if by else ""))
            say(f"\n{time.monotonic() - began:.0f} s. Not noticed:")
            self._conclude(len(mutants) - len(to_try))

    def _conclude(self, equivalent: int) -> None:
        noticed, survived, unseen, impossible = (self.found[ending] for ending in Ending)
        for mutant in survived + unseen:
            what = json.dumps(mutant.what, ensure_ascii=False)
            say(f'\n[[equivalent]]\nwhere = "{mutant.where}"\nwhat = {what}')
        tried = len(noticed) + len(survived) + len(unseen)
        share = 100 * len(noticed) / tried if tried else 100
        say(
            f"\n{len(noticed)} of {tried} noticed ({share:.1f} %), {len(survived)} survived,"
            f" {len(unseen)} where no test comes by; {equivalent} equivalent, {len(impossible)} no program."
        )
        if survived or unseen:
            self.session.testsfailed = 1

    def _try(self, mutant: Mutant) -> tuple[Ending, str]:
        """Return how it went with one change, and the test that noticed it."""
        ending, by = Ending.UNSEEN, ""
        while tests := [item for item in mutant.tests if item.nodeid not in self.no_witness]:
            ending, by = self._try_with(mutant, tests)
            if ending is not Ending.NOTICED or self._is_a_witness(by):
                return ending, by
        return Ending.SURVIVED if mutant.tests else ending, ""

    def _try_with(self, mutant: Mutant, tests: Sequence[pytest.Item]) -> tuple[Ending, str]:
        try:
            mutant.install()
        except psycopg.Error:
            mutant.remove()
            return Ending.NO_PROGRAM, ""
        try:
            return self._in_a_copy(mutant.take_up, tests)
        finally:
            mutant.remove()

    def _is_a_witness(self, by: str) -> bool:
        """Whether a test that noticed something passes in a copy without a change; each is asked once."""
        name = by.removesuffix(HANGS)
        if name not in self.witnesses:
            items = [item for item in self.session.items if item.nodeid == name]
            ending, _ = self._in_a_copy(lambda: True, items)
            if ending is not Ending.SURVIVED:
                self.no_witness.add(name)
                say(f"*** no witness: {name} fails in a copy without a change: {self.why}")
                return False
            self.witnesses.add(name)
        return True

    def _in_a_copy(self, take_up: Callable[[], bool], tests: Sequence[pytest.Item]) -> tuple[Ending, str]:
        reads, writes = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reads)
            self._be_the_copy(take_up, tests, writes)
        os.close(writes)
        said = _read_until(reads, time.monotonic() + self.options.seconds).splitlines()
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        how, _, told = (said[-1] if said else "").partition(" ")
        by, _, self.why = told.partition("\t")
        if how in ("running", "unclean"):
            # It was killed in the middle of a test, or could not clean up: there may be rows left.
            self._empty()
        if how == "running":
            # A test that is over time is one that hangs, unless the time was up for all of them together.
            return (Ending.NOTICED, by + HANGS) if len(said) == 1 else (Ending.SURVIVED, "time was up")
        endings = {"noticed": Ending.NOTICED, "unclean": Ending.NOTICED, "survived": Ending.SURVIVED}
        return endings.get(how, Ending.NO_PROGRAM), by

    def _be_the_copy(self, take_up: Callable[[], bool], tests: Sequence[pytest.Item], writes: int) -> None:
        """Run the tests with the change until one notices, tell how it goes in lines, and end the process."""

        def tell(text: str) -> None:
            os.write(writes, f"{text}\n".encode())

        try:
            if not take_up():
                tell("impossible")
                os._exit(0)
            for item in tests:
                tell(f"running {item.nodeid}")
                if not self.watched.passes(item):
                    how = "unclean" if self.watched.unclean else "noticed"
                    tell(f"{how} {item.nodeid}\t{self.watched.why}")
                    os._exit(0)
            tell("survived")
        except BaseException as wrong:
            tell(f"noticed {tests[0].nodeid}\t{type(wrong).__name__}")
        finally:
            os._exit(0)

    def _empty(self) -> None:
        child = os.fork()
        if child == 0:
            try:
                with self.session.config.stash[blocking_manager_key].unblock():
                    call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=False)
            finally:
                os._exit(0)
        os.waitpid(child, 0)


def _read_until(reads: int, end: float) -> str:
    said = b""
    while (left := end - time.monotonic()) > 0 and select.select([reads], [], [], left)[0]:
        more = os.read(reads, 65536)
        if not more:
            break
        said += more
    os.close(reads)
    return said.decode()


def equivalents() -> list[dict[str, str]]:
    """Return the changes that change nothing, each with `where`, `what` and `reason`."""
    listed = tomllib.loads(EQUIVALENTS.read_text()).get("equivalent", [])
    assert all(set(one) == {"where", "what", "reason"} and one["reason"] for one in listed)
    return list(listed)
