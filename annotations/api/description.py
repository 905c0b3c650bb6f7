"""The description of the API: as OpenAPI 3, and as a page to read."""

import json
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

ORDER = (
    *("documents", "claims", "queue", "evidence", "references", "captures", "alerts"),
    *("verdicts", "reviews", "reports", "activity", "desks", "people"),
)
OPENAPI_MEDIA_TYPE = "application/vnd.oai.openapi+json; version=3.1"


@cache
def schema() -> dict[str, Any]:
    """Return the OpenAPI description. It is the same for everyone, so it is made once."""
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    made: dict[str, Any] = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return made


@require_safe
def schema_file(request: HttpRequest) -> HttpResponse:
    """Return the description for programs."""
    return JsonResponse(
        schema(), content_type=OPENAPI_MEDIA_TYPE, headers={"Cache-Control": "public, max-age=300"}
    )


@dataclass(frozen=True)
class Parameter:
    """A parameter of an operation, in its path, query or headers."""

    name: str
    place: str
    kind: str
    required: bool
    description: SafeString


@dataclass(frozen=True)
class DescribedResponse:
    """One response of an operation, with an example."""

    status: int
    phrase: str
    description: SafeString
    media: str
    example: str


@dataclass(frozen=True)
class Operation:
    """One operation as the page shows it."""

    name: str
    method: str
    path: str
    summary: str
    description: SafeString
    parameters: tuple[Parameter, ...]
    media: str
    example: str
    response: DescribedResponse
    refusals: tuple[DescribedResponse, ...]


@require_safe
def schema_page(request: HttpRequest) -> HttpResponse:
    """Show the description to people, signed in or not."""
    return render(request, "api/docs.html", {"sections": sections(), "version": schema()["openapi"]})


@cache
def sections() -> dict[str, list[Operation]]:
    """Return the operations by tag, the tags in the order of the work."""
    found: dict[str, list[Operation]] = {tag: [] for tag in ORDER}
    for address, operations in schema()["paths"].items():
        for method, described in operations.items():
            made = _operation(method, address, described)
            found[described["tags"][0]].append(made)
    return found


def _operation(method: str, address: str, described: dict[str, Any]) -> Operation:
    responses = [_response(int(status), found) for status, found in described["responses"].items()]
    media, example = _content(described.get("requestBody", {}))
    return Operation(
        name=described["operationId"],
        method=method.upper(),
        path=address,
        summary=described["summary"],
        description=_prose(described["description"]),
        parameters=tuple(_parameter(known) for known in described.get("parameters", ())),
        media=media,
        example=example,
        response=next(found for found in responses if found.status < 300),
        refusals=tuple(found for found in responses if found.status >= 300),
    )


def _parameter(described: dict[str, Any]) -> Parameter:
    return Parameter(
        name=described["name"],
        place=described["in"],
        kind=str(described["schema"].get("type", "one of a list")),
        required=described.get("required", False),
        description=_prose(described.get("description", "")),
    )


def _response(status: int, described: dict[str, Any]) -> DescribedResponse:
    media, example = _content(described)
    phrase, meaning = HTTPStatus(status).phrase, _prose(described["description"])
    return DescribedResponse(status, phrase, meaning, media, example)


def _prose(words: str) -> SafeString:
    """Return HTML in which what stands between backticks is code."""
    pieces = enumerate(words.split("`"))
    return format_html_join(
        "", "{}", ((format_html("<code>{}</code>", t) if n % 2 else t,) for n, t in pieces)
    )


def _content(described: dict[str, Any]) -> tuple[str, str]:
    for media, content in described.get("content", {}).items():
        value = next(iter(content["examples"].values()))["value"]
        shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
        return media, shown
    return "", ""


urlpatterns: list[URLPattern] = [
    path("schema/", schema_file, name="api_schema"),
    path("docs/", schema_page, name="api_docs"),
]
