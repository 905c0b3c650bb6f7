"""References, their fetches and the evidence they give, as the API shows and reads them."""

from typing import Any

from rest_framework import serializers

from annotations.api.endpoint import DeskQuery, Input, Output
from annotations.api.shapes.people import NOOR, Person
from annotations.domain.states import FetchState, Stance
from annotations.queries.references import fetch_of

STANCES = [stance.value for stance in Stance]
FETCH_STATES = [state.value for state in FetchState]


class FetchOut(Output):
    """Where the fetch of a source stands."""

    state = serializers.ChoiceField(FETCH_STATES)
    problem = serializers.CharField(allow_blank=True, help_text="The reason in words, if any.")
    next_at = serializers.DateTimeField(allow_null=True, help_text="When it is tried again by itself.")
    retryable = serializers.BooleanField()
    cancellable = serializers.BooleanField()


class ReferenceRow(Output):
    """A linked page or an uploaded file; one for each canonical address on a desk."""

    id = serializers.IntegerField()
    desk = serializers.IntegerField(source="desk_id")
    url = serializers.CharField(help_text="The address as first given; the name of an uploaded file.")
    host = serializers.CharField(allow_blank=True)
    is_file = serializers.BooleanField()
    title = serializers.CharField(allow_blank=True)
    site = serializers.CharField(allow_blank=True)
    author = serializers.CharField(allow_blank=True)
    published_on = serializers.DateField(allow_null=True)
    language = serializers.CharField(allow_blank=True)
    excerpt = serializers.CharField(allow_blank=True)
    fetch = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()

    def get_fetch(self, reference: Any) -> FetchOut:
        """Return where its fetch stands."""
        return FetchOut(fetch_of(reference)).data  # type: ignore[return-value]


class ReferenceListRow(ReferenceRow):
    """A reference with the number of claims it is used on."""

    use_count = serializers.IntegerField()


class CaptureOut(Output):
    """What was kept of a page at one moment."""

    id = serializers.IntegerField()
    fetched_at = serializers.DateTimeField()
    final_url = serializers.CharField(allow_blank=True)
    status = serializers.IntegerField(allow_null=True, help_text="Of HTTP; null for a file.")
    media_type = serializers.CharField(allow_blank=True)
    body_sha256 = serializers.CharField()
    body_size = serializers.IntegerField(help_text="In bytes.")
    text = serializers.CharField(allow_blank=True)
    text_sha256 = serializers.CharField(allow_blank=True)
    warnings = serializers.ListField(child=serializers.CharField(), help_text="Codes of the manual.")


class ReferenceWhole(ReferenceRow):
    """A reference with the newest capture of it, null until there is one."""

    latest_capture = CaptureOut(allow_null=True)


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
    note = serializers.CharField(source="evidence.note", allow_blank=True)
    warnings = serializers.ListField(child=serializers.CharField(), help_text="Sentences.")
    fetched_at = serializers.DateTimeField(allow_null=True)
    created_by = Person(source="evidence.created_by")
    created_at = serializers.DateTimeField(source="evidence.created_at")
    withdrawn_at = serializers.DateTimeField(source="evidence.withdrawn_at", allow_null=True)
    withdrawn_by = Person(source="evidence.withdrawn_by", allow_null=True)


class ReferenceQuery(DeskQuery):
    """Which references of a desk."""

    state = serializers.ChoiceField(FETCH_STATES, required=False, help_text="Only in this state of fetching.")


class EvidenceQuery(Input):
    """Which sources of a claim."""

    withdrawn = serializers.BooleanField(required=False, default=False, help_text="Also those taken off.")


class _Words(Input):
    stance = serializers.ChoiceField(STANCES)
    passage = serializers.CharField(required=False, default="", allow_blank=True)
    note = serializers.CharField(required=False, default="", allow_blank=True)
    lease_token = serializers.IntegerField(required=False, default=None, allow_null=True)


class NewSources(_Words):
    """Addresses to attach; stance, passage and note go to each."""

    addresses = serializers.ListField(child=serializers.CharField(max_length=4000), min_length=1)


class NewSourceFile(_Words):
    """A file to attach: text, HTML, PDF, Word or an image."""

    file = serializers.FileField(allow_empty_file=True)


class EvidenceChange(_Words):
    """A change of what a source does for its claim; what is left out stays."""


FETCH = {"state": "fetched", "problem": "", "next_at": None, "retryable": True, "cancellable": False}
REFERENCE: dict[str, Any] = {
    "id": 55,
    "desk": 3,
    "url": "https://hospital.example/communique",
    "host": "hospital.example",
    "is_file": False,
    "title": "Communiqué of 30 April",
    "site": "Salud Chacao",
    "author": "",
    "published_on": "2019-04-30",
    "language": "es",
    "excerpt": "Ingresaron 69 heridos.",
    "fetch": FETCH,
    "created_at": "2019-04-30T18:30:00Z",
}
REFERENCE_WHOLE: dict[str, Any] = {
    **REFERENCE,
    "latest_capture": {
        "id": 81,
        "fetched_at": "2019-04-30T18:30:05Z",
        "final_url": "https://hospital.example/communique",
        "status": 200,
        "media_type": "text/html",
        "body_sha256": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
        "body_size": 18231,
        "text": "Ingresaron 69 heridos.",
        "text_sha256": "fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9",
        "warnings": [],
    },
}
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
    "note": "Counted until six in the evening.",
    "warnings": [],
    "fetched_at": "2019-04-30T18:30:05Z",
    "created_by": NOOR,
    "created_at": "2019-04-30T18:30:00Z",
    "withdrawn_at": None,
    "withdrawn_by": None,
}
