"""Every address of the workbench."""

from django.contrib import admin
from django.urls import include, path

from factcheck.signin import admin_door

urlpatterns = [
    # One way in, with all that it asks: the admin site has no sign-in of its own.
    path("admin/login/", admin_door),
    path("admin/", admin.site.urls),
    path("api/v1/", include("annotations.api.urls")),
    path("", include("annotations.web.urls")),
]
