"""References of a desk: listed, fetched again, watched, and uploaded where a site lets no program in."""

from typing import Any

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.actions import Resource, ResourceAction
from annotations.api.captures.serializers import (
    CAPTURE,
    CAPTURE_ROW,
    TWO,
    CaptureOut,
    CaptureRow,
    TwoOut,
    TwoQuery,
)
from annotations.api.endpoint import DeskQuery, Endpoint, PageQuery, paging
from annotations.api.idempotency import creation
from annotations.api.operations import listing, operation
from annotations.api.parsing import BoundedFormParser
from annotations.api.references import serializers
from annotations.domain.fetches.states import FetchState
from annotations.domain.fetches.watch import PageStatus
from annotations.queries.captures.pages import capture_page, two_captures
from annotations.queries.captures.time_line import captures_page, checks_page
from annotations.queries.references.lists import Part, ReferenceFilter, references_page, sites_of
from annotations.queries.references.page import reference_record
from annotations.workflow.evidence.upload import upload_capture
from annotations.workflow.fetches.request import cancel_fetch, order_unverified, retry_fetch, retry_fetches

TAG = "references"


class References(Endpoint):
    """The references of a desk."""

    @listing(
        "list_references",
        TAG,
        "List the references of a desk",
        serializers.ReferenceListRow,
        serializers.REFERENCE_LISTED,
        about="Newest first, one a canonical address, with the number of claims each is used on and what "
        "the watch over it says.",
        query=serializers.ReferenceQuery,
    )
    def get(self, request: Request) -> Response:
        """List them."""
        asked = self.query(serializers.ReferenceQuery)
        self.check_desk(asked["desk"])
        page = references_page(asked["desk"], _chosen(asked), **paging(asked))
        return self.page(serializers.ReferenceListRow, page)


class Sites(Endpoint):
    """The sites of a desk's references."""

    @listing(
        "list_sites",
        TAG,
        "List the sites of a desk's references",
        serializers.SiteOut,
        serializers.SITE,
        about="By name: what fails and waits there, and how long a site is left alone.",
        query=DeskQuery,
    )
    def get(self, request: Request) -> Response:
        """List them."""
        asked = self.query(DeskQuery)
        self.check_desk(asked["desk"])
        return self.page(serializers.SiteOut, sites_of(asked["desk"], **paging(asked)))


class RetryMany(Endpoint):
    """Many fetches again."""

    throttle_scope = "loading"

    @operation(
        "retry_fetches",
        TAG,
        "Fetch many pages again now",
        about="What failed, was cancelled or waits for its next try on a desk, or what of it is named. "
        "The rest is passed over and counted.",
        body=serializers.Retry,
        body_example={"desk": 3, "host": "hospital.example", "state": "failed"},
        response=serializers.Retried,
        response_example={"count": 4, "passed_over": 0},
        status=202,
        refuses=(403, 404),
    )
    def post(self, request: Request) -> Response:
        """Do it."""
        given = self.body(serializers.Retry)
        state = given.get("state")
        retried = retry_fetches(
            given["desk"],
            by=self.person,
            reference_ids=given.get("references"),
            host=given["host"],
            state=FetchState(state) if state else None,
        )
        return Response(serializers.Retried(retried).data, status=202)


class OneReference(Endpoint):
    """A reference."""

    @operation(
        "get_reference",
        TAG,
        "Show a reference with its newest capture",
        about="And what the watch over it says while a verdict leans on it.",
        response=serializers.ReferenceWhole,
        response_example=serializers.REFERENCE_WHOLE,
        refuses=(404,),
    )
    def get(self, request: Request, reference_id: int) -> Response:
        """Show it."""
        return _reference(self, reference_id)


class Captures(Endpoint):
    """The captures of a reference."""

    @listing(
        "list_captures",
        "captures",
        "List the captures of a reference",
        CaptureRow,
        CAPTURE_ROW,
        about="Newest first, without their texts.",
    )
    def get(self, request: Request, reference_id: int) -> Response:
        """List them."""
        asked = self.query(PageQuery)
        return self.page(CaptureRow, captures_page(self.person, reference_id, **paging(asked)))


class Upload(Endpoint):
    """What a person sees at an address."""

    throttle_scope = "loading"
    parser_classes = (BoundedFormParser,)

    @operation(
        "upload_capture",
        "captures",
        "Upload what you see at an address",
        about="For pages that let no programs in: a text, an HTML page, a PDF, a Word file or an image, at "
        "most 20 MB. The capture says for good who uploaded it.",
        body=serializers.SeenFile,
        body_example={"file": "communique.pdf"},
        form=True,
        response=CaptureOut,
        response_example=CAPTURE,
        refuses=(403, 404),
        creates=True,
    )
    @creation
    def post(self, request: Request, reference_id: int) -> Response:
        """Keep it."""
        file = self.body(serializers.SeenFile)["file"]
        made = upload_capture(reference_id, filename=file.name or "", content=file.read(), by=self.person)
        return Response(CaptureOut(capture_page(self.person, made.pk)).data, status=201)


class Differences(Endpoint):
    """Two captures of a reference."""

    @operation(
        "compare_captures",
        "captures",
        "Compare two captures of a reference",
        about="Paragraph by paragraph, the earlier capture first whichever is named first.",
        query=TwoQuery,
        response=TwoOut,
        response_example=TWO,
        refuses=(404,),
    )
    def get(self, request: Request, reference_id: int) -> Response:
        """Compare them."""
        asked = self.query(TwoQuery)
        found = two_captures(self.person, reference_id, asked.get("one"), asked.get("other"))
        return Response(TwoOut(found).data)


class Looks(Endpoint):
    """The looks of the watch."""

    @listing(
        "list_looks",
        TAG,
        "List the looks of the watch at a page",
        serializers.LookOut,
        serializers.LOOK,
        about="Newest first, those that changed nothing too.",
    )
    def get(self, request: Request, reference_id: int) -> Response:
        """List them."""
        asked = self.query(PageQuery)
        return self.page(serializers.LookOut, checks_page(self.person, reference_id, **paging(asked)))


def _chosen(asked: dict[str, Any]) -> ReferenceFilter:
    state, page_status = asked.get("state"), asked.get("watch")
    return ReferenceFilter(
        part=Part(asked["part"]),
        host=asked["host"].lower(),
        words=asked["words"],
        state=FetchState(state) if state else None,
        page_status=PageStatus(page_status) if page_status else None,
    )


def _reference(endpoint: Endpoint, reference_id: int) -> Response:
    return Response(serializers.ReferenceWhole(reference_record(endpoint.person, reference_id)).data)


_REFERENCE = Resource(
    "references/<int:reference_id>/",
    serializers.ReferenceWhole,
    serializers.REFERENCE_WHOLE,
    lambda endpoint, reference_id, done: _reference(endpoint, reference_id),
)
_REFUSES = (403, 404, 409)
_ACTIONS = {
    "retry": ResourceAction(
        "retry_fetch",
        TAG,
        "Fetch a page again now",
        retry_fetch,
        about="What was kept stays.",
        status=202,
        refuses=_REFUSES,
    ),
    "cancel": ResourceAction(
        "cancel_fetch", TAG, "Cancel the fetch of a page", cancel_fetch, refuses=_REFUSES
    ),
    "fetch-unverified": ResourceAction(
        "fetch_unverified",
        TAG,
        "Fetch a page once in spite of its certificate",
        order_unverified,
        about="Only after a fetch that failed because of it. What is kept is marked for good.",
        status=202,
        refuses=_REFUSES,
    ),
}

urlpatterns: list[URLPattern] = [
    path("references/", References.as_view()),
    path("references/retry/", RetryMany.as_view()),
    path("references/sites/", Sites.as_view()),
    path(_REFERENCE.address, OneReference.as_view()),
    path(_REFERENCE.address + "captures/", Captures.as_view()),
    path(_REFERENCE.address + "upload/", Upload.as_view()),
    path(_REFERENCE.address + "differences/", Differences.as_view()),
    path(_REFERENCE.address + "looks/", Looks.as_view()),
    *_REFERENCE.paths(_ACTIONS),
]
