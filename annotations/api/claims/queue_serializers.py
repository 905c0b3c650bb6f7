"""The queue, holds and the log as the API shows and reads them."""

from typing import Any

from rest_framework import serializers

from annotations.api.claims.serializers import CLAIM_ROW, ClaimListRow
from annotations.api.desks.serializers import NOOR, Person
from annotations.api.endpoint import IdField, Input, Output
from annotations.domain.activity import Verb
from annotations.words.activity import verb_words
from annotations.workflow.claims.leases import Work


class Section(Output):
    """One heap of work: its first rows, and how many there are."""

    number = serializers.IntegerField(source="count.number")
    is_capped = serializers.BooleanField(source="count.is_capped", help_text="There are more than `number`.")
    rows = ClaimListRow(many=True)


class QueueOut(Output):
    """What waits for one."""

    held = Section()
    to_check = Section()
    to_review = Section()
    overdue = Section()
    parked = Section()
    can_check = serializers.BooleanField()
    can_review = serializers.BooleanField()


class QueueQuery(Input):
    """Whose things wait."""

    desk = IdField(required=False, help_text="Only this desk.")


class NextIn(Input):
    """What one asks the next item for."""

    work = serializers.ChoiceField([work.value for work in Work])
    desks = serializers.ListField(
        child=IdField(),
        required=False,
        max_length=200,
        help_text="Only these desks; left out, all.",
    )


class LeasedItemOut(Output):
    """One claim in one's hands. Send `lease_token` with every write; renew before `lease_until`."""

    claim = serializers.IntegerField(source="claim_id")
    lease_token = serializers.IntegerField()
    lease_until = serializers.DateTimeField()
    reason = serializers.CharField(allow_blank=True, help_text="Why this one.")


class NextOut(Output):
    """The claim one was handed; null when nothing waits."""

    next = LeasedItemOut(allow_null=True)


class LeaseIn(Input):
    """The token of one's hold, where one has it."""

    lease_token = serializers.IntegerField(required=False, default=None, allow_null=True)


class TokenIn(Input):
    """The token of one's hold."""

    lease_token = serializers.IntegerField()


class SkipIn(Input):
    """Why one skips it."""

    reason = serializers.CharField(allow_blank=True)


class ParkIn(SkipIn):
    """What it waits for, and until when."""

    until = serializers.DateTimeField()


class ActivityOut(Output):
    """One change: who did what, when, to which object, from which state to which."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    actor = Person(allow_null=True, help_text="Null for the workbench itself.")
    verb = serializers.ChoiceField([verb.value for verb in Verb])
    words = serializers.SerializerMethodField(help_text="The verb as people read it.")
    object_type = serializers.CharField()
    object_id = serializers.IntegerField()
    claim = serializers.IntegerField(source="claim_id", allow_null=True)
    document = serializers.IntegerField(source="document_id", allow_null=True)
    from_state = serializers.CharField(allow_blank=True)
    to_state = serializers.CharField(allow_blank=True)
    details = serializers.DictField()

    def get_words(self, line: Any) -> str:
        """Return the verb in words."""
        return verb_words(line.verb)


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
ACTIVITY: dict[str, Any] = {
    "id": 900,
    "at": "2019-04-30T19:20:00Z",
    "actor": NOOR,
    "verb": "gave_verdict",
    "words": "gave a verdict",
    "object_type": "claim",
    "object_id": 101,
    "claim": 101,
    "document": 12,
    "from_state": "",
    "to_state": "",
    "details": {"number": 1, "rating": "Mostly true"},
}
