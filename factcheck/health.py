"""How this copy is: alive, and ready with each part named."""

from collections.abc import Callable

import structlog
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError

from factcheck.celery import app

log = structlog.get_logger(__name__)

# Beat asks for a heartbeat every 5 s; this much silence is not jitter.
WORKER_SILENCE = 30


@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """200 whenever this process can answer at all; asks nothing of any other part."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 when every part works, else 503; the body names each part with "ok" or what is wrong with it."""
    parts = {name: _ask(name, check) for name, check in _CHECKS.items()}
    fine = all(answer == "ok" for answer in parts.values())
    return JsonResponse(
        {"status": "ok" if fine else "unavailable", "parts": parts}, status=200 if fine else 503
    )


def _ask(name: str, check: Callable[[], str]) -> str:
    try:
        return check()
    except (DatabaseError, OperationalError, OSError) as wrong:
        # The reason stays in the log: an unauthenticated page should not describe the inside.
        log.warning("not ready", part=name, reason=str(wrong))
        return "unreachable"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    return f"{waiting} not applied" if waiting else "ok"


def _broker() -> str:
    with app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=1)
    return "ok"


def _worker() -> str:
    with connection.cursor() as cursor:
        # The database's clock on both sides: the worker may run on a machine whose clock is off.
        cursor.execute(
            "SELECT extract(epoch FROM clock_timestamp() - max(beat_at)) FROM annotations_workerheartbeat"
        )
        (age,) = cursor.fetchone()
    if age is None:
        return "no worker has reported yet"
    return "ok" if age < WORKER_SILENCE else f"no worker has reported for {int(age)} seconds"


_CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "migrations": _migrations,
    "broker": _broker,
    "worker": _worker,
}
