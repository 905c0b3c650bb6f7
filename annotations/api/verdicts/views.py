"""Verdicts, drafts and the second person's decision."""

from typing import Any

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.actions import REFUSES, ResourceAction
from annotations.api.endpoint import DeskQuery, Endpoint, PageQuery, many, paging
from annotations.api.idempotency import creation
from annotations.api.operations import listing, operation
from annotations.api.person import ILSE
from annotations.api.verdicts import serializers
from annotations.models import Claim
from annotations.queries.changed_words import changed_claims_of_desk, changed_page
from annotations.queries.verdicts import draft_for, rating_named, record_for, reviews_of, verdicts_page
from annotations.visibility import check_visible
from annotations.workflow.verdicts.changed_words import keep_as_signed
from annotations.workflow.verdicts.give import (
    Draft,
    discard_draft,
    give_verdict,
    save_draft,
    submit_for_review,
)
from annotations.workflow.verdicts.review import approve, reopen, return_claim, withdraw_from_review

_DRAFT_SENT = {"rating": "mostly_true", "reasoning": "The hospital counted", "base_number": 0}


class Verdicts(Endpoint):
    """The verdicts of a claim."""

    @listing(
        "list_verdicts",
        "verdicts",
        "List the verdicts of a claim",
        serializers.VerdictOut,
        serializers.VERDICT,
        about="Newest first; the first is the one in force.",
    )
    def get(self, request: Request, claim_id: int) -> Response:
        """List them."""
        asked = self.query(PageQuery)
        return self.page(serializers.VerdictOut, verdicts_page(self.person, claim_id, **paging(asked)))

    @operation(
        "give_verdict",
        "verdicts",
        "Give a verdict",
        about="It replaces the one in force and says why. `base_number` is the number of the verdict "
        "you saw; someone else's newer one is answered with 412 and its text. Your draft is discarded. What "
        "is refused is kept as your draft where somebody else was faster (409, 412), or where you had none.",
        body=serializers.NewVerdict,
        body_example={
            "base_number": 0,
            "rating": "mostly_true",
            "reasoning": "The hospital counted 69 injured; the article's number is the first count.",
            "as_of": "2019-04-30",
            "submit": False,
        },
        response=serializers.VerdictOut,
        response_example=serializers.VERDICT,
        refuses=(*REFUSES, 412),
        creates=True,
    )
    @creation
    def post(self, request: Request, claim_id: int) -> Response:
        """Give it."""
        given = self.body(serializers.NewVerdict)
        verdict = give_verdict(
            claim_id,
            draft=_draft(self, claim_id, given),
            base_number=given["base_number"],
            by=self.person,
            lease_token=given["lease_token"],
            submit=given["submit"],
        )
        verdict.refresh_from_db(fields=["created_at"])
        return Response(serializers.VerdictOut(verdict).data, status=201)


class OwnDraft(Endpoint):
    """The person's own draft on a claim."""

    @operation(
        "get_draft",
        "verdicts",
        "Show your draft",
        response=serializers.DraftOut,
        response_example=serializers.DRAFT,
        refuses=(404,),
    )
    def get(self, request: Request, claim_id: int) -> Response:
        """Show it."""
        return Response(serializers.DraftOut(draft_for(self.person, claim_id)).data)

    @operation(
        "save_draft",
        "verdicts",
        "Keep what you have typed",
        about="Replaces your earlier draft on this claim. Nobody else sees it.",
        body=serializers.DraftIn,
        body_example=_DRAFT_SENT,
        response=serializers.DraftOut,
        response_example=serializers.DRAFT,
        refuses=(403, 404, 422),
    )
    def put(self, request: Request, claim_id: int) -> Response:
        """Keep it."""
        given = self.body(serializers.DraftIn)
        draft = _draft(self, claim_id, given)
        save_draft(claim_id, draft=draft, base_number=given["base_number"], by=self.person)
        return Response(serializers.DraftOut(draft_for(self.person, claim_id)).data)

    @operation("discard_draft", "verdicts", "Throw your draft away", status=204, refuses=(404,))
    def delete(self, request: Request, claim_id: int) -> Response:
        """Throw it away; without one nothing happens."""
        check_visible(self.person, Claim, claim_id)
        discard_draft(claim_id, by=self.person)
        return Response(status=204)


class RecordInForce(Endpoint):
    """The record of a claim that is in force."""

    @operation(
        "get_record",
        "reviews",
        "Show what a reviewer decides on",
        about="Made when the claim is submitted, and kept. 404 unless the claim is in review or verified.",
        response=serializers.RecordOut,
        response_example=serializers.RECORD,
        refuses=(404,),
    )
    def get(self, request: Request, claim_id: int) -> Response:
        """Show it."""
        return Response(serializers.RecordOut(record_for(self.person, claim_id)).data)


class Reviews(Endpoint):
    """The decisions on a claim."""

    @listing(
        "list_reviews",
        "reviews",
        "List the decisions on a claim",
        serializers.ReviewOut,
        serializers.REVIEW,
        refuses=(404,),
        query=None,
    )
    def get(self, request: Request, claim_id: int) -> Response:
        """List them, oldest first."""
        check_visible(self.person, Claim, claim_id)
        return many(serializers.ReviewOut, reviews_of(claim_id))


class ChangedClaims(Endpoint):
    """The signed claims of a desk whose words changed."""

    @listing(
        "list_changed_words",
        "reviews",
        "List the submitted claims whose words changed",
        serializers.ChangedRowOut,
        serializers.CHANGED_ROW,
        about="Claims in review or verified whose article has a newer version with other words there, the "
        "latest change first.",
        query=DeskQuery,
    )
    def get(self, request: Request) -> Response:
        """List them."""
        asked = self.query(DeskQuery)
        self.check_desk(asked["desk"])
        page = changed_claims_of_desk(self.person, asked["desk"], **paging(asked))
        return self.page(serializers.ChangedRowOut, page)


class ChangedWords(Endpoint):
    """The words of a signed claim, as signed and as they are now."""

    @operation(
        "get_changed_words",
        "reviews",
        "Show how the words of a submitted claim changed",
        about="404 where they did not.",
        response=serializers.ChangedOut,
        response_example=serializers.CHANGED,
        refuses=(404,),
    )
    def get(self, request: Request, claim_id: int) -> Response:
        """Show it."""
        return Response(serializers.ChangedOut(changed_page(self.person, claim_id)).data)


def _draft(endpoint: Endpoint, claim_id: int, given: dict[str, Any]) -> Draft:
    rating = rating_named(endpoint.person, claim_id, given["rating"]) if given["rating"] else None
    return Draft(
        rating_id=rating.pk if rating else None,
        reasoning=given["reasoning"],
        as_of=given["as_of"],
        reason_for_change=given["reason_for_change"],
    )


ACTIONS = {
    "submit": ResourceAction(
        "submit_claim",
        "verdicts",
        "Submit the verdict in force for review",
        submit_for_review,
        about="From then on statement, verdict and sources are locked.",
        body=serializers.SubmitIn,
        body_example={},
        changes={"state": "in_review", "moves": ["withdraw"]},
        refuses=(*REFUSES, 412),
    ),
    "approve": ResourceAction(
        "approve_claim",
        "reviews",
        "Approve another person's verdict",
        approve,
        about="Nobody approves a record in which their hand is. `record` is the hash of the one that you "
        "read; where another is in force, 412 says how it differs.",
        body=serializers.DecisionIn,
        body_example={"record": serializers.RECORD_SHA256, "note": ""},
        changes={"state": "verified", "verified_by": ILSE, "moves": []},
        refuses=(*REFUSES, 412),
    ),
    "return": ResourceAction(
        "return_claim",
        "reviews",
        "Return another person's verdict with a note",
        return_claim,
        body=serializers.DecisionIn,
        body_example={"record": serializers.RECORD_SHA256, "note": "Name the hospital."},
        changes={"state": "returned"},
        refuses=(*REFUSES, 412),
    ),
    "withdraw": ResourceAction(
        "withdraw_claim",
        "reviews",
        "Take a claim back from review",
        withdraw_from_review,
        refuses=(403, 404, 409),
    ),
    "reopen": ResourceAction(
        "reopen_claim",
        "reviews",
        "Reopen a verified claim",
        reopen,
        about="Reports already frozen keep what they said.",
        body=serializers.Reason,
        body_example={"reason": "The hospital corrected its count."},
    ),
    "keep-as-signed": ResourceAction(
        "keep_as_signed",
        "reviews",
        "Keep a claim as it was submitted although its article changed",
        keep_as_signed,
        about="By someone who might review it. A still newer version that changes the words asks again.",
        body=serializers.KeepIn,
        body_example={
            "record": serializers.RECORD_SHA256,
            "version": 2,
            "reason": "We checked the first count; the article says so below.",
        },
        changes={"state": "verified", "verified_by": ILSE, "moves": []},
        refuses=(*REFUSES, 412),
    ),
}

urlpatterns: list[URLPattern] = [
    path("claims/<int:claim_id>/verdicts/", Verdicts.as_view()),
    path("claims/<int:claim_id>/draft/", OwnDraft.as_view()),
    path("claims/<int:claim_id>/record/", RecordInForce.as_view()),
    path("claims/<int:claim_id>/reviews/", Reviews.as_view()),
    path("claims/<int:claim_id>/changed-words/", ChangedWords.as_view()),
    path("changed-words/", ChangedClaims.as_view()),
]
