"""Addresses of the pages: each module of views brings its own."""

from django.urls import URLPattern, URLResolver

from annotations.web.views import account, claim_list, desks, documents, queue, reading, reports

urlpatterns: list[URLPattern | URLResolver] = [
    *queue.urlpatterns,
    *claim_list.urlpatterns,
    *documents.urlpatterns,
    *reading.urlpatterns,
    *account.urlpatterns,
    *desks.urlpatterns,
    *reports.urlpatterns,
]
