"""Alerts: a page that a verdict rests on has changed, and a person decides what that means."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotations.domain.alerts import AlertLevel, AlertState
from annotations.models.capture import Capture
from annotations.models.claim import Claim
from annotations.models.constraints import choices_of, one_of
from annotations.models.desk import Desk
from annotations.models.evidence import Evidence
from annotations.models.reference import Reference
from annotations.models.watch import WatchCheck


class Alert(models.Model):
    """A change of a source that a verdict rests on; it waits in the queue of the people who gave the verdict.

    A piece of evidence has at most one open alert, and a later change is added to it. `after` is empty
    when the page is gone and nothing could be kept.
    """

    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="alerts", db_index=False)
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="alerts")
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="alerts", db_index=False)
    reference = models.ForeignKey(Reference, on_delete=models.PROTECT, related_name="alerts")
    seen_in = models.ForeignKey(WatchCheck, on_delete=models.PROTECT, related_name="+", db_index=False)
    before = models.ForeignKey(Capture, on_delete=models.PROTECT, related_name="+", db_index=False)
    after = models.ForeignKey(Capture, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    level = models.CharField(max_length=10, choices=choices_of(AlertLevel))
    findings = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=choices_of(AlertState), default=AlertState.OPEN.value)
    version = models.PositiveIntegerField(default=1)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            one_of("alert_level_known", "level", AlertLevel),
            one_of("alert_state_known", "state", AlertState),
            models.UniqueConstraint(name="alert_one_open", fields=["evidence"], condition=Q(state="open")),
            models.CheckConstraint(
                name="alert_decided_whole",
                condition=Q(state="open", decided_at__isnull=True, decided_by__isnull=True)
                | (~Q(state="open") & Q(decided_at__isnull=False, decided_by__isnull=False)),
            ),
        )
        indexes = (models.Index(name="alert_open", fields=["desk", "-id"], condition=Q(state="open")),)

    def __str__(self) -> str:
        return f"{self.level} of {self.reference_id} for {self.claim_id}"
