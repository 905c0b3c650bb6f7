"""Captures: what was kept of a page at one moment, what proves it, and the files themselves."""

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.captures import serializers
from annotations.api.endpoint import Endpoint, many
from annotations.api.negotiation import Indifferent
from annotations.api.operations import listing, operation
from annotations.api.proof import serializers as proof_serializers
from annotations.domain.desks.roles import Action
from annotations.permissions import check_can
from annotations.queries.captures.pages import capture_page
from annotations.queries.captures.records import links_of
from annotations.queries.proof.totals import signing_keys
from annotations.workflow.proof.download import capture_for, payload_of, wacz_of

TAG = "captures"
# What others wrote never runs as ours, wherever an answer is opened.
_SHUT = {
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}


class OneCapture(Endpoint):
    """A capture."""

    @operation(
        "get_capture",
        TAG,
        "Show a capture with its proof",
        about="Hashes, the way to the page, the link in the desk's chain, time stamps and what other "
        "archives say.",
        answer=serializers.CaptureOut,
        gives=serializers.CAPTURE,
        refuses=(404,),
    )
    def get(self, request: Request, capture_id: int) -> Response:
        """Show it."""
        return Response(serializers.CaptureOut(capture_page(self.person, capture_id)).data)


class Text(Endpoint):
    """The text of a capture."""

    @operation(
        "get_capture_text",
        TAG,
        "Read the text of a capture",
        about="As it was read then; empty where nothing could be read.",
        answer=serializers.TextOut,
        gives=serializers.TEXT,
        refuses=(404,),
    )
    def get(self, request: Request, capture_id: int) -> Response:
        """Read it."""
        return Response(serializers.TextOut(capture_for(self.person, capture_id)).data)


class Proof(Endpoint):
    """All that proves a capture."""

    @listing(
        "get_capture_proof",
        TAG,
        "Get what proves a capture",
        proof_serializers.LinkOut,
        proof_serializers.LINK,
        about="Each link of the desk's chain that speaks of it: the signed manifest, the hashes that lead "
        "to the root of its batch, and the time stamps on that. None until it is signed.",
        query=None,
        refuses=(404,),
    )
    def get(self, request: Request, capture_id: int) -> Response:
        """Show it."""
        return many(proof_serializers.LinkOut, links_of(self.person, capture_id))


class Payload(Endpoint):
    """The kept bytes of a capture."""

    content_negotiation_class = Indifferent

    @operation(
        "download_capture",
        TAG,
        "Download the kept bytes of a capture",
        about="As they came from the site, to be saved and not to be shown: others wrote them.",
        answer=OpenApiTypes.BINARY,
        gives="<!doctype html><title>Communiqué of 30 April</title>",
        media="application/octet-stream",
        refuses=(404, 409),
    )
    def get(self, request: Request, capture_id: int) -> HttpResponseBase:
        """Stream them."""
        filename, size, pieces = payload_of(capture_id, user=self.person)
        response = StreamingHttpResponse(pieces, content_type="application/octet-stream")
        response["Content-Disposition"] = content_disposition_header(True, filename) or ""
        response["Content-Length"] = str(size)
        return _shut(response)


class Wacz(Endpoint):
    """A capture with its proof as a file."""

    content_negotiation_class = Indifferent

    @operation(
        "download_capture_wacz",
        TAG,
        "Download a capture with all that proves it",
        about="As WACZ, with the program that checks it. 409 until the capture is signed.",
        answer=OpenApiTypes.BINARY,
        gives="PK…",
        media="application/wacz",
        refuses=(404, 409),
    )
    def get(self, request: Request, capture_id: int) -> HttpResponseBase:
        """Hand it out."""
        download = wacz_of(capture_id, user=self.person)
        response = FileResponse(
            download.file, as_attachment=True, filename=download.filename, content_type="application/wacz"
        )
        response["Content-Length"] = str(download.size)
        return _shut(response)


class Keys(Endpoint):
    """The keys that signed for a desk."""

    @listing(
        "list_signing_keys",
        TAG,
        "List the public keys that signed for a desk",
        proof_serializers.KeyOut,
        proof_serializers.KEY,
        about="The latest first. Whoever checks a download holds them against what the newsroom publishes.",
        query=None,
        refuses=(404,),
    )
    def get(self, request: Request, desk_id: int) -> Response:
        """List them."""
        check_can(self.person, Action.READ, desk_id)
        return many(proof_serializers.KeyOut, signing_keys(desk_id))


def _shut(response: HttpResponseBase) -> HttpResponseBase:
    for name, value in _SHUT.items():
        response[name] = value
    return response


urlpatterns: list[URLPattern] = [
    path("captures/<int:capture_id>/", OneCapture.as_view()),
    path("captures/<int:capture_id>/text/", Text.as_view()),
    path("captures/<int:capture_id>/proof/", Proof.as_view()),
    path("captures/<int:capture_id>/payload/", Payload.as_view()),
    path("captures/<int:capture_id>/wacz/", Wacz.as_view()),
    path("desks/<int:desk_id>/signing-keys/", Keys.as_view()),
]
