"""Alerts as the API shows and reads them."""

from typing import Any

from rest_framework import serializers

from annotations.api.endpoint import DeskQuery, Input, MomentField, Output
from annotations.api.person import NOOR, Person
from annotations.domain.alerts import AlertLevel, AlertState
from annotations.domain.captures.changes import DETAIL_NAMES
from annotations.domain.evidence.passages import PassageState

LEVELS = [level.value for level in AlertLevel]
ALERT_STATES = [state.value for state in AlertState]
PASSAGE_STATES = [state.value for state in PassageState]


class AlertRowOut(Output):
    """One changed source and the claim whose verdict leans on it."""

    id = serializers.IntegerField(source="alert.id")
    version = serializers.IntegerField(
        source="alert.version", help_text="The ETag of the alert holds it too."
    )
    claim = serializers.IntegerField(source="alert.claim_id")
    evidence = serializers.IntegerField(source="alert.evidence_id")
    reference = serializers.IntegerField(source="alert.reference_id")
    level = serializers.ChoiceField(LEVELS, help_text="The most serious first: passage, page, details, text.")
    words = serializers.CharField(help_text="What happened, in words.")
    state = serializers.ChoiceField(ALERT_STATES)
    is_mine = serializers.BooleanField(help_text="Whether your own verdict leans on the source.")
    created_at = MomentField(source="alert.created_at")
    changed_at = MomentField(source="alert.changed_at", help_text="When it was last seen to change.")


class Stretch(Output):
    """A stretch of text and what became of it."""

    kind = serializers.ChoiceField(["same", "added", "removed"])
    text = serializers.CharField(trim_whitespace=False)


class PassageOut(Output):
    """The passage relied on, as it was and as it stands now; `after` is empty when it is gone."""

    state = serializers.ChoiceField(PASSAGE_STATES)
    before = Stretch(many=True)
    after = Stretch(many=True)


class DetailOut(Output):
    """A headline, an author or a date before and after."""

    name = serializers.ChoiceField(list(DETAIL_NAMES))
    before = serializers.CharField(allow_blank=True)
    after = serializers.CharField(allow_blank=True)


class AlertOut(AlertRowOut):
    """An alert with what changed. To see how the whole text differs, compare its two captures."""

    before = serializers.IntegerField(help_text="The capture the verdict rests on.")
    after = serializers.IntegerField(
        allow_null=True, help_text="The capture now; null where the page is gone."
    )
    passage = PassageOut(allow_null=True)
    details = DetailOut(many=True)
    page = serializers.CharField(allow_blank=True, help_text="How a page that is gone answers, in words.")
    called = serializers.ListField(child=serializers.CharField(), help_text="Whose verdict it is, by name.")
    decided_by = Person(allow_null=True)
    decided_at = MomentField(allow_null=True)
    note = serializers.CharField(allow_blank=True)

    def to_representation(self, page: Any) -> dict[str, Any]:
        """Return the alert of an `AlertPage`."""
        alert = page.row.alert
        return {
            **AlertRowOut(page.row).data,
            "before": page.before.pk,
            "after": page.after.pk if page.after else None,
            "passage": PassageOut(page.passage).data if page.passage else None,
            "details": DetailOut(page.details, many=True).data,
            "page": page.page_words,
            "called": page.called,
            "decided_by": Person(alert.decided_by).data if alert.decided_by else None,
            "decided_at": MomentField().to_representation(alert.decided_at) if alert.decided_at else None,
            "note": alert.note,
        }


class AlertQuery(DeskQuery):
    """Which alerts of a desk."""

    mine = serializers.BooleanField(required=False, default=False, help_text="Only those that call you.")
    decided = serializers.BooleanField(
        required=False, default=False, help_text="The decided instead of the open."
    )


class AlertNote(Input):
    """The note of a decision; a confirmation needs none."""

    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=4000)


ALERT_ROW: dict[str, Any] = {
    "id": 12,
    "version": 1,
    "claim": 101,
    "evidence": 301,
    "reference": 55,
    "level": "passage",
    "words": "The passage relied on reads differently now",
    "state": "open",
    "is_mine": True,
    "created_at": "2019-05-02T09:00:00Z",
    "changed_at": "2019-05-02T09:00:00Z",
}
ALERT: dict[str, Any] = {
    **ALERT_ROW,
    "before": 81,
    "after": 97,
    "passage": {
        "state": "changed",
        "before": [{"kind": "removed", "text": "69"}, {"kind": "same", "text": " heridos"}],
        "after": [{"kind": "added", "text": "71"}, {"kind": "same", "text": " heridos"}],
    },
    "details": [],
    "page": "",
    "called": ["Noor de Wit"],
    "decided_by": None,
    "decided_at": None,
    "note": "",
}
DECIDED: dict[str, Any] = {
    **ALERT,
    "version": 2,
    "state": "confirmed",
    "decided_by": NOOR,
    "decided_at": "2019-05-02T10:15:00Z",
    "note": "The count went up; at least fifty still holds.",
}
