"""What each test does, found by running it once and kept from one time to the next."""

import ast
import contextlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from factcheck.embedded.places import PROJECT
from tests.mutants import python

MAP = PROJECT / ".cache" / "mutants.json"
_WRITES = re.compile(
    r'\b(?:INSERT INTO|UPDATE|DELETE FROM|TRUNCATE|COPY)\s+(?:ONLY\s+)?(?:"?\w+"?\.)?"?(annotations_\w+)'
)


@dataclass
class Known:
    """What one test does: how long it takes, which functions run in it, which tables it writes."""

    made_of: str
    seconds: float
    functions: set[str] = field(default_factory=set)
    tables: set[str] = field(default_factory=set)


def lines_of_functions(file: Path) -> dict[str, range]:
    return {
        function.name: range(function.node.body[0].lineno, (function.node.end_lineno or 0) + 1)
        for function in python.functions_of(ast.parse(file.read_text()))
    }


@contextlib.contextmanager
def tables_written(tables: set[str]) -> Iterator[None]:
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


def read_map() -> dict[str, Known]:
    if not MAP.exists():
        return {}
    rows = json.loads(MAP.read_text())
    names: list[str] = rows["names"]
    return {
        nodeid: Known(made_of, seconds, {names[n] for n in functions}, set(tables))
        for nodeid, (made_of, seconds, functions, tables) in rows["tests"].items()
    }


def write_map(known: dict[str, Known]) -> None:
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
