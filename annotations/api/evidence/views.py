"""Evidence of a claim: attached, edited, withdrawn and restored, and the passage relied on."""

from typing import Any

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.actions import REFUSES, Resource, ResourceAction
from annotations.api.endpoint import Endpoint, PageQuery, many, paging, single
from annotations.api.evidence import serializers
from annotations.api.idempotency import creation
from annotations.api.leases import LeaseIn
from annotations.api.operations import listing, operation, page_example, page_of
from annotations.api.parsing import BoundedFormParser
from annotations.models import Claim
from annotations.queries.evidence.attached import evidence_for, evidence_view, evidence_views
from annotations.queries.evidence.passage_text import places_page
from annotations.visibility import check_visible
from annotations.workflow.evidence.attach import attach_addresses, attach_file
from annotations.workflow.evidence.edit import (
    edit_evidence,
    rely_on_passage,
    restore_evidence,
    withdraw_evidence,
)


class ClaimEvidence(Endpoint):
    """The sources of a claim."""

    throttle_scope = "loading"

    @listing(
        "list_evidence",
        "evidence",
        "List the sources of a claim",
        serializers.EvidenceOut,
        serializers.EVIDENCE,
        query=serializers.EvidenceQuery,
        refuses=(404,),
    )
    def get(self, request: Request, claim_id: int) -> Response:
        """List them in the order in which they were attached."""
        asked = self.query(serializers.EvidenceQuery)
        check_visible(self.person, Claim, claim_id)
        return many(serializers.EvidenceOut, evidence_views(claim_id, withdrawn=asked["withdrawn"]))

    @operation(
        "attach_addresses",
        "evidence",
        "Attach web pages to a claim",
        about="All are attached or none. Pages not kept yet are fetched in the background.",
        body=serializers.NewEvidence,
        body_example={
            "addresses": ["https://hospital.example/communique"],
            "stance": "supports",
            "passage": "69 heridos",
        },
        response=page_of(serializers.EvidenceOut),
        response_example=page_example(serializers.EVIDENCE),
        refuses=REFUSES,
        creates=True,
    )
    @creation
    def post(self, request: Request, claim_id: int) -> Response:
        """Attach them."""
        made = attach_addresses(claim_id=claim_id, by=self.person, **self.body(serializers.NewEvidence))
        new = {evidence.pk for evidence in made}
        views = [view for view in evidence_views(claim_id) if view.evidence.pk in new]
        response = many(serializers.EvidenceOut, views)
        response.status_code = 201
        return response


class ClaimEvidenceByFile(Endpoint):
    """Sources of a claim as files."""

    throttle_scope = "loading"
    parser_classes = (BoundedFormParser,)

    @operation(
        "attach_file",
        "evidence",
        "Attach a file to a claim",
        about="A text, an HTML page, a PDF, a Word file or an image, at most 20 MB.",
        body=serializers.NewEvidenceFile,
        body_example={"file": "communique.pdf", "stance": "supports"},
        form=True,
        response=serializers.EvidenceOut,
        response_example=serializers.EVIDENCE,
        refuses=REFUSES,
        creates=True,
    )
    @creation
    def post(self, request: Request, claim_id: int) -> Response:
        """Attach it."""
        given = self.body(serializers.NewEvidenceFile)
        file = given.pop("file")
        evidence = attach_file(
            claim_id=claim_id, filename=file.name or "", content=file.read(), by=self.person, **given
        )
        return _evidence(evidence.pk, status=201)


class OneEvidence(Endpoint):
    """A source of a claim."""

    @operation(
        "get_evidence",
        "evidence",
        "Show a source of a claim",
        response=serializers.EvidenceOut,
        response_example=serializers.EVIDENCE,
        refuses=(404,),
        versioned=True,
    )
    def get(self, request: Request, evidence_id: int) -> Response:
        """Show it."""
        evidence_for(self.person, evidence_id)
        return _evidence(evidence_id)

    @operation(
        "edit_evidence",
        "evidence",
        "Change what a source does for its claim",
        about="What is left out stays. Whoever edits it becomes one of its authors.",
        body=serializers.EvidenceChange,
        body_example={"stance": "refutes", "passage": "69 heridos"},
        response=serializers.EvidenceOut,
        response_example={**serializers.EVIDENCE, "stance": "refutes", "version": 2},
        refuses=REFUSES,
        edits=True,
    )
    def patch(self, request: Request, evidence_id: int) -> Response:
        """Change it."""
        version = self.version_read()
        given = self.body(serializers.EvidenceChange, partial=True)
        evidence = evidence_for(self.person, evidence_id)
        words = {name: given.get(name, getattr(evidence, name)) for name in ("stance", "passage", "note")}
        lease_token = given.get("lease_token")
        edit_evidence(evidence_id, version=version, by=self.person, lease_token=lease_token, **words)
        return _evidence(evidence_id)


class Passage(Endpoint):
    """The passage relied on in a source."""

    @operation(
        "choose_passage",
        "evidence",
        "Rely on a passage of a capture",
        about="The source is pinned to that capture. Either `start` and `end` name the place, or the words "
        "are looked up; where they stand more than once the refusal lists the places: send one's start as "
        "`place`. Whoever chooses becomes one of the authors.",
        body=serializers.PassageChoice,
        body_example={"capture": 81, "words": "69 heridos", "start": 11, "end": 21},
        response=serializers.EvidenceOut,
        response_example=serializers.EVIDENCE,
        refuses=REFUSES,
        edits=True,
    )
    def put(self, request: Request, evidence_id: int) -> Response:
        """Choose it."""
        version = self.version_read()
        given = self.body(serializers.PassageChoice)
        capture_id = given.pop("capture")
        rely_on_passage(evidence_id, capture_id=capture_id, version=version, by=self.person, **given)
        return _evidence(evidence_id)


class Places(Endpoint):
    """Where the passage stood later."""

    @listing(
        "list_passage_places",
        "evidence",
        "List where a passage stood in later captures",
        serializers.PlaceOut,
        serializers.PLACE,
        about="Newest first: found, moved, changed or gone.",
    )
    def get(self, request: Request, evidence_id: int) -> Response:
        """List them."""
        asked = self.query(PageQuery)
        return self.page(serializers.PlaceOut, places_page(self.person, evidence_id, **paging(asked)))


def _evidence(evidence_id: int, **options: Any) -> Response:
    view = evidence_view(evidence_id)
    return single(serializers.EvidenceOut, view, version=view.evidence.version, **options)


_EVIDENCE = Resource(
    "evidence/<int:evidence_id>/",
    serializers.EvidenceOut,
    serializers.EVIDENCE,
    lambda endpoint, evidence_id, done: _evidence(evidence_id),
)
_EVIDENCE_ACTIONS = {
    "withdraw": ResourceAction(
        "withdraw_evidence",
        "evidence",
        "Take a source off its claim",
        withdraw_evidence,
        about="It stays readable and can be restored.",
        body=LeaseIn,
        body_example={},
    ),
    "restore": ResourceAction(
        "restore_evidence",
        "evidence",
        "Take a withdrawn source back in",
        restore_evidence,
        body=LeaseIn,
        body_example={},
    ),
}

urlpatterns: list[URLPattern] = [
    path("claims/<int:claim_id>/evidence/", ClaimEvidence.as_view()),
    path("claims/<int:claim_id>/evidence/by-file/", ClaimEvidenceByFile.as_view()),
    path(_EVIDENCE.address, OneEvidence.as_view()),
    *_EVIDENCE.paths(_EVIDENCE_ACTIONS),
    path(_EVIDENCE.address + "passage/", Passage.as_view()),
    path(_EVIDENCE.address + "places/", Places.as_view()),
]
