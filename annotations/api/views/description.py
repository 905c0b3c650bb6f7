"""The API describing itself: OpenAPI 3, and the same as a page to read."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

OPENAPI_MEDIA_TYPE = "application/vnd.oai.openapi+json; version=3.1"


@cache
def schema() -> dict[str, Any]:
    """Return the description of the whole API; it is the same for everyone, so it is made once."""
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    made: dict[str, Any] = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return made


@require_safe
def schema_file(request: HttpRequest) -> HttpResponse:
    """Answer with the description for programs."""
    return JsonResponse(
        schema(), content_type=OPENAPI_MEDIA_TYPE, headers={"Cache-Control": "public, max-age=300"}
    )


@require_safe
def schema_page(request: HttpRequest) -> HttpResponse:
    """Show the description to people."""
    return render(request, "api/docs.html", {"api": schema()})


urlpatterns: list[URLPattern] = [
    path("schema/", schema_file, name="api_schema"),
    path("docs/", schema_page, name="api_docs"),
]
