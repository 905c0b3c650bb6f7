"""Addresses of the API: each module of views brings its own."""

from django.urls import URLPattern, URLResolver, re_path

from annotations.api.endpoint import NoSuchAddress
from annotations.api.views import (
    alerts,
    captures,
    claim_moves,
    claims,
    description,
    desks,
    documents,
    people,
    queue,
    references,
    reports,
    sources,
    verdicts,
)

urlpatterns: list[URLPattern | URLResolver] = [
    *people.urlpatterns,
    *desks.urlpatterns,
    *documents.urlpatterns,
    *claims.urlpatterns,
    *claim_moves.urlpatterns,
    *queue.urlpatterns,
    *sources.urlpatterns,
    *references.urlpatterns,
    *captures.urlpatterns,
    *alerts.urlpatterns,
    *verdicts.urlpatterns,
    *reports.urlpatterns,
    *description.urlpatterns,
    re_path(r"^(?P<path>.*)$", NoSuchAddress.as_view()),
]
