"""The same rows by the shortest way: COPY and plain SQL, without any code of the workbench."""

# ruff: noqa: S608 - the only words put into statements are numbers and tables named here

import time
from collections.abc import Callable

from django.db import connection

REPEATS = 200


def copy_in(desk_id: int) -> float:
    """Return claims per second for copying the desk's claims, anchors and log into bare tables.

    The copies have no index, constraint or trigger. The bytes are read beforehand.
    """
    tables = {
        "annotations_claim": f"desk_id = {desk_id}",
        "annotations_anchor": f"claim_id IN (SELECT id FROM annotations_claim WHERE desk_id = {desk_id})",
        "annotations_activity": f"desk_id = {desk_id}",
    }
    seconds, claims = 0.0, 0
    with connection.cursor() as cursor:
        for table, condition in tables.items():
            cursor.execute(f"CREATE UNLOGGED TABLE bare AS SELECT * FROM {table} WITH NO DATA")
            with cursor.copy(f"COPY (SELECT * FROM {table} WHERE {condition}) TO STDOUT") as out:
                rows = [bytes(piece) for piece in out]
            if table == "annotations_claim":
                claims = len(rows)
            began = time.perf_counter()
            with cursor.copy("COPY bare FROM STDIN") as into:
                for row in rows:
                    into.write(row)
            seconds += time.perf_counter() - began
            cursor.execute("DROP TABLE bare")
    return claims / seconds


def copy_out(report_id: int) -> float:
    """Return rows per second for reading a report's frozen rows with COPY."""
    began, rows = time.perf_counter(), 0
    with (
        connection.cursor() as cursor,
        cursor.copy(
            f"COPY (SELECT data FROM annotations_reportrow WHERE report_id = {report_id}) TO STDOUT"
        ) as out,
    ):
        for _ in out:
            rows += 1
    return rows / (time.perf_counter() - began)


def times_of(ask: Callable[[], object], repeats: int = REPEATS) -> list[float]:
    """Return the milliseconds of each of `repeats` calls."""
    found = []
    for _ in range(repeats):
        began = time.perf_counter()
        ask()
        found.append((time.perf_counter() - began) * 1000)
    return found


def queue_rows(desk_id: int) -> Callable[[], object]:
    """Return a call that reads the eight rows at the head of the queue in one plain query."""
    return _query(
        "SELECT id, statement, state, priority, due_at FROM annotations_claim WHERE desk_id = %s"
        " AND state IN ('open', 'returned') AND assignee_id IS NULL"
        " ORDER BY assignee_id, queue_rank, id LIMIT 8",
        desk_id,
    )


def article_rows(document_id: int) -> Callable[[], object]:
    """Return a call that reads one article's text and its claims with their anchors in plain queries."""
    return _query(
        'SELECT v.text, (SELECT json_agg(json_build_array(c.id, c.statement, a.start, a."end"))'
        " FROM annotations_anchor a JOIN annotations_claim c ON c.id = a.claim_id"
        " WHERE a.document_version_id = v.id)"
        " FROM annotations_documentversion v WHERE v.document_id = %s",
        document_id,
    )


def write_row(claim_id: int) -> Callable[[], object]:
    """Return a call that updates one claim's row and commits."""
    return _query("UPDATE annotations_claim SET updated_at = now() WHERE id = %s", claim_id)


def _query(statement: str, *parameters: int) -> Callable[[], object]:
    def ask() -> object:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else None

    return ask
