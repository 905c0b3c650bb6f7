"""Articles: listed, loaded, described and revised."""

from typing import Any

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.actions import REFUSES, Resource, ResourceAction
from annotations.api.activity import ACTIVITY, ActivityOut
from annotations.api.documents import serializers
from annotations.api.endpoint import Endpoint, OptionalDeskQuery, PageQuery, paging, single
from annotations.api.idempotency import creation
from annotations.api.operations import listing, operation
from annotations.api.parsing import BoundedFormParser
from annotations.models import Document
from annotations.queries.activity import activity_of_document
from annotations.queries.documents import document_for, documents_page, version_for, versions_page
from annotations.visibility import check_visible, get_membership
from annotations.workflow.documents.load import load_address, load_file, load_text, retry_loading
from annotations.workflow.documents.particulars import About
from annotations.workflow.documents.revise import add_version, edit_document

TAG = "documents"
_PARTICULARS = ("title", "url", "outlet", "author", "published_on", "language")


def _about(given: dict[str, Any]) -> About:
    return About(**{name: given[name] for name in _PARTICULARS})


class Documents(Endpoint):
    """The articles of the person's desks."""

    throttle_scope = "loading"

    @listing(
        "list_documents",
        TAG,
        "List articles",
        serializers.DocumentRow,
        serializers.DOCUMENT_ROW,
        about="Newest first, without their text.",
        query=OptionalDeskQuery,
    )
    def get(self, request: Request) -> Response:
        """List them."""
        asked = self.query(OptionalDeskQuery)
        if "desk" in asked:
            self.check_desk(asked["desk"])
        page = documents_page(
            self.person,
            desk_id=asked.get("desk"),
            **paging(asked),
        )
        return self.page(serializers.DocumentRow, page)

    @operation(
        "load_text",
        TAG,
        "Load an article as text",
        about="Stores it as an immutable version and proposes claims from it.",
        body=serializers.NewText,
        body_example={
            "desk": 3,
            "title": "Onrust in Caracas",
            "text": serializers.TEXT,
            "published_on": "2019-04-30",
        },
        response=serializers.DocumentWhole,
        response_example=serializers.DOCUMENT,
        refuses=REFUSES,
        creates=True,
    )
    @creation
    def post(self, request: Request) -> Response:
        """Load it."""
        given = self.body(serializers.NewText)
        desk = get_membership(self.person, given.pop("desk")).desk
        document = load_text(
            desk=desk, by=self.person, text=given["text"], about=_about(given), propose=given["propose"]
        )
        return _created(self, document)


class DocumentsByAddress(Endpoint):
    """Articles by their address."""

    throttle_scope = "loading"

    @operation(
        "load_address",
        TAG,
        "Load an article by its address",
        about="Answers at once with `loading`; the page is fetched in the background. "
        "Read it again until it is `ready` or `failed`.",
        body=serializers.NewAddress,
        body_example={"desk": 3, "url": "https://krant.example/onrust"},
        response=serializers.DocumentWhole,
        response_example=serializers.LOADING,
        status=202,
        refuses=REFUSES,
        creates=True,
    )
    @creation
    def post(self, request: Request) -> Response:
        """Order the fetch of it."""
        given = self.body(serializers.NewAddress)
        desk = get_membership(self.person, given.pop("desk")).desk
        document = load_address(desk=desk, by=self.person, url=given["url"], about=_about(given))
        return _created(self, document, status=202)


class DocumentsByFile(Endpoint):
    """Articles as files."""

    throttle_scope = "loading"
    parser_classes = (BoundedFormParser,)

    @operation(
        "load_file",
        TAG,
        "Load an article as a file",
        about="`.txt`, `.html`, `.docx` or `.pdf`, at most 20 MB. What you say goes before what it says.",
        body=serializers.NewFile,
        body_example={"desk": 3, "file": "onrust.docx", "language": "nl"},
        form=True,
        response=serializers.DocumentWhole,
        response_example=serializers.DOCUMENT,
        refuses=REFUSES,
        creates=True,
    )
    @creation
    def post(self, request: Request) -> Response:
        """Load it."""
        given = self.body(serializers.NewFile)
        desk = get_membership(self.person, given.pop("desk")).desk
        file = given.pop("file")
        document = load_file(
            desk=desk,
            by=self.person,
            filename=file.name or "",
            content=file.read(),
            declared_type=file.content_type or "",
            about=_about(given),
            propose=given["propose"],
        )
        return _created(self, document)


class OneDocument(Endpoint):
    """An article."""

    @operation(
        "get_document",
        TAG,
        "Show an article with its text",
        query=serializers.VersionQuery,
        response=serializers.DocumentWhole,
        response_example=serializers.DOCUMENT,
        refuses=(404,),
        versioned=True,
    )
    def get(self, request: Request, document_id: int) -> Response:
        """Show it."""
        return _whole(self, document_id, number=self.query(serializers.VersionQuery).get("version"))

    @operation(
        "edit_document",
        TAG,
        "Correct the particulars of an article",
        about="What is left out stays. Its text and claims stay in any case.",
        body=serializers.DocumentChange,
        body_example={"outlet": "De Krant", "published_on": "2019-04-30"},
        response=serializers.DocumentWhole,
        response_example=serializers.DOCUMENT,
        refuses=(403, 404, 422),
        edits=True,
    )
    def patch(self, request: Request, document_id: int) -> Response:
        """Correct them."""
        version = self.version_read()
        given = self.body(serializers.DocumentChange, partial=True)
        document = document_for(self.person, document_id)
        about = About(**{name: given.get(name, getattr(document, name)) for name in _PARTICULARS})
        edit_document(document_id, version=version, about=about, by=self.person)
        return _whole(self, document_id)


class DocumentVersions(Endpoint):
    """The versions of an article."""

    throttle_scope = "loading"

    @listing(
        "list_document_versions",
        TAG,
        "List the versions of an article",
        serializers.Version,
        serializers.VERSION,
        about="Newest first, without their texts.",
    )
    def get(self, request: Request, document_id: int) -> Response:
        """List them."""
        asked = self.query(PageQuery)
        return self.page(serializers.Version, versions_page(self.person, document_id, **paging(asked)))

    @operation(
        "add_document_version",
        TAG,
        "Add a newer text",
        about="Finds every claim again. What is not `exact` or `moved` then waits for a person to look.",
        body=serializers.NewVersion,
        body_example={"text": serializers.TEXT},
        response=serializers.RevisedOut,
        response_example={
            "version": {**serializers.VERSION, "id": 22, "number": 2},
            "anchors": {"exact": 11, "edited": 1},
        },
        refuses=REFUSES,
        creates=True,
    )
    @creation
    def post(self, request: Request, document_id: int) -> Response:
        """Add it."""
        revised = add_version(document_id, text=self.body(serializers.NewVersion)["text"], by=self.person)
        revised.version.refresh_from_db(fields=["created_at"])
        anchors = {state.value: number for state, number in revised.anchors.items()}
        return Response(
            serializers.RevisedOut({"version": revised.version, "anchors": anchors}).data, status=201
        )


class DocumentActivity(Endpoint):
    """The log of an article and its claims."""

    @listing(
        "list_document_activity",
        "activity",
        "Read the log of an article and its claims",
        ActivityOut,
        ACTIVITY,
    )
    def get(self, request: Request, document_id: int) -> Response:
        """List what happened, newest first."""
        asked = self.query(PageQuery)
        check_visible(self.person, Document, document_id)
        return self.page(ActivityOut, activity_of_document(self.person, document_id, **paging(asked)))


def _whole(endpoint: Endpoint, document_id: int, *, number: int | None = None, **options: Any) -> Response:
    document = document_for(endpoint.person, document_id)
    if number is not None:
        document.asked = version_for(document, number)  # type: ignore[attr-defined]
    return single(serializers.DocumentWhole, document, version=document.version, **options)


def _created(endpoint: Endpoint, document: Document, status: int = 201) -> Response:
    response = _whole(endpoint, document.pk, status=status)
    response["Location"] = endpoint.address_of("api_document", document.pk)
    return response


_ONE = Resource(
    "documents/<int:document_id>/",
    serializers.DocumentWhole,
    serializers.DOCUMENT,
    lambda endpoint, document_id, done: _whole(endpoint, document_id),
)
_ACTIONS = {
    "retry": ResourceAction(
        "retry_loading",
        TAG,
        "Load an article again whose loading failed",
        retry_loading,
        changes={"loading_state": "loading", "current": None},
        status=202,
    ),
}

urlpatterns: list[URLPattern] = [
    path("documents/", Documents.as_view()),
    path("documents/by-address/", DocumentsByAddress.as_view()),
    path("documents/by-file/", DocumentsByFile.as_view()),
    path(_ONE.address, OneDocument.as_view(), name="api_document"),
    path(_ONE.address + "versions/", DocumentVersions.as_view()),
    *_ONE.paths(_ACTIONS),
    path(_ONE.address + "activity/", DocumentActivity.as_view()),
]
