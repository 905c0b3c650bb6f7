"""The queue: what waits, the next item, and holds on claims."""

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.deeds import Deed, Subject
from annotations.api.endpoint import Endpoint
from annotations.api.operations import operation
from annotations.api.shapes import work as shapes
from annotations.api.views.claims import ONE_CLAIM
from annotations.queries.claims.queue import queue_of
from annotations.queries.records import check_reads
from annotations.workflow.claims import leases


class QueueView(Endpoint):
    """What waits."""

    @operation(
        "get_queue",
        "queue",
        "Show what waits for you",
        about="What you hold, what waits to be checked or reviewed, is overdue or parked; eight rows each.",
        query=shapes.QueueQuery,
        answer=shapes.QueueOut,
        gives=shapes.QUEUE,
        refuses=(404,),
    )
    def get(self, request: Request) -> Response:
        """Show it."""
        desk = self.query(shapes.QueueQuery).get("desk")
        if desk is not None:
            check_reads(self.person, desk)
        return Response(
            shapes.QueueOut(queue_of(self.person, desk_ids=None if desk is None else [desk])).data
        )


class Next(Endpoint):
    """The next item."""

    @operation(
        "take_next",
        "queue",
        "Take the next claim",
        about="Hands out exactly one claim under a lease of 15 minutes: what you hold already, then what is "
        "assigned to you, then what is nobody's, by priority, due date and age. `null` when nothing waits.",
        body=shapes.NextIn,
        sends={"work": "check"},
        answer=shapes.NextOut,
        gives={"next": shapes.HANDOUT},
        refuses=(403, 404),
    )
    def post(self, request: Request) -> Response:
        """Take it."""
        given = self.body(shapes.NextIn)
        for desk in given.get("desks", ()):
            check_reads(self.person, desk)
        found = leases.take_next(work=leases.Work(given["work"]), by=self.person, desk_ids=given.get("desks"))
        return Response(shapes.NextOut({"next": found}).data)


class Release(Endpoint):
    """A hold given up."""

    @operation(
        "release_hold",
        "queue",
        "Let go of a claim",
        about="Without a hold of your own nothing changes.",
        body=shapes.LeaseIn,
        sends={"lease_token": 5},
        status=204,
        refuses=(404,),
    )
    def post(self, request: Request, claim_id: int) -> Response:
        """Let go of it."""
        leases.release(claim_id, by=self.person, **self.body(shapes.LeaseIn))
        return Response(status=204)


_HANDS = Subject(
    ONE_CLAIM.address,
    shapes.HandoutOut,
    shapes.HANDOUT,
    lambda endpoint, claim_id, handout: Response(shapes.HandoutOut(handout).data),
)
_DEEDS = {
    "hold": Deed(
        "hold_claim", "queue", "Take a chosen claim into your hands", leases.hold, refuses=(403, 404, 409)
    ),
    "renew": Deed(
        "renew_hold",
        "queue",
        "Keep your hold on a claim",
        leases.renew,
        body=shapes.TokenIn,
        sends={"lease_token": 5},
        refuses=(404, 409),
    ),
    "take-over": Deed(
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
    path(_HANDS.address + "release/", Release.as_view()),
    *_HANDS.paths(_DEEDS),
]
