"""The one place where a refusal becomes a response of the API: problem details as in RFC 9457."""

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from rest_framework import status
from rest_framework.exceptions import APIException, NotAuthenticated, NotFound, Throttled, ValidationError
from rest_framework.exceptions import PermissionDenied as Forbidden
from rest_framework.response import Response

from annotations.domain.errors import (
    Duplicate,
    Invalid,
    LeaseLost,
    Missing,
    NotAllowed,
    Refused,
    StaleEdit,
    WrongState,
)
from annotations.workflow.claims.edit import WordsAmbiguous
from annotations.workflow.evidence.edit import PassageAmbiguous

MEDIA_TYPE = "application/problem+json"
log = structlog.get_logger(__name__)

_STATUS: tuple[tuple[type[Refused], int], ...] = (
    (StaleEdit, status.HTTP_412_PRECONDITION_FAILED),
    (LeaseLost, status.HTTP_409_CONFLICT),
    (Duplicate, status.HTTP_409_CONFLICT),
    (WrongState, status.HTTP_409_CONFLICT),
    (Missing, status.HTTP_404_NOT_FOUND),
    (NotAllowed, status.HTTP_403_FORBIDDEN),
    (Invalid, status.HTTP_422_UNPROCESSABLE_ENTITY),
    (Refused, status.HTTP_422_UNPROCESSABLE_ENTITY),
)
_TITLES = {
    400: "The request cannot be read",
    401: "Sign in",
    403: "Not for you to do",
    404: "Not here",
    405: "Not a method of this address",
    406: "Not in this format",
    409: "Not possible right now",
    412: "Someone was faster",
    413: "Too large",
    415: "Not a format this address reads",
    422: "That cannot be used as it is",
    428: "Say which version you read",
    429: "Too many requests",
    500: "Something went wrong on our side",
    503: "Not available right now",
}
TOO_LARGE = "The body is too large: at most 9 MB of JSON, and files of at most 20 MB."
UNAVAILABLE = "The database does not answer. Nothing was changed that was not confirmed. Try again."
# What refuses a request before it reaches the API, or fails in it, by its status: code and sentence.
_OUTSIDE = {
    400: (
        "bad_request",
        "The host name of this request is not one of this workbench, or its head is damaged.",
    ),
    403: ("not_allowed", "The request was refused before it was read."),
    404: ("not_found", "There is no such address in the API."),
    405: ("method_not_allowed", "This address does not take requests of this method."),
    413: ("too_large", TOO_LARGE),
    500: (
        "server_error",
        "It stands in the log under the X-Request-ID of this answer. What was saved is safe.",
    ),
}
# The codes of the manual for what REST framework raises under codes of its own.
SIGN_IN = (
    "This needs a token: make one on your account page or with `manage.py create_token USERNAME`, "
    "and send it as `Authorization: Bearer fcw_…`."
)
_CODES = {"error": "refused", "parse_error": "unreadable", "authentication_failed": "not_authenticated"}


class VersionNeeded(APIException):
    """An edit has to name the version it rests on."""

    status_code = 428
    default_code = "version_needed"
    default_detail = "Send the ETag of what you read as If-Match, so that nobody's change is lost."


class BodyTooLarge(APIException):
    """The body is larger than any request of this API."""

    status_code = 413
    default_code = "too_large"
    default_detail = TOO_LARGE


class ProblemMiddleware:
    """Gives every error below /api/ its problem details, also those that the API itself never sees.

    Such are a wrong host name, a crash, and whatever another middleware refuses.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on, and put an error that is a page in the words of the API."""
        response = self.get_response(request)
        if (
            response.status_code < 400
            or not request.path_info.startswith("/api/")
            or response.headers.get("Content-Type") == MEDIA_TYPE
        ):
            return response
        known = response.status_code if response.status_code in _OUTSIDE else 500
        code, sentence = _OUTSIDE[known]
        body = _body(response.status_code, code, sentence, {})
        problem = JsonResponse(body, status=response.status_code, content_type=MEDIA_TYPE)
        problem["Cache-Control"] = "no-store"
        if "Allow" in response:
            problem["Allow"] = response["Allow"]
        return problem


def status_of(refused: Refused) -> int:
    """Return the HTTP status of a refusal in the API."""
    return next(number for kind, number in _STATUS if isinstance(refused, kind))


def handle(wrong: Exception, context: dict[str, Any]) -> Response | None:
    """Return the response to an expected failure; None for an unexpected one, which is raised again."""
    if isinstance(wrong, Http404):
        wrong = NotFound("There is no such address in the API.")
    elif isinstance(wrong, PermissionDenied):
        wrong = Forbidden(str(wrong) or None)
    if isinstance(wrong, OperationalError | InterfaceError):
        # Away, or so busy that it ended the statement: the same request can succeed in a moment.
        log.exception("the database did not do what it was asked")
        response = _problem(503, "unavailable", UNAVAILABLE, {})
        response["Retry-After"] = "5"
        return response
    if isinstance(wrong, Refused):
        return _problem(status_of(wrong), wrong.code, wrong.sentence, wrong.fields, _more(wrong))
    if isinstance(wrong, ValidationError):
        fields = _by_field(wrong.detail)
        return _problem(400, "invalid_request", "Some of the input cannot be read. " + _named(fields), fields)
    if isinstance(wrong, APIException):
        detail = SIGN_IN if isinstance(wrong, NotAuthenticated) else str(wrong.detail)
        response = _problem(wrong.status_code, _code(wrong), detail, {})
        header = getattr(wrong, "auth_header", None)
        if header:
            response["WWW-Authenticate"] = header
        wait = getattr(wrong, "wait", None)
        if isinstance(wrong, Throttled) and wait is not None:
            response["Retry-After"] = str(max(1, round(wait)))
        return response
    return None


def _problem(
    number: int,
    code: str,
    detail: str,
    fields: Mapping[str, str],
    more: Mapping[str, object] | None = None,
) -> Response:
    return Response(
        _body(number, code, detail, fields) | dict(more or {}), status=number, content_type=MEDIA_TYPE
    )


def _body(number: int, code: str, detail: str, fields: Mapping[str, str]) -> dict[str, object]:
    return {
        "type": f"urn:factcheck:problem:{code}",
        "title": _TITLES.get(number, "Refused"),
        "status": number,
        "detail": detail,
        "code": code,
        "fields": dict(fields),
    }


def _more(refused: Refused) -> dict[str, object]:
    if isinstance(refused, StaleEdit):
        return {"current": refused.current}
    if isinstance(refused, WordsAmbiguous | PassageAmbiguous):
        return {
            "places": [
                {"start": place.start, "end": place.end, "prefix": place.prefix, "suffix": place.suffix}
                for place in refused.places
            ]
        }
    return {}


def _code(wrong: APIException) -> str:
    given = wrong.get_codes()
    code = given if isinstance(given, str) else wrong.default_code
    return _CODES.get(code, code)


def _by_field(detail: Any, path: str = "") -> dict[str, str]:
    """Flatten REST framework's nested details to one sentence a field, such as `claims.2`."""
    if isinstance(detail, Mapping):
        found: dict[str, str] = {}
        for name, inner in detail.items():
            here = path if name == "non_field_errors" else f"{path}.{name}" if path else str(name)
            found |= _by_field(inner, here)
        return found
    if isinstance(detail, list) and any(isinstance(inner, Mapping | list) for inner in detail):
        found = {}
        for place, inner in enumerate(detail):
            found |= _by_field(inner, f"{path}.{place}" if path else str(place)) if inner else {}
        return found
    words = " ".join(str(part) for part in detail) if isinstance(detail, list) else str(detail)
    return {path or "body": words}


def _named(fields: Mapping[str, str]) -> str:
    return " ".join(f"{name}: {words}" for name, words in fields.items())
