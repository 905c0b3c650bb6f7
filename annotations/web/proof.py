"""What people need to check a download themselves: the steps, the program and the public keys."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from annotations.archiving.standalone import standalone_script
from annotations.queries.proof.totals import signing_keys
from annotations.web.context import desk_in_hand
from annotations.web.decorators import page
from annotations.web.requests import SignedInRequest


@require_safe
def checking(request: HttpRequest) -> HttpResponse:
    """Explain to anyone, signed in or not, how a download is checked and what that shows."""
    return render(request, "proof/checking.html")


@require_safe
def program(request: HttpRequest) -> HttpResponse:
    """Let anyone download the checking program, one file that needs nothing of this project."""
    response = HttpResponse(standalone_script(), content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="verify.py"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@page("GET")
def keys(request: SignedInRequest) -> HttpResponse:
    """List the public keys that ever signed for the desk, for the newsroom to publish."""
    desk = desk_in_hand(request)
    return render(request, "proof/keys.html", {"desk": desk, "keys": signing_keys(desk.pk)})


urlpatterns: list[URLPattern] = [
    path("sources/checking/", checking, name="check_yourself"),
    path("sources/verify.py", program, name="verify_program"),
    path("sources/keys/", keys, name="signing_keys"),
]
