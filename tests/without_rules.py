"""Changes to rows that only an owner of the tables could make: with the triggers turned off."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.management.sql import emit_post_migrate_signal
from django.db import connection, models, transaction
from django.db.backends.base.operations import BaseDatabaseOperations

from factcheck.embedded.postgres import APPLICATION


@contextmanager
def as_owner() -> Iterator[None]:
    """Work as the owner of the tables inside the block, and afterwards in the role of before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user = session_user")
        row = cursor.fetchone()
        cursor.execute("RESET ROLE")
        yield
        if row == (False,):
            cursor.execute(f"SET ROLE {APPLICATION}")


def save_whole(row: models.Model) -> None:
    """Save every column of a row, as only the owner of the tables may; its triggers still hold."""
    with as_owner():
        row.save()


@contextmanager
def rules_off(*tables: str) -> Iterator[None]:
    """Turn off the triggers of these tables inside the block, as their owner; checks and keys still hold."""
    with as_owner(), connection.cursor() as cursor:
        # A table with pending key checks cannot be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def change_row(sql: str, *values: Any) -> None:
    """Run one UPDATE, INSERT or DELETE of a single row without the rules of its table."""
    found = re.match(r"\s*(?:UPDATE|INSERT INTO|DELETE FROM) +(\w+)", sql)
    assert found
    with rules_off(found[1]), connection.cursor() as cursor:
        cursor.execute(sql, values)
        assert cursor.rowcount == 1


_TRUNCATE_TRIGGERS = """
DO $$
DECLARE
    found record;
BEGIN
    FOR found IN SELECT tgrelid::regclass AS kept, tgname FROM pg_trigger
        WHERE NOT tgisinternal AND tgtype & 32 <> 0 ORDER BY tgrelid
    LOOP
        EXECUTE format('ALTER TABLE %s {0} TRIGGER %I', found.kept, found.tgname);
    END LOOP;
END
$$
"""


def empty_tables(operations: BaseDatabaseOperations, statements: Sequence[str]) -> None:
    """Run the statements with which Django empties all tables between two tests; no rule refuses them."""
    around = [_TRUNCATE_TRIGGERS.format(turned) for turned in ("DISABLE", "ENABLE")]
    turns = ("RESET ROLE", around[0], *statements, around[1], f"SET ROLE {APPLICATION}")
    with transaction.atomic(using=operations.connection.alias), operations.connection.cursor() as cursor:
        for statement in turns:
            cursor.execute(statement)


def fill_again(*given: Any, **named: Any) -> None:
    """Write what Django keeps of its models again, after it emptied all tables, as the migrations do."""
    with as_owner():
        emit_post_migrate_signal(*given, **named)
