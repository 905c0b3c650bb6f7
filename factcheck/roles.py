"""The two roles in the database: one owns the tables, the application works with what it was granted.

Whoever owns a table can turn its rules off. So the web server, the workers, the clock and the commands
connect as a role that owns nothing (`DATABASE_URL`); only `migrate` and `make_roles` connect as the owner
(`OWNER_DATABASE_URL`).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.management.base import CommandError
from django.db import OperationalError, connection, transaction
from django.db.backends.signals import connection_created
from psycopg import sql

from annotations.models.grants import statements

_SUPERUSER = "is a superuser"
# What a role has beyond rows, in words, and the question that finds it.
_TOO_MUCH = {
    _SUPERUSER: "SELECT rolsuper FROM pg_roles WHERE rolname = {role}",
    "may make or change roles": "SELECT rolcreaterole FROM pg_roles WHERE rolname = {role}",
    "bypasses row-level security": "SELECT rolbypassrls FROM pg_roles WHERE rolname = {role}",
    "owns the database, or is a member of the role that does": (
        "SELECT pg_has_role({role}, datdba, 'MEMBER') FROM pg_database WHERE datname = current_database()"
    ),
    "owns tables, or is a member of a role that does": (
        "SELECT count(*) > 0 FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
        " AND c.relkind IN ('r', 'p') AND pg_has_role({role}, c.relowner, 'MEMBER')"
    ),
    "may make objects in the schema public": "SELECT has_schema_privilege({role}, 'public', 'CREATE')",
    "may make schemas": "SELECT has_database_privilege({role}, current_database(), 'CREATE')",
    "may make temporary tables": "SELECT has_database_privilege({role}, current_database(), 'TEMP')",
    "may empty tables or put triggers on them": (
        "SELECT count(*) > 0 FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
        " AND c.relkind IN ('r', 'p') AND has_table_privilege({role}, c.oid, 'TRUNCATE, TRIGGER')"
    ),
    "may turn triggers off": "SELECT has_parameter_privilege({role}, 'session_replication_role', 'SET')",
}
_ASKED = sql.SQL("(SELECT name FROM asked)")
_WHOLE = sql.SQL(" UNION ALL ").join(
    sql.SQL("SELECT {}, ({})").format(sql.Literal(words), sql.SQL(question).format(role=_ASKED))
    for words, question in _TOO_MUCH.items()
)
_as_owner = False


def application_role() -> str:
    """Return the name of the application's role; empty where the tables have no owner of their own."""
    owning, role = settings.OWNER_DATABASE, settings.DATABASES["default"]["USER"]
    return str(role) if owning and owning["USER"] != role else ""


@contextmanager
def owner() -> Iterator[None]:
    """Connect as the owner of the tables inside the block, where `OWNER_DATABASE_URL` names one."""
    global _as_owner  # noqa: PLW0603 - it is said of the process
    own, before = settings.OWNER_DATABASE, connection.settings_dict
    was_owner, _as_owner = _as_owner, True
    if own is None or was_owner:
        try:
            yield
        finally:
            _as_owner = was_owner
        return
    connection.close()
    connection.settings_dict = {**before, **own}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict, _as_owner = before, was_owner


def grant(role: str) -> None:
    """Make `role` if it is missing, grant it what the application needs on today's tables, revoke the rest.

    A new role gets the password of `DATABASE_URL`. Belongs inside `owner`. Raises CommandError where the
    owner may not do it, and where the role keeps more.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if not cursor.fetchone():
            _make(role)
        for statement in statements(role, connection.settings_dict["NAME"]):
            cursor.execute(statement)
    kept = too_much(role)
    if kept:
        raise CommandError(
            f"The role {role} {_listed(kept)}. Ask whoever runs the database to take that away."
        )


def too_much(role: str) -> list[str]:
    """Return in words what a role may do in this database that the application's role may not."""
    with connection.cursor() as cursor:
        asked = sql.SQL("WITH asked AS (SELECT {}::name AS name) ").format(sql.Literal(role))
        cursor.execute(asked + _WHOLE)
        kept = [str(words) for words, has in cursor.fetchall() if has]
    # All the rest follows from it.
    return [words for words in kept if words == _SUPERUSER] or kept


def check_database_role(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """Return factcheck.E001 where this process could turn off the rules of the tables it works with.

    Checks nothing in development, inside `owner`, or where Django checks without a database. Where the
    database does not answer, the first connection is checked instead, otherwise it is no longer.
    """
    if settings.ENVIRONMENT == "development" or _as_owner or "default" not in (databases or ()):
        return []
    connection_created.disconnect(dispatch_uid=__name__)
    try:
        return _found()
    except OperationalError:
        ask_at_the_first_connection()
        return []


def ask_at_the_first_connection() -> None:
    """Refuse the first connection of this process with CommandError if its role may do too much.

    This is how commands are checked, and web server and workers that started before their database.
    """
    if settings.ENVIRONMENT != "development":
        connection_created.connect(_refuse, dispatch_uid=__name__)


def _found() -> list[CheckMessage]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (role,) = cursor.fetchone()
    kept = too_much(role)
    if not kept:
        return []
    return [
        Error(
            f"The database role {role} of this process {_listed(kept)}: it could turn off the rules that "
            "protect what was signed.",
            hint="Give DATABASE_URL a role that owns nothing, and OWNER_DATABASE_URL to `manage.py migrate` "
            "alone, which grants the rest: docs/how-to/run-in-production.md.",
            id="factcheck.E001",
        )
    ]


def _refuse(**_: Any) -> None:
    broken = [] if _as_owner else _found()
    if broken:
        connection.close()
        raise CommandError(f"{broken[0].msg} {broken[0].hint} ({broken[0].id})")
    connection_created.disconnect(dispatch_uid=__name__)


def _make(role: str) -> None:
    assert connection.connection is not None
    given = settings.DATABASES["default"]["PASSWORD"]
    made = sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role))
    if given:
        # Hashed here: the password itself reaches neither the server nor its log.
        hashed = connection.connection.pgconn.encrypt_password(
            given.encode(), role.encode(), b"scram-sha-256"
        )
        made += sql.SQL(" PASSWORD {}").format(sql.Literal(hashed.decode()))
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
        if not cursor.fetchone()[0]:
            raise CommandError(
                f"There is no role {role}, and this one may not make it. Ask whoever runs the database for: "
                f"CREATE ROLE \"{role}\" LOGIN PASSWORD '…';"
            )
        cursor.execute(made)


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words[:-1]) + " and " + words[-1] if len(words) > 1 else words[0]
