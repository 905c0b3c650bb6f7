"""Write many rows of one model with COPY; private to this package.

Constraints and triggers hold as for any insert; Django's signals and `save` are passed by.
"""

from collections.abc import Iterable, Sequence

from django.db import connection, models
from django.db.models.expressions import DatabaseDefault
from psycopg.adapt import PyFormat, Transformer

# Stand between values until everything is escaped; text that was cleaned never holds them.
_COLUMN, _ROW = "\x1f", "\x1e"
_ESCAPES = (
    ("\\", "\\\\"),
    ("\t", "\\t"),
    ("\n", "\\n"),
    ("\r", "\\r"),
    (_COLUMN, "\t"),
    (_ROW, "\n"),
)


def next_ids(model: type[models.Model], count: int) -> list[int]:
    """Take `count` primary keys from the model's sequence."""
    with connection.cursor() as cursor:
        cursor.execute(
            # Named once: to look the sequence up for each number would cost more than the number.
            "SELECT nextval(sequence.id) FROM generate_series(1, %s),"
            " (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS id OFFSET 0) sequence",
            [count, model._meta.db_table],
        )
        return [row[0] for row in cursor.fetchall()]


def copy_rows(sample: models.Model, varying: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Insert one row for each of `rows`, in the running transaction.

    A row holds the values of the columns `varying`, each as `str` gives it to the database and none of
    them null; every other column is as in the unsaved `sample`, or the database's own default. `id` is
    filled by its sequence unless it varies.
    """
    shared: dict[str, str] = {}
    with connection.cursor() as cursor:
        ready = Transformer(cursor.connection)
        for field in sample._meta.concrete_fields:
            value = None if field.generated else getattr(sample, field.attname, None)
            if field.column in varying or isinstance(value, DatabaseDefault):
                continue
            value = field.get_db_prep_save(value, connection)
            # What is shared becomes words of the database once, not once a row; null is left out.
            words = ready.get_dumper(value, PyFormat.TEXT).dump(value) if value is not None else None
            if words is not None:
                shared[str(field.column)] = bytes(words).decode()
        columns = ", ".join(connection.ops.quote_name(name) for name in (*varying, *shared))
        ending = "".join(_COLUMN + words for words in shared.values())
        table = connection.ops.quote_name(sample._meta.db_table)
        lines = [_COLUMN.join(map(str, row)) + ending for row in rows]
        if not lines:
            return
        together = _in_text_format(lines, len(varying) + len(shared))
        with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            copy.write(together)


def _in_text_format(lines: Sequence[str], columns: int) -> str:
    """What COPY reads, escaped all at once, which is far cheaper than value by value."""
    together = _ROW.join(lines)
    if together.count(_COLUMN) != len(lines) * (columns - 1) or together.count(_ROW) > len(lines) - 1:
        raise ValueError("Text with control characters in it cannot be copied.")
    for sign, written in _ESCAPES:
        together = together.replace(sign, written)
    return together + "\n"


def text_array(words: Sequence[str]) -> str:
    """The words as a text[] of the database: several times quicker than a list in each row."""
    together = "".join(words)
    if "\\" in together or '"' in together:
        words = [word.replace("\\", "\\\\").replace('"', '\\"') for word in words]
    return '{"' + '","'.join(words) + '"}' if words else "{}"
