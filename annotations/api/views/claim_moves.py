"""What people do to claims: taken up, set aside, assigned, ordered, skipped, parked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.endpoint import Endpoint, Input, Nothing
from annotations.api.operations import operation
from annotations.api.shapes import claim_inputs as inputs
from annotations.api.shapes import work as shapes
from annotations.api.shapes.claims import CLAIM, ClaimWhole
from annotations.api.views.claims import TAG, whole_claim
from annotations.queries.records import colleague_for
from annotations.workflow import ordering
from annotations.workflow.claiming import BulkOutcome, accept_claims, dismiss_claims, restore_claims

_BULK_REFUSES = (403, 404, 409, 422)
_ABOUT_BULK = "All claims have to be on your desks. Those whose state does not allow it stay and are named."


def _outcome(found: BulkOutcome) -> Response:
    refused = [{"claim": claim, "reason": reason} for claim, reason in found.refused.items()]
    return Response(inputs.BulkOut({"done": found.done, "refused": refused}).data)


class AcceptClaims(Endpoint):
    """Proposed claims taken up."""

    @operation(
        "accept_claims",
        TAG,
        "Take up proposed claims",
        about=_ABOUT_BULK,
        body=inputs.Claims,
        sends={"claims": [101, 102]},
        answer=inputs.BulkOut,
        gives=inputs.BULK,
        refuses=_BULK_REFUSES,
    )
    def post(self, request: Request) -> Response:
        """Take them up."""
        return _outcome(accept_claims(self.body(inputs.Claims)["claims"], by=self.person))


class DismissClaims(Endpoint):
    """Claims set aside."""

    @operation(
        "dismiss_claims",
        TAG,
        "Set claims aside",
        about=_ABOUT_BULK,
        body=inputs.Dismissed,
        sends={"claims": [101, 102], "reason": "Opinion."},
        answer=inputs.BulkOut,
        gives=inputs.BULK,
        refuses=_BULK_REFUSES,
    )
    def post(self, request: Request) -> Response:
        """Set them aside."""
        given = self.body(inputs.Dismissed)
        return _outcome(dismiss_claims(given["claims"], by=self.person, reason=given["reason"]))


class RestoreClaims(Endpoint):
    """Dismissed claims brought back."""

    @operation(
        "restore_claims",
        TAG,
        "Bring dismissed claims back",
        about=_ABOUT_BULK,
        body=inputs.Claims,
        sends={"claims": [101, 102]},
        answer=inputs.BulkOut,
        gives=inputs.BULK,
        refuses=_BULK_REFUSES,
    )
    def post(self, request: Request) -> Response:
        """Bring them back."""
        return _outcome(restore_claims(self.body(inputs.Claims)["claims"], by=self.person))


class AssignClaims(Endpoint):
    """Whose turn it is."""

    @operation(
        "assign_claims",
        TAG,
        "Say whose turn it is",
        body=inputs.Assignment,
        sends={"claims": [101, 102], "assignee": 7},
        answer=inputs.Changed,
        gives={"changed": 2},
        refuses=(403, 404, 422),
    )
    def post(self, request: Request) -> Response:
        """Assign them."""
        given = self.body(inputs.Assignment)
        assignee = None
        if given["assignee"] is not None:
            assignee = colleague_for(self.person, given["assignee"])
        changed = ordering.assign_claims(given["claims"], assignee=assignee, by=self.person)
        return Response({"changed": changed})


class PrioritiseClaims(Endpoint):
    """What comes first."""

    @operation(
        "prioritise_claims",
        TAG,
        "Set priority and due moment",
        body=inputs.Priority,
        sends={"claims": [101, 102], "priority": 1, "due_at": "2019-05-01T10:00:00Z"},
        answer=inputs.Changed,
        gives={"changed": 2},
        refuses=(403, 404, 422),
    )
    def post(self, request: Request) -> Response:
        """Set them."""
        given = self.body(inputs.Priority)
        due_at = given.get("due_at")
        changed = ordering.prioritise_claims(
            given["claims"],
            by=self.person,
            priority=given.get("priority"),
            due_at=due_at,
            clear_due="due_at" in given and due_at is None,
        )
        return Response({"changed": changed})


class TagClaims(Endpoint):
    """Tags."""

    @operation(
        "tag_claims",
        TAG,
        "Add and take away tags",
        body=inputs.Tags,
        sends={"claims": [101, 102], "add": ["caracas"], "remove": []},
        answer=inputs.Changed,
        gives={"changed": 1},
        refuses=(403, 404, 422),
    )
    def post(self, request: Request) -> Response:
        """Tag them."""
        given = self.body(inputs.Tags)
        changed = ordering.tag_claims(
            given["claims"], by=self.person, add=given["add"], remove=given["remove"]
        )
        return Response({"changed": changed})


@dataclass(frozen=True)
class _Deed:
    """Something done to one claim, which answers with the claim as it then stands."""

    name: str
    summary: str
    act: Callable[..., object]
    body: type[Input] | None = None
    sends: dict[str, Any] | None = None

    def view(self) -> type[Endpoint]:
        """Return the view of its address."""
        deed = self

        class OneDeed(Endpoint):
            @operation(
                f"{deed.name}_claim",
                TAG,
                deed.summary,
                body=deed.body,
                sends=deed.sends,
                answer=ClaimWhole,
                gives=CLAIM,
                refuses=_BULK_REFUSES,
            )
            def post(self, request: Request, claim_id: int) -> Response:
                """Do it."""
                deed.act(claim_id, by=self.person, **self.body(deed.body or Nothing))
                return whole_claim(self, claim_id)

        OneDeed.__doc__ = f"{deed.summary}."
        return OneDeed


def _alone(act: Callable[..., object]) -> Callable[..., object]:
    """Return a bulk action for one claim, which raises where the claim cannot be moved."""

    def act_on_one(claim_id: int, **given: Any) -> object:
        return act([claim_id], **given)

    return act_on_one


_DEEDS = (
    _Deed("accept", "Take up a proposed claim", _alone(accept_claims)),
    _Deed(
        "dismiss", "Set a claim aside", _alone(dismiss_claims), inputs.DismissReason, {"reason": "Opinion."}
    ),
    _Deed("restore", "Bring a dismissed claim back", _alone(restore_claims)),
    _Deed(
        "skip",
        "Not be offered a claim for a while",
        ordering.skip,
        shapes.SkipIn,
        {"reason": "Not my field."},
    ),
    _Deed(
        "park",
        "Put a claim to sleep for everyone",
        ordering.park,
        shapes.ParkIn,
        {"reason": "Waiting for the ministry.", "until": "2019-05-02T08:00:00Z"},
    ),
    _Deed("wake", "Bring a parked claim back now", ordering.wake),
)

urlpatterns: list[URLPattern] = [
    path("claims/accept/", AcceptClaims.as_view()),
    path("claims/dismiss/", DismissClaims.as_view()),
    path("claims/restore/", RestoreClaims.as_view()),
    path("claims/assign/", AssignClaims.as_view()),
    path("claims/prioritise/", PrioritiseClaims.as_view()),
    path("claims/tag/", TagClaims.as_view()),
    *(path(f"claims/<int:claim_id>/{deed.name}/", deed.view().as_view()) for deed in _DEEDS),
]
