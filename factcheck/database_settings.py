"""The addresses of the database, read into what Django connects with."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict


def database_of(url: str, setting: str, statement_timeout: int) -> dict[str, Any]:
    """Return the connection that `url`, the value of `setting`, describes. Raises ImproperlyConfigured.

    `statement_timeout` is in seconds; 0 is no limit.
    """
    if not url:
        raise ImproperlyConfigured(
            f"Set {setting}, such as postgresql://user:password@host/name; "
            "`make run` and manage.py set it to their own embedded PostgreSQL."
        )
    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError as wrong:
        raise ImproperlyConfigured(f"{setting} is not a PostgreSQL address: {wrong}") from wrong
    named = {key: str(parts.pop(key, "") or "") for key in ("dbname", "user", "password", "host", "port")}
    if not named["dbname"]:
        raise ImproperlyConfigured(f"{setting} names no database: end it with /name.")
    session = [
        str(parts.pop("options", "") or ""),
        f"-c statement_timeout={statement_timeout * 1000}",
        # Nothing here waits long for a lock by design; a longer wait is a fault that should be seen.
        "-c lock_timeout=10s",
        # A process that hangs inside a transaction must not hold its rows for ever.
        "-c idle_in_transaction_session_timeout=120s",
    ]
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": named["dbname"],
        "USER": named["user"],
        "PASSWORD": named["password"],
        "HOST": named["host"],
        "PORT": named["port"],
        # Long enough to spare a connection a request, short enough to follow a database that moved.
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, **parts, "options": " ".join(filter(None, session))},
    }


def owner_of(application: dict[str, Any], url: str, statement_timeout: int) -> dict[str, Any] | None:
    """Return the connection of the owner of the tables; None without an address of its own.

    Raises ImproperlyConfigured, also where the address of the application names no role or another database.
    """
    if not url:
        return None
    owner = database_of(url, "OWNER_DATABASE_URL", statement_timeout)
    if not application["USER"]:
        raise ImproperlyConfigured("DATABASE_URL names no role: begin it with postgresql://role:password@")
    if owner["NAME"] != application["NAME"]:
        raise ImproperlyConfigured(
            f"DATABASE_URL and OWNER_DATABASE_URL name two databases, {application['NAME']} and "
            f"{owner['NAME']}. They are two roles of one."
        )
    return owner
