"""The log of every change: who changed what, when, and from which state to which."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from annotations.domain.activity import Verb
from annotations.models.constraints import append_only, choices_of, one_of
from annotations.models.desk import Desk
from annotations.models.guards import DatedNow, NeverEmptied


class Activity(models.Model):
    """One change, written in the transaction that makes it and never altered.

    The line appears on the pages of `claim_id` and `document_id`. `object_type` and `object_id` name what
    was changed. An empty actor is the workbench itself.
    """

    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="activities", db_index=False)
    claim_id = models.BigIntegerField(null=True)
    document_id = models.BigIntegerField(null=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    verb = models.CharField(max_length=40, choices=choices_of(Verb))
    object_type = models.CharField(max_length=30)
    object_id = models.BigIntegerField()
    from_state = models.CharField(max_length=20, blank=True)
    to_state = models.CharField(max_length=20, blank=True)
    details = models.JSONField(default=dict)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "activities"
        constraints = (one_of("activity_verb_known", "verb", Verb),)
        indexes = (
            models.Index(name="activity_desk_newest", fields=["desk", "-id"]),
            models.Index(
                name="activity_claim_newest",
                fields=["claim_id", "-id"],
                condition=models.Q(claim_id__isnull=False),
            ),
            models.Index(
                name="activity_document_newest",
                fields=["document_id", "-id"],
                condition=models.Q(document_id__isnull=False),
            ),
            # Who gave an article a newer text or corrected its particulars; see `annotations_contributors`.
            models.Index(
                name="activity_of_article",
                fields=["document_id"],
                condition=models.Q(document_id__isnull=False, claim_id__isnull=True),
            ),
        )
        triggers = (
            append_only("activity_append_only"),
            NeverEmptied(name="activity_never_emptied"),
            DatedNow(name="activity_dated_now", column="at"),
        )

    def __str__(self) -> str:
        return f"{self.verb} {self.object_type} {self.object_id}"
