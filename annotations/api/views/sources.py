"""Sources: references, their fetches, and the evidence they give."""

from typing import Any

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.deeds import REFUSES, Deed, Subject
from annotations.api.endpoint import Endpoint, many, paging, single
from annotations.api.idempotency import creation
from annotations.api.operations import listing, operation, page_example, page_of
from annotations.api.parsing import BoundedFormParser
from annotations.api.shapes import sources as shapes
from annotations.api.shapes.work import LeaseIn
from annotations.models import Claim
from annotations.queries.records import check_readable, check_reads, evidence_for
from annotations.queries.references import reference_for, references_of_desk, source_of, sources_of
from annotations.workflow.evidence_editing import edit_evidence, restore_evidence, withdraw_evidence
from annotations.workflow.fetch_asking import cancel_fetch, retry_fetch
from annotations.workflow.referencing import attach_addresses, attach_file


class ClaimEvidence(Endpoint):
    """The sources of a claim."""

    throttle_scope = "loading"

    @listing(
        "list_evidence",
        "evidence",
        "List the sources of a claim",
        shapes.EvidenceOut,
        shapes.EVIDENCE,
        query=shapes.EvidenceQuery,
        refuses=(404,),
    )
    def get(self, request: Request, claim_id: int) -> Response:
        """List them in the order in which they were attached."""
        asked = self.query(shapes.EvidenceQuery)
        check_readable(self.person, Claim, claim_id)
        return many(shapes.EvidenceOut, sources_of(claim_id, withdrawn=asked["withdrawn"]))

    @operation(
        "attach_addresses",
        "evidence",
        "Attach web pages to a claim",
        about="All are attached or none. Pages not kept yet are fetched in the background.",
        body=shapes.NewSources,
        sends={
            "addresses": ["https://hospital.example/communique"],
            "stance": "supports",
            "passage": "69 heridos",
        },
        answer=page_of(shapes.EvidenceOut),
        gives=page_example(shapes.EVIDENCE),
        refuses=REFUSES,
        creates=True,
    )
    @creation
    def post(self, request: Request, claim_id: int) -> Response:
        """Attach them."""
        made = attach_addresses(claim_id=claim_id, by=self.person, **self.body(shapes.NewSources))
        new = {evidence.pk for evidence in made}
        views = [view for view in sources_of(claim_id) if view.evidence.pk in new]
        response = many(shapes.EvidenceOut, views)
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
        body=shapes.NewSourceFile,
        sends={"file": "communique.pdf", "stance": "supports"},
        form=True,
        answer=shapes.EvidenceOut,
        gives=shapes.EVIDENCE,
        refuses=REFUSES,
        creates=True,
    )
    @creation
    def post(self, request: Request, claim_id: int) -> Response:
        """Attach it."""
        given = self.body(shapes.NewSourceFile)
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
        answer=shapes.EvidenceOut,
        gives=shapes.EVIDENCE,
        refuses=(404,),
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
        body=shapes.EvidenceChange,
        sends={"stance": "refutes", "passage": "69 heridos"},
        answer=shapes.EvidenceOut,
        gives={**shapes.EVIDENCE, "stance": "refutes", "version": 2},
        refuses=REFUSES,
        edits=True,
    )
    def patch(self, request: Request, evidence_id: int) -> Response:
        """Change it."""
        version = self.version_read()
        given = self.body(shapes.EvidenceChange, partial=True)
        evidence = evidence_for(self.person, evidence_id)
        words = {name: given.get(name, getattr(evidence, name)) for name in ("stance", "passage", "note")}
        lease_token = given.get("lease_token")
        edit_evidence(evidence_id, version=version, by=self.person, lease_token=lease_token, **words)
        return _evidence(evidence_id)


class References(Endpoint):
    """The references of a desk."""

    @listing(
        "list_references",
        "references",
        "List the references of a desk",
        shapes.ReferenceListRow,
        {**shapes.REFERENCE, "use_count": 2},
        about="Newest first, one a canonical address, with the number of claims each is used on.",
        query=shapes.ReferenceQuery,
    )
    def get(self, request: Request) -> Response:
        """List them."""
        asked = self.query(shapes.ReferenceQuery)
        check_reads(self.person, asked["desk"])
        page = references_of_desk(
            asked["desk"],
            state=asked.get("state", ""),
            **paging(asked),
        )
        return self.page(shapes.ReferenceListRow, page)


class OneReference(Endpoint):
    """A reference."""

    @operation(
        "get_reference",
        "references",
        "Show a reference with its newest capture",
        answer=shapes.ReferenceWhole,
        gives=shapes.REFERENCE_WHOLE,
        refuses=(404,),
    )
    def get(self, request: Request, reference_id: int) -> Response:
        """Show it."""
        return _reference(self, reference_id)


def _evidence(evidence_id: int, **answer: Any) -> Response:
    view = source_of(evidence_id)
    return single(shapes.EvidenceOut, view, version=view.evidence.version, **answer)


def _reference(endpoint: Endpoint, reference_id: int) -> Response:
    return Response(shapes.ReferenceWhole(reference_for(endpoint.person, reference_id)).data)


_EVIDENCE = Subject(
    "evidence/<int:evidence_id>/",
    shapes.EvidenceOut,
    shapes.EVIDENCE,
    lambda endpoint, evidence_id, done: _evidence(evidence_id),
)
_EVIDENCE_DEEDS = {
    "withdraw": Deed(
        "withdraw_evidence",
        "evidence",
        "Take a source off its claim",
        withdraw_evidence,
        about="It stays readable and can be restored.",
        body=LeaseIn,
        sends={},
    ),
    "restore": Deed(
        "restore_evidence",
        "evidence",
        "Take a withdrawn source back in",
        restore_evidence,
        body=LeaseIn,
        sends={},
    ),
}
_REFERENCE = Subject(
    "references/<int:reference_id>/",
    shapes.ReferenceWhole,
    shapes.REFERENCE_WHOLE,
    lambda endpoint, reference_id, done: _reference(endpoint, reference_id),
)
_REFERENCE_DEEDS = {
    "retry": Deed(
        "retry_fetch",
        "references",
        "Fetch a page again now",
        retry_fetch,
        about="What was kept stays.",
        status=202,
        refuses=(403, 404, 409),
    ),
    "cancel": Deed(
        "cancel_fetch", "references", "Call off the fetch of a page", cancel_fetch, refuses=(403, 404, 409)
    ),
}

urlpatterns: list[URLPattern] = [
    path("claims/<int:claim_id>/evidence/", ClaimEvidence.as_view()),
    path("claims/<int:claim_id>/evidence/by-file/", ClaimEvidenceByFile.as_view()),
    path(_EVIDENCE.address, OneEvidence.as_view()),
    *_EVIDENCE.paths(_EVIDENCE_DEEDS),
    path("references/", References.as_view()),
    path(_REFERENCE.address, OneReference.as_view()),
    *_REFERENCE.paths(_REFERENCE_DEEDS),
]
