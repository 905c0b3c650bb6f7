"""Claims: listed, made, shown, edited and anchored."""

from dataclasses import asdict
from typing import Any

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.actions import Resource
from annotations.api.activity import ACTIVITY, ActivityOut
from annotations.api.claims import input_serializers as inputs
from annotations.api.claims.serializers import CLAIM, CLAIM_ROW, ClaimListRow, ClaimWhole
from annotations.api.endpoint import Endpoint, PageQuery, paging, single
from annotations.api.idempotency import creation
from annotations.api.operations import listing, operation
from annotations.models import Claim
from annotations.queries.activity import activity_of_claim
from annotations.queries.claims.lists import claims_page
from annotations.queries.claims.record import claim_for, claim_record
from annotations.visibility import check_visible
from annotations.workflow.claims.edit import (
    EDITABLE,
    MAX_STATEMENT,
    Particulars,
    confirm_anchor,
    create_claim,
    create_claim_from_words,
    edit_claim,
)

TAG = "claims"


class Claims(Endpoint):
    """The claims of the person's desks."""

    @listing(
        "list_claims",
        TAG,
        "List claims",
        ClaimListRow,
        CLAIM_ROW,
        about="By priority, due date and age, narrowed as on the page of claims.",
        query=inputs.ClaimQuery,
    )
    def get(self, request: Request) -> Response:
        """List them."""
        asked = self.query(inputs.ClaimQuery)
        if "desk" in asked:
            self.check_desk(asked["desk"])
        page = claims_page(self.person, inputs.filter_of(asked), **paging(asked))
        return self.page(ClaimListRow, page)

    @operation(
        "create_claim",
        TAG,
        "Make a claim of a stretch of an article",
        about="Offsets are Unicode code points of the current version. Refused unless `exact` stands there.",
        body=inputs.NewClaim,
        body_example=inputs.NEW_CLAIM,
        response=ClaimWhole,
        response_example=CLAIM,
        refuses=(403, 404, 422),
        creates=True,
    )
    @creation
    def post(self, request: Request) -> Response:
        """Make it."""
        given = self.body(inputs.NewClaim)
        claim = create_claim(
            given["document"],
            start=given["start"],
            end=given["end"],
            exact=given["exact"],
            by=self.person,
            particulars=_particulars(given, given["exact"]),
            version_id=given.get("document_version"),
        )
        return _created(self, claim)


class ClaimsByWords(Endpoint):
    """Claims by their words."""

    @operation(
        "create_claim_by_words",
        TAG,
        "Make a claim of words that stand in an article",
        about="Where they stand more than once the refusal lists the places: send one's start as `place`.",
        body=inputs.NewClaimFromWords,
        body_example=inputs.NEW_FROM_WORDS,
        response=ClaimWhole,
        response_example=CLAIM,
        refuses=(403, 404, 422),
        creates=True,
    )
    @creation
    def post(self, request: Request) -> Response:
        """Make it."""
        given = self.body(inputs.NewClaimFromWords)
        claim = create_claim_from_words(
            given["document"],
            words=given["words"],
            by=self.person,
            place=given.get("place"),
            particulars=_particulars(given, given["words"]),
        )
        return _created(self, claim)


class OneClaim(Endpoint):
    """A claim."""

    @operation(
        "get_claim",
        TAG,
        "Show a claim",
        about="With its place in the article, its verdict in force, its sources and its reviews.",
        response=ClaimWhole,
        response_example=CLAIM,
        refuses=(404,),
        versioned=True,
    )
    def get(self, request: Request, claim_id: int) -> Response:
        """Show it."""
        return whole_claim(self, claim_id)

    @operation(
        "edit_claim",
        TAG,
        "Change the wording and particulars of a claim",
        about="What is left out stays. Possible while the claim is proposed, to be checked or returned.",
        body=inputs.ClaimEdit,
        body_example={"statement": "At least fifty injured people were brought in.", "said_on": "2019-04-30"},
        response=ClaimWhole,
        response_example=CLAIM,
        refuses=(403, 404, 409, 422),
        edits=True,
    )
    def patch(self, request: Request, claim_id: int) -> Response:
        """Change it."""
        version = self.version_read()
        given = self.body(inputs.ClaimEdit, partial=True)
        lease_token = given.pop("lease_token", None)
        claim = claim_for(self.person, claim_id)
        values = {name: given.get(name, getattr(claim, name)) for name in EDITABLE}
        particulars = Particulars(**{**values, "tags": tuple(values["tags"])})
        edit_claim(
            claim_id, version=version, particulars=particulars, by=self.person, lease_token=lease_token
        )
        return whole_claim(self, claim_id)


class ClaimAnchor(Endpoint):
    """Where a claim stands."""

    @operation(
        "confirm_anchor",
        TAG,
        "Say where a claim stands in the current version",
        about="For a claim whose words were edited, doubled or lost in a newer version of its article. "
        "One in review or verified keeps its words.",
        body=inputs.Place,
        body_example={"start": 10, "end": 50, "exact": "minstens vijftig gewonden binnengebracht"},
        response=ClaimWhole,
        response_example=CLAIM,
        refuses=(403, 404, 409, 422),
    )
    def put(self, request: Request, claim_id: int) -> Response:
        """Confirm it."""
        given = self.body(inputs.Place)
        version_id = given.pop("document_version", None)
        confirm_anchor(claim_id, by=self.person, version_id=version_id, **given)
        return whole_claim(self, claim_id)


class ClaimActivity(Endpoint):
    """The log of a claim."""

    @listing(
        "list_claim_activity",
        "activity",
        "Read the log of a claim",
        ActivityOut,
        ACTIVITY,
    )
    def get(self, request: Request, claim_id: int) -> Response:
        """List what happened, newest first."""
        asked = self.query(PageQuery)
        check_visible(self.person, Claim, claim_id)
        return self.page(ActivityOut, activity_of_claim(self.person, claim_id, **paging(asked)))


def whole_claim(endpoint: Endpoint, claim_id: int, **options: Any) -> Response:
    """Answer with a claim as it stands now."""
    record = claim_record(endpoint.person, claim_id)
    return single(ClaimWhole, record, version=record.claim.version, **options)


ONE_CLAIM = Resource(
    "claims/<int:claim_id>/",
    ClaimWhole,
    CLAIM,
    lambda endpoint, claim_id, done: whole_claim(endpoint, claim_id),
)


def _created(endpoint: Endpoint, claim: Claim) -> Response:
    response = whole_claim(endpoint, claim.pk, status=201)
    response["Location"] = endpoint.address_of("api_claim", claim.pk)
    return response


def _particulars(given: dict[str, Any], words: str) -> Particulars | None:
    found = inputs.particulars_of(given, words=" ".join(words.split())[:MAX_STATEMENT])
    # Without particulars the workflow words the claim itself.
    said = {name: value for name, value in asdict(found).items() if name != "statement" and value}
    return found if given["statement"] or said else None


urlpatterns: list[URLPattern] = [
    path("claims/", Claims.as_view()),
    path("claims/by-words/", ClaimsByWords.as_view()),
    path(ONE_CLAIM.address, OneClaim.as_view(), name="api_claim"),
    path(ONE_CLAIM.address + "anchor/", ClaimAnchor.as_view()),
    path(ONE_CLAIM.address + "activity/", ClaimActivity.as_view()),
]
