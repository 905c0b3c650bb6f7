"""The Idempotency-Key header: a creation sent twice makes one row and gets one response."""

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

from django.core.files.uploadedfile import UploadedFile
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.endpoint import Endpoint, plain
from annotations.domain.errors import Refused
from annotations.workflow.idempotency import KeptAnswer, begin, finish, give_up

HEADER = "Idempotency-Key"
_KEPT_HEADERS = ("ETag", "Location")

P = ParamSpec("P")
E = TypeVar("E", bound=Endpoint)
Method = Callable[Concatenate[E, Request, P], Response]


def creation(method: Method[E, P]) -> Method[E, P]:
    """Let a view's method answer a repeated request with the first response.

    Without the header nothing changes. A refused request frees its key, as it has made nothing.
    """

    @wraps(method)
    def replayed(self: E, request: Request, *args: P.args, **kwargs: P.kwargs) -> Response:
        key = request.headers.get(HEADER, "")
        if not key:
            return method(self, request, *args, **kwargs)
        if len(key) > 200 or not key.isascii() or not key.isprintable():
            raise ValidationError({HEADER: "1 to 200 printable ASCII characters."})
        kept = begin(self.person, key, _fingerprint(request))
        if kept is not None:
            headers = {**kept.body["headers"], "Idempotency-Replayed": "true"}
            return Response(kept.body["content"], status=kept.status, headers=headers)
        try:
            response = method(self, request, *args, **kwargs)
        except (Refused, APIException):
            give_up(self.person, key)
            raise
        content = json.loads(JSONRenderer().render(response.data))
        headers = {name: response[name] for name in _KEPT_HEADERS if name in response}
        finish(self.person, key, KeptAnswer(response.status_code, {"content": content, "headers": headers}))
        return response

    return cast(Method[E, P], replayed)


def _fingerprint(request: Request) -> str:
    """Return a hash of the values sent, not of the bytes: a form sent again has other boundaries."""
    digest = hashlib.sha256(f"{request.method} {request.path}\n".encode())
    data = plain(request.data)
    if isinstance(data, dict):
        data = {name: _words(value) for name, value in data.items()}
    digest.update(json.dumps(data, sort_keys=True).encode())
    return digest.hexdigest()


def _words(value: object) -> object:
    if not isinstance(value, UploadedFile):
        return value
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return [value.name, digest.hexdigest()]
