"""A capture: its page, its two downloads, and a harmless copy to look at."""

from csp.constants import SELF
from csp.decorators import csp_update
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path

from annotations.domain.numbers import number_in
from annotations.downloads import capture_payload, capture_wacz, confined
from annotations.queries.captures.pages import capture_page, two_captures
from annotations.web.captures.sanitised_copy import copy_of, has_copy
from annotations.web.decorators import page
from annotations.web.requests import SignedInRequest
from annotations.workflow.proof.download import capture_for, from_storage

# The copy may show its own pictures and the one style that it is given, in a frame of ours.
COPY_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"


@page("GET")
@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type]  # the stub does not know that views take arguments
def capture(request: SignedInRequest, capture_id: int) -> HttpResponse:
    """Show one capture: its text, the way to it, how it is proved, and its harmless copy in a frame."""
    shown = capture_page(request.user, capture_id)
    context = {"page": shown, "has_copy": has_copy(shown.capture)}
    return render(request, "captures/capture.html", context)


@page("GET")
def compare(request: SignedInRequest, reference_id: int) -> HttpResponse:
    """Show two captures of a page side by side; the two newest unless others are chosen."""
    one, other = (number_in(request.GET.get(name, "")) for name in ("one", "other"))
    context = {"two": two_captures(request.user, reference_id, one, other)}
    return render(request, "captures/compare.html", context)


@page("GET")
def wacz(request: SignedInRequest, capture_id: int) -> HttpResponseBase:
    """Hand out a capture with everything that proves it."""
    return capture_wacz(capture_id, user=request.user)


@page("GET")
def payload(request: SignedInRequest, capture_id: int) -> HttpResponseBase:
    """Hand out the kept bytes as they are, to be saved and not to be shown."""
    return capture_payload(capture_id, user=request.user)


@page("GET")
def copy(request: SignedInRequest, capture_id: int) -> HttpResponseBase:
    """Show the script-free copy, for an iframe with an empty `sandbox`."""
    kept = capture_for(request.user, capture_id)
    with from_storage():
        found = copy_of(kept)
    response = confined(HttpResponse(found.body, content_type=found.media_type), COPY_POLICY)
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


urlpatterns: list[URLPattern] = [
    path("sources/captures/<int:capture_id>/", capture, name="capture"),
    path("sources/<int:reference_id>/compare/", compare, name="compare_captures"),
    path("sources/captures/<int:capture_id>/download.wacz", wacz, name="capture_wacz"),
    path("sources/captures/<int:capture_id>/payload", payload, name="capture_payload"),
    path("sources/captures/<int:capture_id>/copy", copy, name="capture_copy"),
]
