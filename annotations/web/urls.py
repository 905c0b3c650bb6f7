"""Addresses of the pages: each module of views brings its own."""

from django.urls import URLPattern, URLResolver

from annotations.web.views import account, desks, reports

urlpatterns: list[URLPattern | URLResolver] = [
    *account.urlpatterns,
    *desks.urlpatterns,
    *reports.urlpatterns,
]
