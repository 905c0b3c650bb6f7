"""A copy of an earlier version, restored: its database beside the test database, its files in a folder."""

import gzip
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.conftest import database_url_of_the_tests

VERSIONS = Path(__file__).parent


class OldCopy:
    """A restored copy: a database of its own, and `folder` with its kept files and its signing key."""

    def __init__(self, version: str, database_url: str, folder: Path) -> None:
        self.kept = VERSIONS / f"version-{version}"
        self.folder = folder
        self._database_url = database_url

    def restore(self) -> None:
        """Load the dump into the empty database, and unpack the data folder."""
        with psycopg.connect(self._database_url, autocommit=True) as connection:
            connection.execute(gzip.decompress((self.kept / "database.sql.gz").read_bytes()))
        with tarfile.open(self.kept / "data.tar.gz") as packed:
            for entry in packed:
                path, content = self.folder / entry.name, packed.extractfile(entry)
                if content is not None:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(content.read())

    def run(self, *command: str, given: str = "") -> "subprocess.CompletedProcess[str]":
        """Run a Python program of this version on the copy; `given` is its input."""
        own = {
            "DATABASE_URL": self._database_url,
            "DATA_DIR": str(self.folder),
            "TIMESTAMP_AUTHORITIES": f"http://127.0.0.1:9/one {self.kept / 'authority.pem'}",
        }
        return subprocess.run(
            [sys.executable, *command],
            cwd=settings.BASE_DIR,
            env=os.environ | own,
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )

    def rows(self, query: "str | sql.Composed") -> list[tuple[Any, ...]]:
        """Return what the database answers to a query."""
        with psycopg.connect(self._database_url, autocommit=True) as connection:
            return connection.execute(query).fetchall()

    def counts(self) -> dict[str, int]:
        """Return the number of rows of each table."""
        return {table: self.rows(_counted(table))[0][0] for table in self._columns()}

    def contents(self) -> dict[str, str]:
        """Return a fingerprint of each column of the application by "table.column"; null counts as empty."""
        found = {}
        for table, (columns, key) in self._columns().items():
            if table.startswith("annotations_"):
                [digests] = self.rows(_digested(table, columns, key))
                found |= {f"{table}.{name}": digest for name, digest in zip(columns, digests, strict=True)}
        return found

    def _columns(self) -> dict[str, tuple[list[str], list[str]]]:
        """The columns of each table, and those of its primary key."""
        return {table: (columns, key) for table, columns, key in self.rows(_COLUMNS)}


@contextmanager
def old_copy(version: str, folder: Path) -> Iterator[OldCopy]:
    """Restore the copy of `version` on the test server, and remove its database when the block ends."""
    server = database_url_of_the_tests(settings.DATABASES["default"]["USER"])
    name = f"old_copy_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        try:
            copy = OldCopy(version, make_conninfo(server, dbname=name), folder)
            copy.restore()
            yield copy
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


_COLUMNS = """
    SELECT c.relname, array_agg(a.attname::text ORDER BY a.attname),
        array_agg(a.attname::text ORDER BY a.attname) FILTER (WHERE a.attnum = ANY (k.conkey))
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
    GROUP BY c.relname ORDER BY c.relname
"""


def _counted(table: str) -> sql.Composed:
    return sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))


def _digested(table: str, columns: list[str], key: list[str]) -> sql.Composed:
    order = sql.SQL(", ").join(map(sql.Identifier, key))
    digest = sql.SQL("md5(coalesce(string_agg(nullif({}::text, ''), '|' ORDER BY {}), ''))")
    digests = sql.SQL(", ").join(digest.format(sql.Identifier(name), order) for name in columns)
    return sql.SQL("SELECT {} FROM {}").format(digests, sql.Identifier(table))
