"""How much a page reads of what is sent to it, decided before anything is read.

The check against forged forms reads a form whole, files too, before any view asks who sent it. A stranger
could fill the disk with one address that takes forms. So the length that a request declares is looked at
first. A server in front of the application refuses a body that is longer than declared, or declares none.
The API has limits of its own, see `annotations.api.parsing`; it asks who sends before it reads.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from annotations.extraction import MAX_FILE_BYTES
from annotations.web.refusals import render_refusal, way_back

# A name, a password and where to go next fit many times over.
MAX_ANONYMOUS_BYTES = 64 * 1024


class BodyLimitMiddleware:
    """Answers 413 to a form that is longer than its page and its sender may send, without reading it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on."""
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponseBase],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> HttpResponse | None:
        """Return the page of a refused form, None for every other request."""
        declared = request.META.get("CONTENT_LENGTH") or "0"
        length = int(declared) if declared.isdecimal() else 0
        if length <= MAX_ANONYMOUS_BYTES or getattr(view, "csrf_exempt", False):
            return None
        limit = _limit(request, view)
        if length <= limit:
            return None
        context = {
            "title": "Too large",
            "sentence": f"At most {_size(limit)} can be sent here; this was {_size(length)}.",
            "code": "too_large",
            "back": way_back(request),
        }
        return render_refusal(request, context, status=413)


def _limit(request: HttpRequest, view: Callable[..., HttpResponseBase]) -> int:
    if not request.user.is_authenticated:
        return MAX_ANONYMOUS_BYTES
    fields = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return MAX_FILE_BYTES + fields if getattr(view, "takes_files", False) else fields


def _size(length: int) -> str:
    return f"{length / 1024 / 1024:,.0f} MB" if length >= 1024 * 1024 else f"{length / 1024:,.0f} KB"
