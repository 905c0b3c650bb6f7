"""One process has collected the tests, and a copy of it tries each change.

A copy is made by fork, so it costs milliseconds: the program is loaded and the database is there. Changed SQL
is installed into the throw-away database of the tests and put back afterwards; changed Python lives in the
memory of the copy alone. No file of the project is written but the map below `.cache/`.
"""

import contextlib
import hashlib
import json
import os
import random
import re
import select
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import coverage
import pgtrigger
import psycopg
import pytest
from django.core.management import call_command
from django.db import connections
from pytest_django.plugin import blocking_manager_key

from annotations.models.functions import FUNCTIONS
from factcheck.embedded.places import PROJECT
from tests.mutants import python, sql
from tests.mutants.known import Known, lines_of_functions, read_map, tables_written, write_map
from tests.mutants.mutants import (
    Mutant,
    changed_triggers,
    equivalents,
    in_database,
    names_raised,
    nothing,
    sql_of,
    taking_up,
    texts_of,
)

_CALLED_BY = {
    "annotations_queue_rank": {"annotations_claim"},
    "annotations_contributors": {"annotations_claim", "annotations_review", "annotations_signedrecord"},
    "annotations_record_person": {"annotations_review", "annotations_signedrecord", "annotations_claim"},
    "annotations_record": {"annotations_signedrecord", "annotations_claim"},
}
# Rows of these tables are written by a trigger of the other.
_WRITTEN_WITH = {"annotations_signedrecord": "annotations_claim"}


class _Watch:
    """Remembers how the test that is running ends."""

    def __init__(self) -> None:
        self.failed = False
        self.unclean = False
        self.why = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed = True
            self.why = str(report.longrepr).rpartition("\n")[2]
            self.unclean = self.unclean or report.when == "teardown"


class _AnyOther:
    """The test that comes next, of which nothing is known but that it belongs to the session."""

    def __init__(self, session: pytest.Session) -> None:
        self.session = session

    def listchain(self) -> list[pytest.Session]:
        return [self.session]


class Run:
    def __init__(self, session: pytest.Session) -> None:
        self.session = session
        self.options = session.config.option
        self.watch = _Watch()
        session.config.pluginmanager.register(self.watch)
        self.noticed_by: Counter[str] = Counter()

    def all(self) -> None:
        """Try the changes and print what no test noticed. The status is 1 if there is any."""
        known = self._know_the_tests()
        mutants = self._chosen(known)
        equal = {(one["where"], one["what"]): one["reason"] for one in equivalents()}
        _say(f"{len(mutants)} changes, {len(self.session.items)} tests")
        found: dict[str, list[Mutant]] = {"noticed": [], "survived": [], "unseen": [], "no program": []}
        equivalent = 0
        began = time.monotonic()
        for number, mutant in enumerate(mutants, 1):
            if (mutant.where, mutant.what) in equal:
                equivalent += 1
                continue
            how, by = self._try(mutant)
            found[how].append(mutant)
            if how == "noticed":
                self.noticed_by[by] += 1
            _say(f"{number:4} {how:10} {mutant.where}: {mutant.what}" + (f"  [{by}]" if by else ""))
        self._doubt(found)
        tried = len(found["noticed"]) + len(found["survived"]) + len(found["unseen"])
        _say(f"\n{time.monotonic() - began:.0f} s. Not noticed:")
        for mutant in found["survived"] + found["unseen"]:
            what = json.dumps(mutant.what, ensure_ascii=False)
            _say(f'\n[[equivalent]]\nwhere = "{mutant.where}"\nwhat = {what}')
        share = 100 * len(found["noticed"]) / tried if tried else 100
        _say(
            f"\n{len(found['noticed'])} of {tried} noticed ({share:.1f} %),"
            f" {len(found['survived'])} survived, {len(found['unseen'])} where no test comes by;"
            f" {equivalent} equivalent, {len(found['no program'])} no program."
        )
        if found["survived"] or found["unseen"]:
            self.session.testsfailed = 1

    # --- Knowing the tests

    def _know_the_tests(self) -> dict[str, Known]:
        """Return what each test does; those that are new or changed since the last time run once for it."""
        kept = read_map()
        known, new = {}, []
        for item in self.session.items:
            made_of = hashlib.sha256(item.path.read_bytes()).hexdigest()
            had = kept.get(item.nodeid)
            if had and had.made_of == made_of:
                known[item.nodeid] = had
            else:
                new.append((item, made_of))
        if new:
            _say(f"Running {len(new)} tests once …")
            known |= self._run_once(new)
            write_map(kept | known)
        if not new:
            # The database is made by the first test that needs it.
            self._passes(self.session.items[-1])
        connections.close_all()
        return known

    def _run_once(self, items: list[tuple[pytest.Item, str]]) -> dict[str, Known]:
        seen = coverage.Coverage(data_file=None, source=["annotations"], config_file=False)
        known, tables = {}, set[str]()
        with tables_written(tables):
            seen.start()
            for item, made_of in items:
                tables.clear()
                seen.switch_context(item.nodeid)
                began = time.monotonic()
                if self._passes(item):
                    known[item.nodeid] = Known(made_of, time.monotonic() - began, set(), set(tables))
                else:
                    _say(f"fails without any change and is left out: {item.nodeid}: {self.watch.why}")
            seen.stop()
        for file, by_line in (
            (file, seen.get_data().contexts_by_lineno(file)) for file in seen.get_data().measured_files()
        ):
            for name, lines in lines_of_functions(Path(file)).items():
                for nodeid in {context for line in lines for context in by_line.get(line, ())}:
                    if nodeid in known:
                        known[nodeid].functions.add(f"{Path(file).relative_to(PROJECT)}:{name}")
        return known

    def _passes(self, item: pytest.Item) -> bool:
        self.watch.failed = False
        # Something comes next, so what lives as long as the session, the database first, is not put away.
        item.ihook.pytest_runtest_protocol(item=item, nextitem=_AnyOther(self.session))
        return not self.watch.failed

    # --- Choosing

    def _chosen(self, known: dict[str, Known]) -> list[Mutant]:
        chosen = [
            mutant
            for what in self.options.mutate
            for mutant in (self._triggers(known) if what == "triggers" else self._python(what, known))
            if re.search(self.options.only, f"{mutant.where}: {mutant.what}")
        ]
        if 0 < self.options.sample < len(chosen):
            sample = random.Random(self.options.seed).sample(range(len(chosen)), self.options.sample)
            chosen = [chosen[number] for number in sorted(sample)]
        return chosen

    def _triggers(self, known: dict[str, Known]) -> Iterator[Mutant]:
        for model, trigger in pgtrigger.registered():
            made = dict(trigger.compile(model).sql.kwargs)  # type: ignore[union-attr]
            tests = self._writing({model._meta.db_table}, known, names_raised(made["func"]))
            for what, parts in changed_triggers(made):
                yield in_database(trigger.name, what, sql_of(parts), sql_of(made), tests)
            off = "ALTER TABLE {} {} TRIGGER {}"
            table, pgid = model._meta.db_table, made["pgid"]
            turned = (off.format(table, turn, pgid) for turn in ("DISABLE", "ENABLE"))
            yield in_database(trigger.name, "no trigger at all", *turned, tests)
        for function in FUNCTIONS:
            sign = "$$" if "$$" in function.definition else "RETURN "
            head, body = function.definition.split(sign, maxsplit=1)
            tests = self._writing(_CALLED_BY[function.name], known, [])
            for change in sql.changes(body):
                changed = head + sign + change.text
                yield in_database(function.name, change.what, changed, function.definition, tests)

    def _writing(self, tables: set[str], known: dict[str, Known], names: list[str]) -> list[pytest.Item]:
        """Return the tests that write these tables: first those that name what is raised, then the quick."""
        all_tables = tables | {_WRITTEN_WITH[table] for table in tables if table in _WRITTEN_WITH}
        sources: dict[str, str] = {}

        def order(item: pytest.Item) -> tuple[bool, float]:
            source = sources.setdefault(item.nodeid, texts_of(item))
            return not any(name in source for name in names), known[item.nodeid].seconds

        items = [item for item in self._passing(known) if known[item.nodeid].tables & all_tables]
        return sorted(items, key=order)

    def _python(self, what: str, known: dict[str, Known]) -> Iterator[Mutant]:
        path = PROJECT / what
        live = python.live_functions(PROJECT / "annotations")
        by_function: dict[str, list[pytest.Item]] = {}
        for item in self._passing(known):
            for name in known[item.nodeid].functions:
                by_function.setdefault(name, []).append(item)
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            place = str(file.relative_to(PROJECT))
            home = f"tests/{Path(place).parts[1]}/"
            for name, change in python.changes(file):
                tests = sorted(
                    by_function.get(f"{place}:{name}", ()),
                    key=lambda item: (not item.nodeid.startswith(home), known[item.nodeid].seconds),
                )
                take_up = taking_up(file, name, change.text, live)
                yield Mutant(f"{place}:{name}", change.what, nothing, take_up, nothing, tests)

    def _passing(self, known: dict[str, Known]) -> list[pytest.Item]:
        return [item for item in self.session.items if item.nodeid in known]

    # --- Trying

    def _try(self, mutant: Mutant) -> tuple[str, str]:
        """Return how it went with one change, and the test that noticed it."""
        if not mutant.tests:
            return "unseen", ""
        try:
            mutant.install()
        except psycopg.Error:
            mutant.remove()
            return "no program", ""
        try:
            return self._in_a_copy(mutant)
        finally:
            mutant.remove()

    def _in_a_copy(self, mutant: Mutant) -> tuple[str, str]:
        reads, writes = os.pipe()
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            os.close(reads)
            self._be_the_copy(mutant, writes)
        os.close(writes)
        said = _read_until(reads, time.monotonic() + self.options.seconds)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        how, _, by = (said or "").rpartition("\n")[2].partition(" ")
        if how == "running":
            # Killed in the middle of a test, which may have left rows.
            self._empty()
            slow = next((item for item in mutant.tests if item.nodeid == by), None)
            # A test that is over time is one that hangs, unless the time was up for all of them together.
            return (
                ("noticed", f"{by} hangs")
                if slow and said and said.count("\n") < 2
                else ("survived", "time was up")
            )
        if how == "unclean":
            self._empty()
            how = "noticed"
        return {"noticed": "noticed", "survived": "survived"}.get(how, "no program"), by

    def _be_the_copy(self, mutant: Mutant, writes: int) -> None:
        def say(text: str) -> None:
            os.write(writes, text.encode())

        try:
            nowhere = os.open(os.devnull, os.O_RDWR)
            os.dup2(nowhere, 1)
            os.dup2(nowhere, 2)
            if not mutant.take_up():
                say("\nimpossible")
                os._exit(0)
            for item in mutant.tests:
                say(f"\nrunning {item.nodeid}")
                if not self._passes(item):
                    say(f"\n{'unclean' if self.watch.unclean else 'noticed'} {item.nodeid}")
                    os._exit(0)
            say("\nsurvived ")
        except BaseException as wrong:
            say(f"\nnoticed {type(wrong).__name__}")
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

    def _doubt(self, found: dict[str, list[Mutant]]) -> None:
        """Run the tests that noticed something without a change: one that fails now is no witness."""
        names = {name.removesuffix(" hangs") for name in self.noticed_by}
        items = [item for item in self.session.items if item.nodeid in names]
        for item in items:
            if not self._passes(item):
                count = self.noticed_by[item.nodeid]
                _say(f"*** no witness: {item.nodeid} fails without a change; {count} rest on it")
        connections.close_all()


def _say(text: str) -> None:
    print(text, flush=True)


def _read_until(reads: int, end: float) -> str:
    said = b""
    while (left := end - time.monotonic()) > 0 and select.select([reads], [], [], left)[0]:
        more = os.read(reads, 65536)
        if not more:
            break
        said += more
    os.close(reads)
    return said.decode()
