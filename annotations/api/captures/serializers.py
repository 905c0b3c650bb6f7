"""Captures and what proves them, as the API shows them."""

from typing import Any

from rest_framework import serializers

from annotations.api.alerts.serializers import Stretch
from annotations.api.endpoint import IdField, Input, MomentField, Output
from annotations.api.person import Person
from annotations.api.proof.serializers import (
    BEFORE_SHA256,
    BODY_SHA256,
    LINK_SHA256,
    STAMP_STATES,
    TEXT_SHA256,
)
from annotations.domain.captures.changes import DETAIL_NAMES
from annotations.domain.captures.side_by_side import RowKind
from annotations.domain.fetches.outcomes import OUTCOMES
from annotations.domain.proof.kinds import WitnessKind, WitnessState

ROW_KINDS = [kind.value for kind in RowKind]
WITNESS_KINDS = [kind.value for kind in WitnessKind]
WITNESS_STATES = [state.value for state in WitnessState]

OUTCOME_CODES = list(OUTCOMES)


class CaptureRow(Output):
    """What was kept of a page at one moment; never changed."""

    id = serializers.IntegerField()
    reference = serializers.IntegerField(source="reference_id")
    fetched_at = MomentField()
    outcome = serializers.ChoiceField(OUTCOME_CODES, source="outcome_code", help_text="How it ended.")
    status = serializers.IntegerField(allow_null=True, help_text="Of HTTP; null for a file.")
    final_url = serializers.CharField(allow_blank=True)
    filename = serializers.CharField(allow_blank=True, help_text="Of what a person uploaded.")
    uploaded_by = Person(allow_null=True, help_text="Null where it was fetched.")
    tls_unverified = serializers.BooleanField(help_text="Taken in spite of a certificate that does not hold.")
    media_type = serializers.CharField(allow_blank=True)
    body_sha256 = serializers.CharField(help_text="Of the bytes kept.")
    body_size = serializers.IntegerField(help_text="In bytes.")
    text_sha256 = serializers.CharField(allow_blank=True, help_text="Empty where no text was read.")
    title = serializers.CharField(allow_blank=True)
    author = serializers.CharField(allow_blank=True)
    published_on = serializers.DateField(allow_null=True)
    warnings = serializers.ListField(child=serializers.CharField(), help_text="Codes of the manual.")


class HopOut(Output):
    """One step of the way to the page."""

    url = serializers.CharField()
    status = serializers.IntegerField(help_text="Of HTTP; 0 where none came.")
    address = serializers.CharField(allow_blank=True, help_text="The machine that was asked.")
    tls = serializers.CharField(source="tls_version", allow_blank=True)
    certificate = serializers.CharField(
        source="certificate_sha256", allow_blank=True, help_text="SHA-256 of the site's certificate."
    )


class StampOut(Output):
    """What one authority said of the time."""

    authority = serializers.CharField()
    state = serializers.ChoiceField(STAMP_STATES)
    at = MomentField(allow_null=True, help_text="The time it vouches for.")
    problem = serializers.CharField(allow_blank=True)


class ProofOut(Output):
    """How a capture is proved, in short."""

    number = serializers.IntegerField(
        allow_null=True, help_text="Its link in the desk's chain; null until it is signed."
    )
    sha256 = serializers.CharField(allow_blank=True)
    previous = serializers.CharField(allow_blank=True, help_text="Of the link before.")
    key = serializers.CharField(allow_blank=True, help_text="The short name of the key that signed it.")
    made_at = MomentField(allow_null=True)
    stamps = StampOut(many=True)


class WitnessOut(Output):
    """What another archive said of the page."""

    kind = serializers.ChoiceField(WITNESS_KINDS)
    state = serializers.ChoiceField(WITNESS_STATES)
    words = serializers.CharField(source="sentence")
    found_url = serializers.CharField(allow_blank=True)
    found_at = MomentField(allow_null=True, help_text="When that archive saw the page.")
    next_at = MomentField(allow_null=True, help_text="When it is asked again.")


class ExtractionOut(Output):
    """What a newer extractor made of the same bytes; the capture's own text stays as it was."""

    reader = serializers.CharField(source="extraction.extractor")
    read_at = MomentField(source="extraction.extracted_at")
    text_sha256 = serializers.CharField(source="extraction.text_sha256", allow_blank=True)
    differs = serializers.ListField(
        child=serializers.CharField(), help_text="Names of what reads differently; empty where nothing does."
    )


class CaptureOut(CaptureRow):
    """A capture with the way to it and all that proves it; its text has an address of its own."""

    site = serializers.CharField(allow_blank=True)
    language = serializers.CharField(allow_blank=True)
    charset = serializers.CharField(allow_blank=True)
    reader = serializers.CharField(allow_blank=True, help_text="The program that read it, with its version.")
    wire_sha256 = serializers.CharField(
        allow_blank=True, help_text="Of the exchange byte for byte; empty for an upload."
    )
    wire_size = serializers.IntegerField(help_text="In bytes.")
    answer = serializers.CharField(help_text="How the page answered, in words.")
    told = serializers.ListField(child=serializers.CharField(), help_text="The warnings as sentences.")
    hops = HopOut(many=True)
    proof = ProofOut()
    witnesses = WitnessOut(many=True)
    readings = ExtractionOut(many=True)
    earlier = serializers.IntegerField(allow_null=True, help_text="The capture before it that has a text.")
    later = serializers.IntegerField(allow_null=True, help_text="The capture after it that has a text.")

    def to_representation(self, page: Any) -> dict[str, Any]:
        """Return a `CapturePage` as one object."""
        capture = page.capture
        names = ("site", "language", "charset", "wire_sha256", "wire_size")
        return {
            **CaptureRow(capture).data,
            **{name: getattr(capture, name) for name in names},
            "reader": capture.extractor,
            "answer": page.answer,
            "told": list(page.warnings),
            "hops": HopOut(page.hops, many=True).data,
            "proof": ProofOut(page.proof).data,
            "witnesses": WitnessOut(page.witnesses, many=True).data,
            "readings": ExtractionOut(page.extractions, many=True).data,
            "earlier": page.earlier.pk if page.earlier else None,
            "later": page.later.pk if page.later else None,
        }


class TextOut(Output):
    """The text that was read from a capture; passages count its Unicode code points."""

    capture = serializers.IntegerField(source="pk")
    reader = serializers.CharField(source="extractor", allow_blank=True)
    language = serializers.CharField(allow_blank=True)
    text_sha256 = serializers.CharField(allow_blank=True, help_text="Of the text in UTF-8.")
    text = serializers.CharField(allow_blank=True, trim_whitespace=False)


class TwoQuery(Input):
    """Which two captures of a reference."""

    one = IdField(required=False, help_text="With `other`; without both the two newest.")
    other = IdField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Raise ValidationError where one of the two is named without the other."""
        if ("one" in attrs) != ("other" in attrs):
            missing = "other" if "one" in attrs else "one"
            raise serializers.ValidationError({missing: "Name two captures, or none for the two newest."})
        return attrs


class DetailRowOut(Output):
    """A particular of the page in both captures."""

    name = serializers.ChoiceField(list(DETAIL_NAMES.values()))
    before = serializers.CharField(allow_blank=True)
    after = serializers.CharField(allow_blank=True)
    differs = serializers.BooleanField()


class ParagraphOut(Output):
    """A paragraph in both captures. A run of unchanged ones is one row with their count."""

    kind = serializers.ChoiceField(ROW_KINDS)
    before = Stretch(many=True)
    after = Stretch(many=True)
    count = serializers.IntegerField()


class TwoOut(Output):
    """Two captures of a page, the earlier one first. Null and empty where there are fewer than two."""

    before = serializers.IntegerField(allow_null=True)
    after = serializers.IntegerField(allow_null=True)
    same_bytes = serializers.BooleanField()
    same_text = serializers.BooleanField()
    is_cut = serializers.BooleanField(help_text="Whether there is more that differs than is shown.")
    details = DetailRowOut(many=True)
    paragraphs = ParagraphOut(many=True)

    def to_representation(self, two: Any) -> dict[str, Any]:
        """Return `TwoCaptures` as one object."""
        both = two.before is not None and two.after is not None
        compared = two.comparison
        return {
            "before": two.before.pk if both else None,
            "after": two.after.pk if both else None,
            "same_bytes": two.same_bytes,
            "same_text": two.same_text,
            "is_cut": two.is_cut or bool(compared and compared.is_cut),
            "details": DetailRowOut(two.details, many=True).data,
            "paragraphs": ParagraphOut(compared.rows, many=True).data if compared else [],
        }


CAPTURE_ROW: dict[str, Any] = {
    "id": 81,
    "reference": 55,
    "fetched_at": "2019-04-30T18:30:05Z",
    "outcome": "ok",
    "status": 200,
    "final_url": "https://hospital.example/communique",
    "filename": "",
    "uploaded_by": None,
    "tls_unverified": False,
    "media_type": "text/html",
    "body_sha256": BODY_SHA256,
    "body_size": 18231,
    "text_sha256": TEXT_SHA256,
    "title": "Communiqué of 30 April",
    "author": "",
    "published_on": "2019-04-30",
    "warnings": [],
}
_STAMP = {"authority": "time.example", "state": "held", "at": "2019-04-30T19:00:01Z", "problem": ""}
CAPTURE: dict[str, Any] = {
    **CAPTURE_ROW,
    "site": "Salud Chacao",
    "language": "es",
    "charset": "utf-8",
    "reader": "reading 3",
    "wire_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "wire_size": 20112,
    "answer": "The page was fetched.",
    "told": [],
    "hops": [
        {
            "url": "https://hospital.example/communique",
            "status": 200,
            "address": "203.0.113.7",
            "tls": "TLSv1.3",
            "certificate": BEFORE_SHA256,
        }
    ],
    "proof": {
        "number": 12,
        "sha256": LINK_SHA256,
        "previous": BEFORE_SHA256,
        "key": "8a1f0c2b7d3e4f56",
        "made_at": "2019-04-30T18:30:05Z",
        "stamps": [_STAMP],
    },
    "witnesses": [
        {
            "kind": "memento_lookup",
            "state": "done",
            "words": "The archive had a copy of its own.",
            "found_url": "https://archive.example/20190430183000/https://hospital.example/communique",
            "found_at": "2019-04-30T18:30:00Z",
            "next_at": None,
        }
    ],
    "readings": [
        {
            "reader": "reading 4",
            "read_at": "2019-06-01T09:00:00Z",
            "text_sha256": BEFORE_SHA256,
            "differs": ["Text", "Author"],
        }
    ],
    "earlier": None,
    "later": 97,
}
TEXT: dict[str, Any] = {
    "capture": 81,
    "reader": "reading 3",
    "language": "es",
    "text_sha256": TEXT_SHA256,
    "text": "Ingresaron 69 heridos.",
}
TWO: dict[str, Any] = {
    "before": 81,
    "after": 97,
    "same_bytes": False,
    "same_text": False,
    "is_cut": False,
    "details": [{"name": "Author", "before": "", "after": "Carmen Rojas", "differs": True}],
    "paragraphs": [
        {"kind": "same", "before": [], "after": [], "count": 4},
        {
            "kind": "changed",
            "before": [{"kind": "same", "text": "Ingresaron "}, {"kind": "removed", "text": "69"}],
            "after": [{"kind": "same", "text": "Ingresaron "}, {"kind": "added", "text": "71"}],
            "count": 1,
        },
    ],
}
