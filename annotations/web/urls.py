"""Addresses of the pages: each module of views brings its own."""

from django.urls import URLPattern, URLResolver

from annotations.web.views import account

urlpatterns: list[URLPattern | URLResolver] = [
    *account.urlpatterns,
]
