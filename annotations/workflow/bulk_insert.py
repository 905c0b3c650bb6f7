"""Write many rows of one model with COPY; private to this package.

Constraints and triggers hold as for any insert; Django's signals and `save` are passed by.
"""

from collections.abc import Iterable, Sequence

from django.db import connection, models
from django.db.models.expressions import DatabaseDefault


def next_ids(model: type[models.Model], count: int) -> list[int]:
    """Take `count` primary keys from the model's sequence."""
    with connection.cursor() as cursor:
        cursor.execute(
            # The sequence is looked up once: looking it up for each number would cost more than the number.
            "SELECT nextval(sequence.id) FROM generate_series(1, %s),"
            " (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS id OFFSET 0) sequence",
            [count, model._meta.db_table],
        )
        return [row[0] for row in cursor.fetchall()]


def copy_rows(sample: models.Model, varying: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Insert one row for each of `rows`, in the running transaction.

    A row holds the values of the columns `varying`; every other column is as in the unsaved `sample`, or the
    database's own default. `id` is filled by its sequence unless it varies. `rows` are taken while they are
    written, so they must not ask the database.
    """
    shared: dict[str, object] = {}
    for field in sample._meta.concrete_fields:
        value = None if field.generated else getattr(sample, field.attname, None)
        if field.column not in varying and value is not None and not isinstance(value, DatabaseDefault):
            shared[str(field.column)] = field.get_db_prep_save(value, connection)
    columns = ", ".join(connection.ops.quote_name(name) for name in (*varying, *shared))
    table = connection.ops.quote_name(sample._meta.db_table)
    ending = tuple(shared.values())
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row((*row, *ending))
