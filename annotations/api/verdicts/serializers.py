"""Verdicts, drafts and reviews as the API shows and reads them."""

from typing import Any

from rest_framework import serializers

from annotations.api.alerts.serializers import Stretch
from annotations.api.endpoint import Input, MomentField, Output
from annotations.api.leases import LeaseIn
from annotations.api.person import NOOR, Person
from annotations.domain.claims.reanchoring import NEEDS_A_PERSON
from annotations.domain.verdicts.records import RecordCause
from annotations.domain.verdicts.scale import Decision
from annotations.models import Rating
from annotations.models.lengths import longest


class RatingName(Output):
    """A rating by its name. The desk's scale holds its definition."""

    slug = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class VerdictOut(Output):
    """A rating with its reasoning; never changed, only replaced."""

    id = serializers.IntegerField()
    number = serializers.IntegerField(help_text="Counts from 1 on each claim.")
    rating = RatingName()
    reasoning = serializers.CharField()
    as_of = serializers.DateField()
    reason_for_change = serializers.CharField(allow_blank=True)
    created_by = Person()
    created_at = MomentField()


class ReviewOut(Output):
    """A second person's decision."""

    id = serializers.IntegerField()
    verdict_number = serializers.IntegerField(source="verdict.number")
    decision = serializers.ChoiceField([decision.value for decision in Decision])
    note = serializers.CharField(allow_blank=True)
    reviewer = Person()
    created_at = MomentField()


class RecordOut(Output):
    """All that a reviewer judges, as it was submitted. Decisions are made on it."""

    number = serializers.IntegerField(help_text="Counts from 1 on each claim.")
    sha256 = serializers.CharField(help_text="Of `text` as UTF-8; send it with your decision.")
    cause = serializers.ChoiceField(
        [cause.value for cause in RecordCause],
        help_text="`submitted`; `read`: a page was read since; `upgraded`: made later, of what was known.",
    )
    text = serializers.CharField(source="body", help_text="The record itself, JSON, to the byte as hashed.")
    created_at = MomentField()


class DraftOut(Output):
    """What you have typed and not yet given; nobody else sees it."""

    rating = RatingName(allow_null=True)
    reasoning = serializers.CharField(allow_blank=True)
    as_of = serializers.DateField(allow_null=True)
    reason_for_change = serializers.CharField(allow_blank=True)
    base_number = serializers.IntegerField(
        source="base.number", default=0, help_text="The verdict in force when it was begun; 0 for none."
    )
    saved_at = MomentField()


class _Based(Input):
    base_number = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, help_text="The number of the verdict in force you saw; 0 for none."
    )


class DraftIn(_Based):
    """What you have typed so far."""

    rating = serializers.SlugField(
        required=False, default="", allow_blank=True, max_length=longest(Rating, "slug")
    )
    reasoning = serializers.CharField(required=False, default="", allow_blank=True, trim_whitespace=False)
    as_of = serializers.DateField(required=False, default=None, allow_null=True)
    reason_for_change = serializers.CharField(required=False, default="", allow_blank=True)


class NewVerdict(DraftIn):
    """A verdict to put in force; with `submit` it goes to a second person at once."""

    submit = serializers.BooleanField(required=False, default=False)
    lease_token = serializers.IntegerField(required=False, default=None, allow_null=True)


class SubmitIn(LeaseIn):
    """The token of your lease, if you hold one, and the verdict you read."""

    verdict_number = serializers.IntegerField(
        required=False,
        default=None,
        allow_null=True,
        help_text="The number of the verdict you read; refused if another one is in force.",
    )


class DecisionIn(Input):
    """A decision on the record that you have read."""

    record = serializers.RegexField(r"^[0-9a-f]{64}$", help_text="The `sha256` of that record.")
    note = serializers.CharField(required=False, default="", allow_blank=True)
    lease_token = serializers.IntegerField(required=False, default=None, allow_null=True)


class Reason(Input):
    """Why."""

    reason = serializers.CharField(allow_blank=True)


class KeepIn(Input):
    """Why a signed claim stays as it is, and what was read before deciding."""

    record = serializers.RegexField(r"^[0-9a-f]{64}$", help_text="The `sha256` of the record in force.")
    version = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, help_text="The version of the article that you compared it with."
    )
    reason = serializers.CharField(allow_blank=True, max_length=4000)


class ChangedRowOut(Output):
    """A signed claim whose words a newer version of its article changed."""

    claim = serializers.IntegerField(source="claim.id")
    document = serializers.IntegerField(source="claim.document_id")
    anchor = serializers.ChoiceField(
        [state.value for state in NEEDS_A_PERSON],
        source="state",
        help_text="What became of the words in the article.",
    )
    words = serializers.CharField(help_text="The same in a sentence.")
    is_mine = serializers.BooleanField(
        help_text="Whether you gave its verdict, submitted or approved it, or are assigned it."
    )


class ChangedOut(ChangedRowOut):
    """Both texts. Send `record` and `version` with the decision to keep the claim as signed."""

    record = serializers.CharField()
    version = serializers.IntegerField(help_text="The current version of the article.")
    signed_version = serializers.IntegerField(help_text="The version that holds the words as submitted.")
    before = Stretch(many=True)
    after = Stretch(many=True, help_text="Empty when the words are gone.")
    may_keep = serializers.BooleanField(
        help_text="Whether you may keep it: you may review, and did not work on it."
    )
    kept_by = Person(allow_null=True, help_text="Who decided to keep it; null while that is to be decided.")
    reason = serializers.CharField(allow_blank=True)

    def to_representation(self, page: Any) -> dict[str, Any]:
        """Return a `ChangedPage`."""
        return {
            **ChangedRowOut(page.row).data,
            "record": page.signed.sha256,
            "version": page.version,
            "signed_version": page.signed_version,
            "before": Stretch(page.before, many=True).data,
            "after": Stretch(page.after, many=True).data,
            "may_keep": page.may_keep,
            "kept_by": Person(page.kept.kept_by).data if page.kept else None,
            "reason": page.kept.reason if page.kept else "",
        }


RECORD_SHA256 = "7d865e959b2466918c9863afca942d0fb89d7c9ac0c99bafc3749504ded97730"
RATING = {"slug": "mostly_true", "label": "Mostly true"}
VERDICT: dict[str, Any] = {
    "id": 41,
    "number": 1,
    "rating": RATING,
    "reasoning": "The hospital counted 69 injured; the article's number is the first count.",
    "as_of": "2019-04-30",
    "reason_for_change": "",
    "created_by": NOOR,
    "created_at": "2019-04-30T19:20:00Z",
}
RECORD: dict[str, Any] = {
    "number": 1,
    "sha256": RECORD_SHA256,
    "cause": "submitted",
    "text": '{"claim": 12, "format": 1, "statement": "At least fifty injured were brought in."}',
    "created_at": "2019-04-30T19:30:00Z",
}
CHANGED_ROW: dict[str, Any] = {
    "claim": 101,
    "document": 7,
    "anchor": "edited",
    "words": "The article reads differently there now",
    "is_mine": False,
}
CHANGED: dict[str, Any] = {
    **CHANGED_ROW,
    "record": RECORD_SHA256,
    "version": 2,
    "signed_version": 1,
    "before": [{"kind": "removed", "text": "fifty"}, {"kind": "same", "text": " injured"}],
    "after": [{"kind": "added", "text": "sixty"}, {"kind": "same", "text": " injured"}],
    "may_keep": True,
    "kept_by": None,
    "reason": "",
}
REVIEW: dict[str, Any] = {
    "id": 17,
    "verdict_number": 1,
    "decision": "approved",
    "note": "",
    "reviewer": NOOR,
    "created_at": "2019-04-30T20:00:00Z",
}
DRAFT: dict[str, Any] = {
    "rating": RATING,
    "reasoning": "The hospital counted",
    "as_of": None,
    "reason_for_change": "",
    "base_number": 0,
    "saved_at": "2019-04-30T19:02:00Z",
}
