"""What was extracted from the bytes of a page, at its capture or later by a newer extractor."""

from django.db import models
from django.db.models.functions import Now

from annotations.models.constraints import append_only
from annotations.models.guards import NeverEmptied
from annotations.models.page_facts import PageFacts


class KeptExtraction(PageFacts):
    """The text, what the page says of itself, and the `extractor` that made both: names and versions.

    `provenance` says where in the page each fact was found and how certain it is. `text_sha256` is the
    hash of `text` in UTF-8, empty if there is no text.
    """

    extractor = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    text_sha256 = models.CharField(max_length=64, blank=True)
    provenance = models.JSONField(default=dict)
    warnings = models.JSONField(default=list)

    class Meta:
        abstract = True


class Extraction(KeptExtraction):
    """What a later extractor made of the bytes of a capture; the capture's own text stays as it was."""

    capture = models.ForeignKey(
        "Capture", on_delete=models.PROTECT, related_name="extractions", db_index=False
    )
    extractor = models.CharField(max_length=200)
    extracted_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            models.UniqueConstraint(name="extraction_once_an_extractor", fields=["capture", "extractor"]),
        )
        triggers = (append_only("extraction_append_only"), NeverEmptied(name="extraction_never_emptied"))

    def __str__(self) -> str:
        return f"{self.capture_id} by {self.extractor}"
