"""Evidence as the API shows and reads it."""

from typing import Any

from rest_framework import serializers

from annotations.api.alerts.serializers import PASSAGE_STATES
from annotations.api.endpoint import IdField, Input, MomentField, Output
from annotations.api.person import NOOR, Person
from annotations.api.references.serializers import REFERENCE, ReferenceRow
from annotations.domain.evidence.stance import Stance

STANCES = [stance.value for stance in Stance]
_OFFSET = 2**31 - 1


class EvidenceOut(Output):
    """A source attached to a claim: what it does for the claim and the passage relied on."""

    id = serializers.IntegerField(source="evidence.id")
    claim = serializers.IntegerField(source="evidence.claim_id")
    version = serializers.IntegerField(source="evidence.version", help_text="The ETag holds it too.")
    reference = ReferenceRow()
    capture = serializers.IntegerField(
        source="evidence.capture_id", allow_null=True, help_text="The capture it rests on."
    )
    url_given = serializers.CharField(source="evidence.url_given", allow_blank=True)
    stance = serializers.ChoiceField(STANCES, source="evidence.stance")
    passage = serializers.CharField(source="evidence.passage", allow_blank=True)
    passage_found = serializers.BooleanField(
        source="passage.found", allow_null=True, help_text="Null while no page was read."
    )
    passage_start = serializers.IntegerField(source="evidence.passage_start", allow_null=True)
    passage_end = serializers.IntegerField(source="evidence.passage_end", allow_null=True)
    live_url = serializers.CharField(
        source="passage.live_url",
        allow_blank=True,
        help_text="Opens the page as it is today at the passage; empty where it was not found.",
    )
    note = serializers.CharField(source="evidence.note", allow_blank=True)
    warnings = serializers.ListField(child=serializers.CharField(), help_text="Sentences.")
    marks = serializers.ListField(
        child=serializers.CharField(), help_text="How the capture relied on came about; these marks stay."
    )
    fetched_at = MomentField(allow_null=True)
    newer_capture = serializers.IntegerField(
        source="newer_id", allow_null=True, help_text="The newest capture with another text, if any is newer."
    )
    alert = serializers.IntegerField(
        source="alert_id",
        allow_null=True,
        help_text="That the page changed after the verdict, until a newer verdict answers it.",
    )
    created_by = Person(source="evidence.created_by")
    created_at = MomentField(source="evidence.created_at")
    withdrawn_at = MomentField(source="evidence.withdrawn_at", allow_null=True)
    withdrawn_by = Person(source="evidence.withdrawn_by", allow_null=True)


class EvidenceQuery(Input):
    """Which sources of a claim."""

    withdrawn = serializers.BooleanField(required=False, default=False, help_text="Also those taken off.")


class _Words(Input):
    stance = serializers.ChoiceField(STANCES)
    passage = serializers.CharField(required=False, default="", allow_blank=True)
    note = serializers.CharField(required=False, default="", allow_blank=True)
    lease_token = serializers.IntegerField(required=False, default=None, allow_null=True)


class NewEvidence(_Words):
    """Addresses to attach; stance, passage and note go to each."""

    addresses = serializers.ListField(child=serializers.CharField(max_length=4000), min_length=1)


class NewEvidenceFile(_Words):
    """A file to attach: text, HTML, PDF, Word or an image."""

    file = serializers.FileField(allow_empty_file=True)


class EvidenceChange(_Words):
    """A change of what a source does for its claim; what is left out stays."""


class PassageChoice(Input):
    """The words relied on in a capture: at a place, or to be looked up."""

    capture = IdField(help_text="A capture of the same reference.")
    words = serializers.CharField(trim_whitespace=False)
    start = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=_OFFSET,
        help_text="Where exactly `words` stand, in Unicode code points of the capture's text.",
    )
    end = serializers.IntegerField(
        required=False, min_value=0, max_value=_OFFSET, help_text="Behind the last code point; with `start`."
    )
    place = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=_OFFSET,
        help_text="The start of the occurrence meant, where words that are looked up stand more than once.",
    )
    lease_token = serializers.IntegerField(required=False, default=None, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Raise ValidationError where a start comes without its end, or the other way round."""
        if ("start" in attrs) != ("end" in attrs):
            missing = "end" if "start" in attrs else "start"
            raise serializers.ValidationError({missing: "A place has a start and an end."})
        return attrs


class PlaceOut(Output):
    """Where the passage relied on stood in a later capture; null offsets where it was gone."""

    capture = serializers.IntegerField(source="capture_id")
    fetched_at = MomentField(source="capture.fetched_at")
    state = serializers.ChoiceField(PASSAGE_STATES)
    start = serializers.IntegerField(allow_null=True)
    end = serializers.IntegerField(allow_null=True)
    words = serializers.CharField(allow_blank=True, trim_whitespace=False, help_text="What stood there then.")


EVIDENCE: dict[str, Any] = {
    "id": 301,
    "claim": 101,
    "version": 1,
    "reference": REFERENCE,
    "capture": 81,
    "url_given": "https://hospital.example/communique?utm_source=x",
    "stance": "supports",
    "passage": "69 heridos",
    "passage_found": True,
    "passage_start": 11,
    "passage_end": 21,
    "live_url": "https://hospital.example/communique#:~:text=69%20heridos",
    "note": "Counted until six in the evening.",
    "warnings": [],
    "marks": [],
    "fetched_at": "2019-04-30T18:30:05Z",
    "newer_capture": None,
    "alert": None,
    "created_by": NOOR,
    "created_at": "2019-04-30T18:30:00Z",
    "withdrawn_at": None,
    "withdrawn_by": None,
}
PLACE: dict[str, Any] = {
    "capture": 97,
    "fetched_at": "2019-05-02T09:00:00Z",
    "state": "changed",
    "start": 11,
    "end": 21,
    "words": "71 heridos",
}
