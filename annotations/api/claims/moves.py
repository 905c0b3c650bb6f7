"""What people do to claims: accept, dismiss, restore, assign, prioritise, tag, skip, park and wake."""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.actions import REFUSES, ResourceAction
from annotations.api.claims import input_serializers as inputs
from annotations.api.claims import queue_serializers
from annotations.api.claims.views import ONE_CLAIM, TAG
from annotations.api.endpoint import Endpoint
from annotations.api.operations import operation
from annotations.visibility import get_colleague
from annotations.workflow.claims import organise
from annotations.workflow.claims.edit import BulkOutcome, accept_claims, dismiss_claims, restore_claims

_ABOUT_BULK = "All claims have to be on your desks. Those whose state does not allow it stay and are named."


def _bulk(
    name: str,
    summary: str,
    act: Callable[..., BulkOutcome],
    body: type[inputs.Claims] = inputs.Claims,
    **sent: object,
) -> type[Endpoint]:
    """Return the view of an action on many claims at once."""

    class Bulk(Endpoint):
        @operation(
            name,
            TAG,
            summary,
            about=_ABOUT_BULK,
            body=body,
            body_example={"claims": [101, 102], **sent},
            response=inputs.BulkOut,
            response_example=inputs.BULK,
            refuses=REFUSES,
        )
        def post(self, request: Request) -> Response:
            """Do it."""
            given = self.body(body)
            found = act(given.pop("claims"), by=self.person, **given)
            refused = [{"claim": claim, "reason": reason} for claim, reason in found.refused.items()]
            return Response(inputs.BulkOut({"done": found.done, "refused": refused}).data)

    Bulk.__doc__ = f"{summary}."
    return Bulk


class AssignClaims(Endpoint):
    """Whose turn it is."""

    @operation(
        "assign_claims",
        TAG,
        "Say whose turn it is",
        body=inputs.Assignment,
        body_example={"claims": [101, 102], "assignee": 7},
        response=inputs.Changed,
        response_example={"changed": 2},
        refuses=(403, 404, 422),
    )
    def post(self, request: Request) -> Response:
        """Assign them."""
        given = self.body(inputs.Assignment)
        assignee = None
        if given["assignee"] is not None:
            assignee = get_colleague(self.person, given["assignee"])
        changed = organise.assign_claims(given["claims"], assignee=assignee, by=self.person)
        return Response({"changed": changed})


class PrioritiseClaims(Endpoint):
    """What comes first."""

    @operation(
        "prioritise_claims",
        TAG,
        "Set priority and due moment",
        body=inputs.Priority,
        body_example={"claims": [101, 102], "priority": 1, "due_at": "2019-05-01T10:00:00Z"},
        response=inputs.Changed,
        response_example={"changed": 2},
        refuses=(403, 404, 422),
    )
    def post(self, request: Request) -> Response:
        """Set them."""
        given = self.body(inputs.Priority)
        due_at = given.get("due_at")
        changed = organise.prioritise_claims(
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
        body_example={"claims": [101, 102], "add": ["caracas"], "remove": []},
        response=inputs.Changed,
        response_example={"changed": 1},
        refuses=(403, 404, 422),
    )
    def post(self, request: Request) -> Response:
        """Tag them."""
        given = self.body(inputs.Tags)
        changed = organise.tag_claims(
            given["claims"], by=self.person, add=given["add"], remove=given["remove"]
        )
        return Response({"changed": changed})


def _alone(act: Callable[..., object]) -> Callable[..., object]:
    """Return a bulk action as one for a single claim, which raises where the claim cannot be moved."""

    def act_on_one(claim_id: int, **given: Any) -> object:
        return act([claim_id], **given)

    return act_on_one


_ACTIONS = {
    "accept": ResourceAction("accept_claim", TAG, "Accept a proposed claim", _alone(accept_claims)),
    "dismiss": ResourceAction(
        "dismiss_claim",
        TAG,
        "Set a claim aside",
        _alone(dismiss_claims),
        body=inputs.DismissReason,
        body_example={"reason": "Opinion."},
    ),
    "restore": ResourceAction("restore_claim", TAG, "Bring a dismissed claim back", _alone(restore_claims)),
    "skip": ResourceAction(
        "skip_claim",
        TAG,
        "Not be offered a claim for a while",
        organise.skip,
        body=queue_serializers.SkipIn,
        body_example={"reason": "Not my field."},
    ),
    "park": ResourceAction(
        "park_claim",
        TAG,
        "Put a claim to sleep for everyone",
        organise.park,
        body=queue_serializers.ParkIn,
        body_example={"reason": "Waiting for the ministry.", "until": "2019-05-02T08:00:00Z"},
    ),
    "wake": ResourceAction("wake_claim", TAG, "Bring a parked claim back now", organise.unpark),
}

_MANY: dict[str, type[Endpoint]] = {
    "accept": _bulk("accept_claims", "Accept proposed claims", accept_claims),
    "dismiss": _bulk(
        "dismiss_claims", "Set claims aside", dismiss_claims, inputs.Dismissed, reason="Opinion."
    ),
    "restore": _bulk("restore_claims", "Bring dismissed claims back", restore_claims),
    "assign": AssignClaims,
    "prioritise": PrioritiseClaims,
    "tag": TagClaims,
}

urlpatterns: list[URLPattern] = [
    *(path(f"claims/{last}/", view.as_view()) for last, view in _MANY.items()),
    *ONE_CLAIM.paths(_ACTIONS),
]
