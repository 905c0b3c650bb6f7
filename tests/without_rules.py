"""Changes to rows that only an owner of the tables could make: with the triggers turned off."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.backends.base.operations import BaseDatabaseOperations


@contextmanager
def rules_off(*tables: str) -> Iterator[None]:
    """Turn off the triggers of these tables inside the block; foreign keys and checks still hold."""
    with connection.cursor() as cursor:
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
    with transaction.atomic(using=operations.connection.alias), operations.connection.cursor() as cursor:
        for statement in (around[0], *statements, around[1]):
            cursor.execute(statement)
