"""Logging: one line for each event, with the id of its request."""

import uuid
from collections.abc import Callable
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse

REQUEST_ID_HEADER = "X-Request-ID"
# Longer or stranger ids come from someone who wants to write our log for us.
_LONGEST_ID = 64

shared_processors: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


def logging_config(level: str) -> dict[str, Any]:
    """The LOGGING setting: everything of `level` and above to stderr as one `key=value` line an event."""
    structlog.configure(
        processors=[*shared_processors, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    line = structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], bool_as_flag=False)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared_processors,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, line],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        # A line for each tick and each task that went well would bury the ones that tell something.
        "loggers": {
            name: {"level": "WARNING"}
            for name in ("celery.beat", "celery.app.trace", "celery.worker.strategy")
        },
    }


# Not django-structlog (11.0 was tried): it does not give the id back in the answer, takes no id from a caller
# or one of any length, and logs each address twice with its query and, by default, the visitor's IP address.
class RequestIdMiddleware:
    """Gives each request an id (or keeps a short one its caller sent), in the log and in the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request with its id bound to every log line written meanwhile."""
        given = request.headers.get(REQUEST_ID_HEADER, "")
        fine = 0 < len(given) <= _LONGEST_ID and given.isascii() and given.replace("-", "").isalnum()
        request_id = given if fine else uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        response = self.get_response(request)
        response[REQUEST_ID_HEADER] = request_id
        return response
