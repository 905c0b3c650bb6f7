"""Reports as the API shows and reads them."""

from typing import Any

from rest_framework import serializers

from annotations.api.endpoint import IdField, Input, MomentField, Output
from annotations.api.person import NOOR, Person
from annotations.domain.reports.criteria import MAX_CHOICES, Criteria
from annotations.models import Claim, ReportState
from annotations.models.lengths import longest
from annotations.workflow.claims.edit import MAX_TAG


class CriteriaIn(Input):
    """What a claim must have to be in the report; what is left out does not filter."""

    documents = serializers.ListField(child=IdField(), required=False, default=list, max_length=MAX_CHOICES)
    verified_from = serializers.DateField(required=False, default=None, allow_null=True)
    verified_to = serializers.DateField(required=False, default=None, allow_null=True)
    ratings = serializers.ListField(
        child=serializers.SlugField(), required=False, default=list, max_length=MAX_CHOICES
    )
    claimant = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=longest(Claim, "claimant_name")
    )
    tags = serializers.ListField(
        child=serializers.CharField(max_length=MAX_TAG), required=False, default=list, max_length=MAX_CHOICES
    )
    language = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=longest(Claim, "language")
    )


class NewReport(Input):
    """A report to freeze."""

    desk = IdField()
    title = serializers.CharField(
        required=False, default="", allow_blank=True, help_text="Left out, it is made."
    )
    criteria = CriteriaIn(required=False)


def criteria_of(given: dict[str, Any]) -> Criteria:
    """Return the criteria of a checked input."""
    chosen = given.get("criteria", {})
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in chosen.items()
    }
    return Criteria(**values)


class CriteriaOut(Output):
    """How the claims were chosen."""

    documents = serializers.ListField(child=serializers.IntegerField())
    verified_from = serializers.DateField(allow_null=True)
    verified_to = serializers.DateField(allow_null=True)
    ratings = serializers.ListField(child=serializers.CharField())
    claimant = serializers.CharField(allow_blank=True)
    tags = serializers.ListField(child=serializers.CharField())
    language = serializers.CharField(allow_blank=True)


class ReportOut(Output):
    """A report; once it is ready nothing on it changes."""

    id = serializers.IntegerField()
    desk = serializers.IntegerField(source="desk_id")
    number = serializers.IntegerField(help_text="Counts from 1 on each desk.")
    title = serializers.CharField()
    criteria = CriteriaOut()
    state = serializers.ChoiceField([state.value for state in ReportState])
    problem = serializers.CharField(allow_blank=True)
    row_count = serializers.IntegerField()
    content_hash = serializers.CharField(allow_blank=True, help_text="SHA-256 over the frozen rows.")
    created_by = Person()
    created_at = MomentField()
    frozen_at = MomentField(allow_null=True)


class ReportRowOut(Output):
    """One claim as it was when the report was frozen; `data` is as in the JSON download."""

    position = serializers.IntegerField()
    data = serializers.DictField()  # type: ignore[assignment]


REPORT: dict[str, Any] = {
    "id": 6,
    "desk": 3,
    "number": 2,
    "title": "Onrust in Caracas",
    "criteria": {
        "documents": [12],
        "verified_from": "2019-04-30",
        "verified_to": None,
        "ratings": [],
        "claimant": "",
        "tags": [],
        "language": "",
    },
    "state": "ready",
    "problem": "",
    "row_count": 3,
    "content_hash": "a3f5c1d9e07b2f4486b0c9d1e2f3a4b5c6d7e8f90123456789abcdef01234567",
    "created_by": NOOR,
    "created_at": "2019-05-01T08:00:00Z",
    "frozen_at": "2019-05-01T08:00:00Z",
}
REPORT_ROW: dict[str, Any] = {
    "position": 1,
    "data": {
        "claim": "101",
        "statement": "At least fifty injured people were brought in.",
        "as_of": "2019-04-30",
    },
}
