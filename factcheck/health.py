"""Three questions about this copy: is the process alive, can it answer, and how are all parts.

A probe of `/health/live` may restart the process. One of `/health/ready` may take it out of a load balancer.
`/health/parts` is for people and alarms: pages and the API work without broker, workers and clock, and what
they asked for waits in the database.
"""

from collections.abc import Callable

import structlog
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from kombu.exceptions import OperationalError

from annotations.domain.background import BackgroundPart
from annotations.queries.heartbeats import silence_of_parts
from factcheck.celery import app

log = structlog.get_logger(__name__)

# Not django-health-check (4.8 was tried): its view stands behind the middleware, where a probe by number gets
# 400 and one by plain http 301. It answers 500 where we say 503, and has no check of migrations.

# A part gives a sign of life every 5 s; this much silence is not jitter.
SILENCE = 30
OK = "ok"
UNREACHABLE = "unreachable"


class HealthMiddleware:
    """Answers the three addresses below /health/ before everything else.

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
    return JsonResponse({"status": OK})


def ready() -> JsonResponse:
    """Answer 200 when this process can answer requests, else 503; that takes the migrated database alone."""
    return _answer(_needed())


def parts() -> JsonResponse:
    """Answer 200 when every part of the copy works, else 503, with "ok" or what is wrong for each part.

    Workers are asked by the clock, through the broker. While one of the two is away, an idle worker is silent
    though nothing is wrong with it, and the answer says so.
    """
    found = _needed() | {"broker": _ask("broker", _broker)} | _heard()
    away = next((name for name in ("broker", "clock") if found[name] != OK), "")
    for name in ("worker", "fetcher"):
        if away and found["database"] == OK != found[name]:
            found[name] += f"; the {away}, which asks it, is away"
    return _answer(found)


def _answer(found: dict[str, str]) -> JsonResponse:
    fine = all(said == OK for said in found.values())
    return JsonResponse(
        {"status": OK if fine else "unavailable", "parts": found}, status=200 if fine else 503
    )


def _needed() -> dict[str, str]:
    return {"database": _ask("database", _database), "migrations": _ask("migrations", _migrations)}


def _ask(name: str, check: Callable[[], str]) -> str:
    try:
        return check()
    except (DatabaseError, OperationalError, OSError) as wrong:
        # The reason stays in the log: an unauthenticated page should not describe the inside.
        log.warning("not ready", part=name, reason=str(wrong))
        return UNREACHABLE


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return OK


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    return f"{waiting} not applied" if waiting else OK


def _broker() -> str:
    with app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=1)
    return OK


def _heard() -> dict[str, str]:
    """Return what can be told of the clock and the workers, each of which writes when it works."""
    try:
        silence = silence_of_parts()
    except DatabaseError:
        return dict.fromkeys(_CALLED.values(), "cannot be told while the database is away")
    return {name: _heard_of(silence.get(part)) for part, name in _CALLED.items()}


def _heard_of(seconds: float | None) -> str:
    if seconds is None:
        return "has not reported yet"
    return OK if seconds < SILENCE else f"has not reported for {int(seconds)} seconds"


# The parts as `docker-compose.yml` and the manual call them.
_CALLED = {BackgroundPart.CLOCK: "clock", BackgroundPart.WORKER: "worker", BackgroundPart.FETCHER: "fetcher"}

_PROBES: dict[str, Callable[[], JsonResponse]] = {
    "/health/live": live,
    "/health/ready": ready,
    "/health/parts": parts,
}
