"""Where the passages that evidence relies on are in later captures."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotations.domain.evidence.passages import PassageState
from annotations.models.capture import Capture
from annotations.models.constraints import append_only, choices_of, one_of
from annotations.models.evidence import Evidence
from annotations.models.guards import NeverEmptied


class PassagePlace(models.Model):
    """Where the passage of a piece of evidence is in a later capture of its page.

    `start` and `end` are code points in that capture's text, `words` is the text between them. All three
    are empty when the passage is gone.
    """

    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="places", db_index=False)
    capture = models.ForeignKey(Capture, on_delete=models.PROTECT, related_name="places")
    state = models.CharField(max_length=10, choices=choices_of(PassageState))
    start = models.PositiveIntegerField(null=True)
    end = models.PositiveIntegerField(null=True)
    words = models.TextField(blank=True)
    placed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            one_of("passage_place_state_known", "state", PassageState),
            models.UniqueConstraint(name="passage_place_once_a_capture", fields=["evidence", "capture"]),
            models.CheckConstraint(
                name="passage_place_whole",
                condition=Q(state="gone", start__isnull=True, end__isnull=True, words="")
                | (~Q(state="gone") & Q(start__isnull=False, end__isnull=False, start__lt=models.F("end"))),
            ),
        )
        triggers = (
            append_only("passage_place_append_only"),
            NeverEmptied(name="passage_place_never_emptied"),
        )

    def __str__(self) -> str:
        return f"{self.evidence_id} in {self.capture_id}: {self.state}"
