"""Captures: what was kept of a page at one moment, what proves it, and the files themselves."""

from django.http import HttpResponseBase
from django.urls import URLPattern, path
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.captures import serializers
from annotations.api.endpoint import Endpoint, many
from annotations.api.negotiation import AcceptIgnored
from annotations.api.operations import listing, operation
from annotations.api.proof import serializers as proof_serializers
from annotations.downloads import capture_payload, capture_wacz
from annotations.queries.captures.pages import capture_page
from annotations.queries.proof.links import links_of
from annotations.queries.proof.totals import signing_keys
from annotations.workflow.proof.download import capture_for

TAG = "captures"


class OneCapture(Endpoint):
    """A capture."""

    @operation(
        "get_capture",
        TAG,
        "Show a capture with its proof",
        about="Hashes, the way to the page, the link in the desk's chain, time stamps and what other "
        "archives say.",
        response=serializers.CaptureOut,
        response_example=serializers.CAPTURE,
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
        response=serializers.TextOut,
        response_example=serializers.TEXT,
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

    content_negotiation_class = AcceptIgnored

    @operation(
        "download_capture",
        TAG,
        "Download the kept bytes of a capture",
        about="As they came from the site, to be saved and not to be shown: others wrote them.",
        response=OpenApiTypes.BINARY,
        response_example="<!doctype html><title>Communiqué of 30 April</title>",
        media="application/octet-stream",
        refuses=(404, 409),
    )
    def get(self, request: Request, capture_id: int) -> HttpResponseBase:
        """Stream them."""
        return capture_payload(capture_id, user=self.person)


class Wacz(Endpoint):
    """A capture with its proof as a file."""

    content_negotiation_class = AcceptIgnored

    @operation(
        "download_capture_wacz",
        TAG,
        "Download a capture with all that proves it",
        about="As WACZ, with the program that checks it. 409 until the capture is signed.",
        response=OpenApiTypes.BINARY,
        response_example="PK…",
        media="application/wacz",
        refuses=(404, 409),
    )
    def get(self, request: Request, capture_id: int) -> HttpResponseBase:
        """Hand it out."""
        return capture_wacz(capture_id, user=self.person)


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
        self.check_desk(desk_id)
        return many(proof_serializers.KeyOut, signing_keys(desk_id))


urlpatterns: list[URLPattern] = [
    path("captures/<int:capture_id>/", OneCapture.as_view()),
    path("captures/<int:capture_id>/text/", Text.as_view()),
    path("captures/<int:capture_id>/proof/", Proof.as_view()),
    path("captures/<int:capture_id>/payload/", Payload.as_view()),
    path("captures/<int:capture_id>/wacz/", Wacz.as_view()),
    path("desks/<int:desk_id>/signing-keys/", Keys.as_view()),
]
