"""What each test does: which functions run in it and which tables it writes, so that few tests try a change.

It is measured the first time and kept in `.cache/mutants.json`; a test whose file changed is measured again.
Nothing notices that the code or the factories changed: remove the file after that.
"""

import ast
import contextlib
import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import coverage
import psycopg
import pytest
from django.db import connections

from annotations.extraction import process
from factcheck.embedded.places import PROJECT
from tests.mutants import python
from tests.mutants.speaking import say

MAP = PROJECT / ".cache" / "mutants.json"
_WRITES = re.compile(
    r'\b(?:INSERT INTO|UPDATE|DELETE FROM|TRUNCATE|COPY)\s+(?:ONLY\s+)?(?:"?\w+"?\.)?"?(annotations_\w+)'
)


@dataclass
class Known:
    """What one test does: how long it takes in seconds, which functions run in it, which tables it writes."""

    made_of: str
    seconds: float
    functions: set[str] = field(default_factory=set)
    tables: set[str] = field(default_factory=set)


class _AnyOther:
    """The test that comes next, of which nothing is known but that it belongs to the session."""

    def __init__(self, session: pytest.Session) -> None:
        self.session = session

    def listchain(self) -> list[pytest.Session]:
        return [self.session]


class Watched:
    """Runs single tests of a session, and remembers how the last one ended."""

    def __init__(self, session: pytest.Session) -> None:
        self.session = session
        self.failed = False
        self.unclean = False
        self.why = ""
        session.config.pluginmanager.register(self)

    def passes(self, item: pytest.Item) -> bool:
        """Run one test and return whether it passed. Fixtures of the session, such as the database, stay."""
        self.failed = False
        item.ihook.pytest_runtest_protocol(item=item, nextitem=_AnyOther(self.session))
        return not self.failed

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Hear from pytest how a test went; `unclean` is one that may have left rows."""
        if report.failed:
            self.failed = True
            self.why = str(report.longrepr).rpartition("\n")[2]
            self.unclean = self.unclean or report.when == "teardown"


def know(watched: Watched, items: Sequence[pytest.Item]) -> dict[str, Known]:
    """Return what each test does, by its id; those that are new or changed run once for it.

    A test that fails without any change is left out. The database of the tests is there afterwards, and no
    connection is open.
    """
    kept = _read_map()
    known: dict[str, Known] = {}
    new = []
    for item in items:
        made_of = hashlib.sha256(item.path.read_bytes()).hexdigest()
        had = kept.get(item.nodeid)
        if had and had.made_of == made_of:
            known[item.nodeid] = had
        else:
            new.append((item, made_of))
    if new:
        say(f"Running {len(new)} tests once …")
        known |= _run_once(watched, new)
        _write_map(kept | known)
    else:
        # The database is made by the first test that needs it.
        watched.passes(items[-1])
    connections.close_all()
    # A copy would warn of the process that this one keeps, and the test would fail.
    process._idle.close()
    return known


def _run_once(watched: Watched, items: list[tuple[pytest.Item, str]]) -> dict[str, Known]:
    seen = coverage.Coverage(data_file=None, source=["annotations"], config_file=False)
    known: dict[str, Known] = {}
    tables = set[str]()
    with _tables_written(tables):
        seen.start()
        for item, made_of in items:
            tables.clear()
            seen.switch_context(item.nodeid)
            began = time.monotonic()
            if watched.passes(item):
                known[item.nodeid] = Known(made_of, time.monotonic() - began, set(), set(tables))
            else:
                say(f"fails without any change and is left out: {item.nodeid}: {watched.why}")
        seen.stop()
    data = seen.get_data()
    for file in data.measured_files():
        by_line = data.contexts_by_lineno(file)
        for name, lines in _lines_of_functions(Path(file)).items():
            for nodeid in {context for line in lines for context in by_line.get(line, ())}:
                if nodeid in known:
                    known[nodeid].functions.add(f"{Path(file).relative_to(PROJECT)}:{name}")
    return known


def _lines_of_functions(file: Path) -> dict[str, range]:
    return {
        function.name: range(function.node.body[0].lineno, (function.node.end_lineno or 0) + 1)
        for function in python.functions_of(ast.parse(file.read_text()))
    }


@contextlib.contextmanager
def _tables_written(tables: set[str]) -> Iterator[None]:
    """Add the tables that any connection writes to `tables`, inside the block."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("execute", "executemany", "copy"):
            patch.setattr(psycopg.Cursor, name, _noting(getattr(psycopg.Cursor, name), tables))
        yield


def _noting(do: Callable[..., Any], tables: set[str]) -> Callable[..., Any]:
    def noting(self: Any, query: Any, *given: Any, **named: Any) -> Any:
        text = (
            query
            if isinstance(query, str)
            else query.decode()
            if isinstance(query, bytes)
            else query.as_string(None)
        )
        tables.update(_WRITES.findall(text))
        return do(self, query, *given, **named)

    return noting


def _read_map() -> dict[str, Known]:
    if not MAP.exists():
        return {}
    rows = json.loads(MAP.read_text())
    names: list[str] = rows["names"]
    return {
        nodeid: Known(made_of, seconds, {names[n] for n in functions}, set(tables))
        for nodeid, (made_of, seconds, functions, tables) in rows["tests"].items()
    }


def _write_map(known: dict[str, Known]) -> None:
    names = sorted({name for one in known.values() for name in one.functions})
    numbers = {name: number for number, name in enumerate(names)}
    tests = {
        nodeid: (
            one.made_of,
            round(one.seconds, 3),
            sorted(numbers[n] for n in one.functions),
            sorted(one.tables),
        )
        for nodeid, one in known.items()
    }
    MAP.parent.mkdir(exist_ok=True)
    MAP.write_text(json.dumps({"names": names, "tests": tests}))
