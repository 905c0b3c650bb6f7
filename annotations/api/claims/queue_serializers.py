"""The queue and leases as the API shows and reads them."""

from typing import Any

from rest_framework import serializers

from annotations.api.claims.serializers import CLAIM_ROW, ClaimListRow
from annotations.api.endpoint import IdField, Input, MomentField, Output
from annotations.workflow.claims.leases import Work


class Section(Output):
    """One part of the queue: its first rows, and how many there are."""

    number = serializers.IntegerField(source="count.number")
    is_capped = serializers.BooleanField(source="count.is_capped", help_text="There are more than `number`.")
    rows = ClaimListRow(many=True)


class QueueOut(Output):
    """What waits for you."""

    held = Section()
    to_check = Section()
    to_review = Section()
    overdue = Section()
    parked = Section()
    can_check = serializers.BooleanField()
    can_review = serializers.BooleanField()


class QueueQuery(Input):
    """Which desk's queue."""

    desk = IdField(required=False, help_text="Only this desk.")


class NextIn(Input):
    """Which work the next claim is wanted for."""

    work = serializers.ChoiceField([work.value for work in Work])
    desks = serializers.ListField(
        child=IdField(),
        required=False,
        max_length=200,
        help_text="Only these desks; left out, all.",
    )


class LeasedItemOut(Output):
    """A claim leased to you. Send `lease_token` with every write, and renew before `lease_until`."""

    claim = serializers.IntegerField(source="claim_id")
    lease_token = serializers.IntegerField()
    lease_until = MomentField()
    reason = serializers.CharField(allow_blank=True, help_text="Why this one.")


class NextOut(Output):
    """The claim leased to you; null when nothing waits."""

    next = LeasedItemOut(allow_null=True)


class SkipIn(Input):
    """Why you skip it."""

    reason = serializers.CharField(allow_blank=True)


class ParkIn(SkipIn):
    """What it waits for, and until when."""

    until = MomentField()


LEASED_ITEM: dict[str, Any] = {
    "claim": 101,
    "lease_token": 5,
    "lease_until": "2019-04-30T19:15:00Z",
    "reason": "It is assigned to you, priority 2.",
}
_NONE: dict[str, Any] = {"number": 0, "is_capped": False, "rows": []}
QUEUE: dict[str, Any] = {
    "held": _NONE,
    "to_check": {"number": 1, "is_capped": False, "rows": [CLAIM_ROW]},
    "to_review": _NONE,
    "overdue": _NONE,
    "parked": _NONE,
    "can_check": True,
    "can_review": False,
}
