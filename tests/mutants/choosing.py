"""Which changes are tried, and which tests may notice: those that run the function or write the table."""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pgtrigger
import psycopg
import pytest

from annotations.migrations._guard_sql import GuardSql
from annotations.models.functions import FUNCTIONS
from factcheck.embedded.places import PROJECT
from factcheck.embedded.postgres import OWNER
from tests.conftest import database_url_of_the_tests
from tests.mutants import python, sql
from tests.mutants.knowing import Known

_CALLED_BY = {
    "annotations_queue_rank": {"annotations_claim"},
    "annotations_contributors": {"annotations_claim", "annotations_review", "annotations_signedrecord"},
    "annotations_record_person": {"annotations_review", "annotations_signedrecord", "annotations_claim"},
    "annotations_record": {"annotations_signedrecord", "annotations_claim"},
}
# Rows of these tables are written by a trigger of the other.
_WRITTEN_WITH = {"annotations_signedrecord": "annotations_claim"}


@dataclass(frozen=True)
class Mutant:
    """One change: where, what, and how it comes into the database or the process and leaves again.

    `install` and `remove` change the database; `take_up` changes the process that calls it and says whether
    it could. `tests` come in the order in which they are likely to notice.
    """

    where: str
    what: str
    install: Callable[[], None]
    take_up: Callable[[], bool]
    remove: Callable[[], None]
    tests: Sequence[pytest.Item]


class Choice:
    """The changes of a session of pytest, given what its tests do."""

    def __init__(self, items: Sequence[pytest.Item], known: dict[str, Known]) -> None:
        self.known = known
        self.items = [item for item in items if item.nodeid in known]

    def mutants(self, what: Sequence[str], *, only: str, sample: int, seed: int) -> list[Mutant]:
        """Return the changes of `what`, "triggers" or paths, where the expression `only` is found.

        If there are more than `sample`, and that is not 0, return that many, chosen with `seed`.
        """
        chosen = [
            mutant
            for part in what
            for mutant in (self._triggers() if part == "triggers" else self._python(part))
            if re.search(only, f"{mutant.where}: {mutant.what}")
        ]
        if 0 < sample < len(chosen):
            numbers = random.Random(seed).sample(range(len(chosen)), sample)
            chosen = [chosen[number] for number in sorted(numbers)]
        return chosen

    def _triggers(self) -> Iterator[Mutant]:
        for model, trigger in pgtrigger.registered():
            made = dict(trigger.compile(model).sql.kwargs)  # type: ignore[union-attr]
            tests = self._writing({model._meta.db_table}, _constraints(made["func"]))
            for what, parts in _changed_triggers(made):
                yield _in_database(trigger.name, what, _sql(parts), _sql(made), tests)
            off = "ALTER TABLE {} {} TRIGGER {}"
            table, pgid = model._meta.db_table, made["pgid"]
            turned = (off.format(table, turn, pgid) for turn in ("DISABLE", "ENABLE"))
            yield _in_database(trigger.name, "no trigger at all", *turned, tests)
        for function in FUNCTIONS:
            sign = "$$" if "$$" in function.definition else "RETURN "
            head, body = function.definition.split(sign, maxsplit=1)
            tests = self._writing(_CALLED_BY[function.name], [])
            for change in sql.changes(body):
                changed = head + sign + change.text
                yield _in_database(function.name, change.what, changed, function.definition, tests)

    def _writing(self, tables: set[str], names: list[str]) -> list[pytest.Item]:
        """Return the tests that write these tables: first those that name what is raised, then the quick."""
        all_tables = tables | {_WRITTEN_WITH[table] for table in tables if table in _WRITTEN_WITH}

        def order(item: pytest.Item) -> tuple[bool, float]:
            source = _texts_in(item)
            return not any(name in source for name in names), self.known[item.nodeid].seconds

        return sorted((item for item in self.items if self.known[item.nodeid].tables & all_tables), key=order)

    def _python(self, what: str) -> Iterator[Mutant]:
        path = PROJECT / what
        live = python.live_functions(PROJECT / "annotations")
        by_function: dict[str, list[pytest.Item]] = {}
        for item in self.items:
            for name in self.known[item.nodeid].functions:
                by_function.setdefault(name, []).append(item)
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            place = str(file.relative_to(PROJECT))
            home = f"tests/{Path(place).parts[1]}/"
            for name, change in python.changes(file):
                tests = sorted(
                    by_function.get(f"{place}:{name}", ()),
                    key=lambda item: (not item.nodeid.startswith(home), self.known[item.nodeid].seconds),
                )
                take_up = _taking_up(file, name, change.text, live)
                yield Mutant(f"{place}:{name}", change.what, _nothing, take_up, _nothing, tests)


# The server goes on with a statement whose client was killed, and keeps its locks.
_END_WHAT_A_KILLED_COPY_LEFT = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
"""


def _in_database(where: str, what: str, changed: str, original: str, tests: Sequence[pytest.Item]) -> Mutant:
    def run(text: str) -> Callable[[], None]:
        def install() -> None:
            with psycopg.connect(database_url_of_the_tests(OWNER), autocommit=True) as database:
                database.execute("SET lock_timeout = '20s'")
                try:
                    database.execute(text.encode())
                except psycopg.errors.LockNotAvailable:
                    database.execute(_END_WHAT_A_KILLED_COPY_LEFT)
                    database.execute(text.encode())

        return install

    return Mutant(where, what, run(changed), lambda: True, run(original), tests)


def _changed_triggers(made: dict[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    for part in ("func", "condition"):
        for change in sql.changes(made.get(part, "")):
            yield change.what, made | {part: change.text}
    operations = made["operation"].split(" OR ")
    for operation in operations if len(operations) > 1 else []:
        rest = " OR ".join(other for other in operations if other != operation)
        yield f"{made['operation']} -> {rest}", made | {"operation": rest}


def _sql(parts: dict[str, str]) -> str:
    return str(GuardSql(**parts))  # type: ignore[arg-type]


def _constraints(func: str) -> list[str]:
    return re.findall(r"CONSTRAINT = '(\w+)'", func)


def _texts_in(item: pytest.Item) -> str:
    code = item.function.__code__  # type: ignore[attr-defined]
    return " ".join([item.name, *(text for text in code.co_consts if isinstance(text, str))])


def _taking_up(file: Path, name: str, text: str, live: python.Live) -> Callable[[], bool]:
    return lambda: python.take_up(file, name, text, live)


def _nothing() -> None:
    return None
