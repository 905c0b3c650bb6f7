"""A kept page: with its proof as a file, its bytes as a file, and a copy that can do no harm."""

from csp.constants import SELF
from csp.decorators import csp_update
from django.http import FileResponse, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path

from annotations.queries.captures.pages import capture_page, two_captures
from annotations.web.captures.sanitised_copy import copy_of, has_copy
from annotations.web.decorators import page
from annotations.web.requests import SignedInRequest, number_in
from annotations.workflow.proof.download import capture_for, from_storage, payload_of, wacz_of

# What others wrote is never part of our pages: no script, no request, no origin of ours.
NOTHING = "sandbox; default-src 'none'; frame-ancestors 'none'"
COPY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"


@page("GET")
@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type]  # its type knows no arguments of addresses
def capture(request: SignedInRequest, capture_id: int) -> HttpResponse:
    """Show one capture: its text, the way to it, how it is proved, and in a frame its harmless copy."""
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
    download = wacz_of(capture_id, user=request.user)
    response = FileResponse(
        download.file, as_attachment=True, filename=download.filename, content_type="application/wacz"
    )
    response["Content-Length"] = str(download.size)
    return _shut(response, NOTHING)


@page("GET")
def payload(request: SignedInRequest, capture_id: int) -> HttpResponseBase:
    """Hand out the kept bytes as they are, to be saved and not to be shown."""
    filename, size, pieces = payload_of(capture_id, user=request.user)
    response = StreamingHttpResponse(pieces, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["Content-Length"] = str(size)
    return _shut(response, NOTHING)


@page("GET")
def copy(request: SignedInRequest, capture_id: int) -> HttpResponseBase:
    """Show the script-free copy; it belongs into an iframe with an empty `sandbox`."""
    kept = capture_for(request.user, capture_id)
    with from_storage():
        found = copy_of(kept)
    response = _shut(HttpResponse(found.body, content_type=found.media_type), COPY)
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _shut(response: HttpResponseBase, policy: str) -> HttpResponseBase:
    response["Content-Security-Policy"] = policy
    response["X-Content-Type-Options"] = "nosniff"
    response["Referrer-Policy"] = "no-referrer"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response


urlpatterns: list[URLPattern] = [
    path("sources/captures/<int:capture_id>/", capture, name="capture"),
    path("sources/<int:reference_id>/compare/", compare, name="compare_captures"),
    path("sources/captures/<int:capture_id>/download.wacz", wacz, name="capture_wacz"),
    path("sources/captures/<int:capture_id>/payload", payload, name="capture_payload"),
    path("sources/captures/<int:capture_id>/copy", copy, name="capture_copy"),
]
