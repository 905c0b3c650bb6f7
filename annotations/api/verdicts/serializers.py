"""Verdicts, drafts and reviews as the API shows and reads them."""

from typing import Any

from rest_framework import serializers

from annotations.api.endpoint import Input, Output
from annotations.api.person import NOOR, Person
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
    created_at = serializers.DateTimeField()


class ReviewOut(Output):
    """A second person's decision."""

    id = serializers.IntegerField()
    verdict_number = serializers.IntegerField(source="verdict.number")
    decision = serializers.ChoiceField([decision.value for decision in Decision])
    note = serializers.CharField(allow_blank=True)
    reviewer = Person()
    created_at = serializers.DateTimeField()


class RecordOut(Output):
    """All that a reviewer judges, as it was submitted. Decisions are made on it."""

    number = serializers.IntegerField(help_text="Counts from 1 on each claim.")
    sha256 = serializers.CharField(help_text="Of `text` as UTF-8; send it with your decision.")
    cause = serializers.ChoiceField(
        [cause.value for cause in RecordCause],
        help_text="`submitted`; `read`: a page was read since; `upgraded`: made later, of what was known.",
    )
    text = serializers.CharField(source="body", help_text="The record itself, JSON, to the byte as hashed.")
    created_at = serializers.DateTimeField()


class DraftOut(Output):
    """What you have typed and not yet given; nobody else sees it."""

    rating = RatingName(allow_null=True)
    reasoning = serializers.CharField(allow_blank=True)
    as_of = serializers.DateField(allow_null=True)
    reason_for_change = serializers.CharField(allow_blank=True)
    base_number = serializers.IntegerField(
        source="base.number", default=0, help_text="The verdict in force when it was begun; 0 for none."
    )
    saved_at = serializers.DateTimeField()


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


class DecisionIn(Input):
    """A decision on the record that you have read."""

    record = serializers.RegexField(r"^[0-9a-f]{64}$", help_text="The `sha256` of that record.")
    note = serializers.CharField(required=False, default="", allow_blank=True)
    lease_token = serializers.IntegerField(required=False, default=None, allow_null=True)


class Reason(Input):
    """Why."""

    reason = serializers.CharField(allow_blank=True)


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
