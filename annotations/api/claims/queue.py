"""The queue: what waits, the next item, and leases."""

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.actions import Resource, ResourceAction
from annotations.api.claims import queue_serializers
from annotations.api.claims.views import ONE_CLAIM
from annotations.api.endpoint import Endpoint
from annotations.api.leases import LeaseIn, TokenIn
from annotations.api.operations import operation
from annotations.queries.claims.queue import queue_of
from annotations.workflow.claims import leases


class QueueView(Endpoint):
    """What waits."""

    @operation(
        "get_queue",
        "queue",
        "Show what waits for you",
        about="What you hold, what waits to be checked or reviewed, is overdue or parked; eight rows each.",
        query=queue_serializers.QueueQuery,
        response=queue_serializers.QueueOut,
        response_example=queue_serializers.QUEUE,
        refuses=(404,),
    )
    def get(self, request: Request) -> Response:
        """Show it."""
        desk = self.query(queue_serializers.QueueQuery).get("desk")
        if desk is not None:
            self.check_desk(desk)
        return Response(
            queue_serializers.QueueOut(queue_of(self.person, desk_ids=None if desk is None else [desk])).data
        )


class Next(Endpoint):
    """The next item."""

    @operation(
        "take_next",
        "queue",
        "Take the next claim",
        about="Hands out exactly one claim under a lease of 15 minutes: what you hold already, then what is "
        "assigned to you, then what is nobody's, by priority, due date and age. `null` when nothing waits.",
        body=queue_serializers.NextIn,
        body_example={"work": "check"},
        response=queue_serializers.NextOut,
        response_example={"next": queue_serializers.LEASED_ITEM},
        refuses=(403, 404),
    )
    def post(self, request: Request) -> Response:
        """Take it."""
        given = self.body(queue_serializers.NextIn)
        for desk in given.get("desks", ()):
            self.check_desk(desk)
        found = leases.take_next(work=leases.Work(given["work"]), by=self.person, desk_ids=given.get("desks"))
        return Response(queue_serializers.NextOut({"next": found}).data)


class Release(Endpoint):
    """The end of a lease."""

    @operation(
        "release_hold",
        "queue",
        "Let go of a claim",
        about="Without a hold of your own nothing changes.",
        body=LeaseIn,
        body_example={"lease_token": 5},
        status=204,
        refuses=(404,),
    )
    def post(self, request: Request, claim_id: int) -> Response:
        """Let go of it."""
        leases.release(claim_id, by=self.person, **self.body(LeaseIn))
        return Response(status=204)


_LEASE = Resource(
    ONE_CLAIM.address,
    queue_serializers.LeasedItemOut,
    queue_serializers.LEASED_ITEM,
    lambda endpoint, claim_id, handout: Response(queue_serializers.LeasedItemOut(handout).data),
)
_ACTIONS = {
    "hold": ResourceAction(
        "hold_claim", "queue", "Take a chosen claim into your hands", leases.hold, refuses=(403, 404, 409)
    ),
    "renew": ResourceAction(
        "renew_hold",
        "queue",
        "Keep your hold on a claim",
        leases.renew,
        body=TokenIn,
        body_example={"lease_token": 5},
        refuses=(403, 404, 409),
    ),
    "take-over": ResourceAction(
        "take_over_claim",
        "queue",
        "Take a claim out of someone else's hands",
        leases.take_over,
        refuses=(403, 404, 409),
    ),
}

urlpatterns: list[URLPattern] = [
    path("queue/", QueueView.as_view()),
    path("queue/next/", Next.as_view()),
    path(_LEASE.address + "release/", Release.as_view()),
    *_LEASE.paths(_ACTIONS),
]
