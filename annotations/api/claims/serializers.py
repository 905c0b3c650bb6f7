"""Claims as the API shows them: rows of a list, and whole."""

from typing import Any

from rest_framework import serializers

from annotations.api.claims.input_serializers import STATES
from annotations.api.endpoint import MomentField, Output
from annotations.api.evidence.serializers import EVIDENCE, EvidenceOut
from annotations.api.person import ILSE, NOOR, Person
from annotations.api.verdicts.serializers import RATING, REVIEW, VERDICT, RatingName, ReviewOut, VerdictOut
from annotations.domain.claims.anchoring import AnchorState
from annotations.domain.claims.states import Move
from annotations.models import Claim, ClaimantKind, Origin
from annotations.words.claims import reason_words


class DocumentName(Output):
    """The article a claim stands in."""

    id = serializers.IntegerField()
    title = serializers.CharField()


class ClaimRow(Output):
    """A claim as a list shows it."""

    id = serializers.IntegerField()
    desk = serializers.IntegerField(source="desk_id")
    document = DocumentName()
    state = serializers.ChoiceField(STATES)
    origin = serializers.ChoiceField([origin.value for origin in Origin])
    version = serializers.IntegerField(help_text="The ETag holds it too.")
    statement = serializers.CharField()
    claimant_name = serializers.CharField(allow_blank=True)
    language = serializers.CharField(allow_blank=True)
    priority = serializers.IntegerField(help_text="1 first, 5 last.")
    due_at = MomentField(allow_null=True)
    score = serializers.FloatField(allow_null=True, help_text="How worth checking it looked on loading.")
    score_reasons = serializers.SerializerMethodField(help_text="Why, in words, the strongest reason first.")
    tags = serializers.ListField(child=serializers.CharField())
    rating = RatingName(allow_null=True)
    assignee = Person(allow_null=True)
    lease_holder = Person(allow_null=True)
    lease_until = MomentField(allow_null=True)
    parked_until = MomentField(allow_null=True)
    parked_reason = serializers.CharField(allow_blank=True)
    created_at = MomentField()
    updated_at = MomentField()

    def get_score_reasons(self, claim: Claim) -> list[str]:
        """Return the reasons in words."""
        return reason_words(claim.score_reasons)


class ClaimListRow(ClaimRow):
    """A claim as a list shows it, with the number of its sources."""

    evidence_count = serializers.IntegerField()


class AnchorOut(Output):
    """Where a claim stands in the current version of its article; offsets in Unicode code points."""

    document_version = serializers.IntegerField(source="document_version_id")
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    exact = serializers.CharField(allow_blank=True)
    prefix = serializers.CharField(allow_blank=True)
    suffix = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField([state.value for state in AnchorState])
    score = serializers.FloatField()
    before_changed = serializers.BooleanField(
        help_text="The sentence before it has changed since an earlier version, and nobody confirmed it."
    )


class ClaimParts(ClaimRow):
    """A claim itself, whole."""

    claimant_kind = serializers.ChoiceField([kind.value for kind in ClaimantKind], allow_blank=True)
    claimant_role = serializers.CharField(allow_blank=True)
    said_on = serializers.DateField(allow_null=True)
    said_where = serializers.CharField(allow_blank=True)
    chosen_because = serializers.CharField(allow_blank=True)
    created_by = Person(allow_null=True)
    submitted_by = Person(allow_null=True)
    submitted_at = MomentField(allow_null=True)
    verified_by = Person(allow_null=True)
    verified_at = MomentField(allow_null=True)
    verdict = VerdictOut(allow_null=True, help_text="The one in force.")


class ClaimWhole(ClaimParts):
    """A claim with its place, its verdict in force, its sources and reviews."""

    anchor = AnchorOut(allow_null=True)
    evidence = EvidenceOut(many=True)
    reviews = ReviewOut(many=True)
    moves = serializers.ListField(
        child=serializers.ChoiceField([move.value for move in Move]), help_text="What you may do with it now."
    )

    def to_representation(self, record: Any) -> dict[str, Any]:
        """Return a `ClaimRecord` as one object."""
        return {
            **ClaimParts(record.claim).data,
            "anchor": AnchorOut(record.anchor).data if record.anchor else None,
            "evidence": EvidenceOut(record.sources, many=True).data,
            "reviews": ReviewOut(record.reviews, many=True).data,
            "moves": [move.value for move in record.moves],
        }


CLAIM_PARTS: dict[str, Any] = {
    "id": 101,
    "desk": 3,
    "document": {"id": 12, "title": "Onrust in Caracas"},
    "state": "open",
    "origin": "selected",
    "version": 3,
    "statement": "At least fifty injured people were brought in.",
    "claimant_name": "Salud Chacao",
    "language": "nl",
    "priority": 2,
    "due_at": "2019-05-01T10:00:00Z",
    "score": 0.82,
    "score_reasons": ["a figure: vijftig", "an utterance with a speaker: volgens"],
    "tags": ["caracas"],
    "rating": RATING,
    "assignee": NOOR,
    "lease_holder": None,
    "lease_until": None,
    "parked_until": None,
    "parked_reason": "",
    "created_at": "2019-04-30T18:05:00Z",
    "updated_at": "2019-04-30T19:20:00Z",
}
CLAIM_ROW: dict[str, Any] = {**CLAIM_PARTS, "evidence_count": 1}
CLAIM: dict[str, Any] = {
    **CLAIM_PARTS,
    "claimant_kind": "organization",
    "claimant_role": "hospital",
    "said_on": "2019-04-30",
    "said_where": "Caracas",
    "chosen_because": "The number is repeated everywhere.",
    "created_by": NOOR,
    "submitted_by": None,
    "submitted_at": None,
    "verified_by": None,
    "verified_at": None,
    "verdict": VERDICT,
    "anchor": {
        "document_version": 21,
        "start": 10,
        "end": 50,
        "exact": "minstens vijftig gewonden binnengebracht",
        "prefix": "Er werden ",
        "suffix": ", zei de woordvoerder.",
        "state": "exact",
        "score": 1.0,
        "before_changed": False,
    },
    "evidence": [EVIDENCE],
    "reviews": [{**REVIEW, "decision": "returned", "note": "Name the hospital.", "reviewer": ILSE}],
    "moves": ["dismiss", "submit"],
}
