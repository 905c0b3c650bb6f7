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
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]


def copy_rows(sample: models.Model, varying: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Insert one row for each of `rows`, in the running transaction.

    A row holds the values of the columns `varying`, ready for the database; every other column is as
    in the unsaved `sample`, or the database's own default. `id` is filled by its sequence unless it varies.
    """
    shared: dict[str, object] = {}
    for field in sample._meta.concrete_fields:
        value = getattr(sample, field.attname, None) if not field.generated else None
        column = str(field.column)
        skipped = field.generated or column in varying or isinstance(value, DatabaseDefault)
        if not skipped and not (field.primary_key and value is None):
            shared[column] = field.get_db_prep_save(value, connection)
    columns = ", ".join(connection.ops.quote_name(name) for name in (*varying, *shared))
    constant = tuple(shared.values())
    table = connection.ops.quote_name(sample._meta.db_table)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row((*row, *constant))
