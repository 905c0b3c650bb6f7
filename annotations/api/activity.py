"""A line of the log, as all subjects of the API show it."""

from typing import Any

from rest_framework import serializers

from annotations.api.endpoint import MomentField, Output
from annotations.api.person import NOOR, Person
from annotations.domain.activity import Verb
from annotations.domain.claims.states import ClaimState
from annotations.models import LoadingState, ReportState
from annotations.words.activity import verb_words

OBJECT_TYPES = [
    *("claim", "desk", "device", "document", "evidence", "invitation", "member", "outside_identity"),
    *("reference", "report", "token"),
]
NAMED_STATES = list(dict.fromkeys(str(state) for state in (*ClaimState, *LoadingState, *ReportState)))


class ActivityOut(Output):
    """One change: who did what, when, to which object, from which state to which."""

    id = serializers.IntegerField()
    at = MomentField()
    actor = Person(allow_null=True, help_text="Null for the workbench itself.")
    verb = serializers.ChoiceField([verb.value for verb in Verb])
    words = serializers.SerializerMethodField(help_text="The verb as people read it.")
    object_type = serializers.ChoiceField(OBJECT_TYPES)
    object_id = serializers.IntegerField()
    claim = serializers.IntegerField(source="claim_id", allow_null=True)
    document = serializers.IntegerField(source="document_id", allow_null=True)
    from_state = serializers.ChoiceField(NAMED_STATES, allow_blank=True)
    to_state = serializers.ChoiceField(NAMED_STATES, allow_blank=True)
    details = serializers.DictField()

    def get_words(self, line: Any) -> str:
        """Return the verb in words."""
        return verb_words(line.verb)


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
