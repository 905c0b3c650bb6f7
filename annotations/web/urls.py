"""Addresses of the pages: each module of views brings its own."""

from django.urls import URLPattern, URLResolver

from annotations.web.views import (
    account,
    alerts,
    captures,
    claim_list,
    claims,
    desks,
    documents,
    proofs,
    queue,
    reading,
    reference,
    references,
    reports,
    reviews,
    source_passages,
    sources,
    verdicts,
)

urlpatterns: list[URLPattern | URLResolver] = [
    *queue.urlpatterns,
    *alerts.urlpatterns,
    *claim_list.urlpatterns,
    *claims.urlpatterns,
    *sources.urlpatterns,
    *source_passages.urlpatterns,
    *verdicts.urlpatterns,
    *reviews.urlpatterns,
    *documents.urlpatterns,
    *reading.urlpatterns,
    *references.urlpatterns,
    *reference.urlpatterns,
    *proofs.urlpatterns,
    *captures.urlpatterns,
    *account.urlpatterns,
    *desks.urlpatterns,
    *reports.urlpatterns,
]
