"""The health of this copy: whether it is alive, and whether each of its parts is ready."""

from collections.abc import Callable

import structlog
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from kombu.exceptions import OperationalError

from factcheck.celery import app

log = structlog.get_logger(__name__)

# Not django-health-check (4.8 was tried): its view stands behind the middleware, where a probe by number gets
# 400 and one by plain http 301. It answers 500 where we say 503, and has no check of migrations.

# Beat asks for a heartbeat every 5 s; this much silence is not jitter.
WORKER_SILENCE = 30


class HealthMiddleware:
    """Answers /health/live and /health/ready before everything else.

    Probes speak plain http to the address of one process, without a session. So neither ALLOWED_HOSTS nor the
    redirect to https may apply to them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a probe, pass everything else on."""
        probe = _PROBES.get(request.path_info) if request.method in ("GET", "HEAD") else None
        if probe is None:
            return self.get_response(request)
        answer = probe()
        answer["Cache-Control"] = "no-store"
        return answer


def live() -> JsonResponse:
    """Answer 200 whenever this process can answer at all. No other part is asked."""
    return JsonResponse({"status": "ok"})


def ready() -> JsonResponse:
    """Answer 200 when every part works, else 503. The body says of each part "ok" or what is wrong."""
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

_PROBES: dict[str, Callable[[], JsonResponse]] = {"/health/live": live, "/health/ready": ready}
