"""One change: where it is, how it comes into the process or the database, and how it leaves again."""

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from annotations.migrations._guard_sql import GuardSql
from factcheck.embedded.postgres import OWNER
from tests.conftest import database_url_of_the_tests
from tests.mutants import python, sql

EQUIVALENTS = Path(__file__).with_name("equivalents.toml")


@dataclass(frozen=True)
class Mutant:
    """One change: where, what, and how it comes into the process or the database and leaves again."""

    where: str
    what: str
    install: Callable[[], None]
    take_up: Callable[[], bool]
    remove: Callable[[], None]
    tests: Sequence[pytest.Item]


def in_database(where: str, what: str, changed: str, original: str, tests: Sequence[pytest.Item]) -> Mutant:
    def run(text: str) -> Callable[[], None]:
        def install() -> None:
            with psycopg.connect(database_url_of_the_tests(OWNER), autocommit=True) as database:
                database.execute("SET lock_timeout = '20s'")
                database.execute(text.encode())

        return install

    return Mutant(where, what, run(changed), lambda: True, run(original), tests)


def changed_triggers(made: dict[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    for part in ("func", "condition"):
        for change in sql.changes(made.get(part, "")):
            # A trigger for statements, or one that comes after, returns nothing that counts.
            yield change.what, made | {part: change.text}
    operations = made["operation"].split(" OR ")
    for operation in operations if len(operations) > 1 else []:
        rest = " OR ".join(other for other in operations if other != operation)
        yield f"{made['operation']} -> {rest}", made | {"operation": rest}


def sql_of(parts: dict[str, str]) -> str:
    return str(GuardSql(**parts))  # type: ignore[arg-type]


def names_raised(func: str) -> list[str]:
    return re.findall(r"CONSTRAINT = '(\w+)'", func)


def texts_of(item: pytest.Item) -> str:
    code = item.function.__code__  # type: ignore[attr-defined]
    return " ".join([item.name, *(text for text in code.co_consts if isinstance(text, str))])


def taking_up(file: Path, name: str, text: str, live: python.Live) -> Callable[[], bool]:
    return lambda: python.take_up(file, name, text, live)


def nothing() -> None:
    return None


def equivalents() -> list[dict[str, str]]:
    listed = tomllib.loads(EQUIVALENTS.read_text()).get("equivalent", [])
    assert all(set(one) == {"where", "what", "reason"} and one["reason"] for one in listed)
    return list(listed)
