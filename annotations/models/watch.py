"""The watch over the pages that verdicts lean on: when, what was seen, and whom a change concerns."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotations.domain.alerts import AlertLevel, AlertState
from annotations.domain.fetches.watch import PageStatus
from annotations.models.capture import Capture
from annotations.models.claim import Claim
from annotations.models.constraints import append_only, choices_of, one_of
from annotations.models.desk import Desk
from annotations.models.evidence import Evidence
from annotations.models.fetch_job import FetchJob
from annotations.models.reference import Reference


class Watch(models.Model):
    """Where the watch over one reference stands. `next_check_at` is empty while nobody leans on it.

    `since` is where the schedule counts from: it starts anew when the page changed. `gone_count`
    and `gone_since` gather the confirmations that a page is gone.
    """

    reference = models.OneToOneField(
        Reference, on_delete=models.PROTECT, primary_key=True, related_name="watch"
    )
    since = models.DateTimeField(db_default=Now())
    next_check_at = models.DateTimeField(null=True)
    last_checked_at = models.DateTimeField(null=True)
    page_status = models.CharField(
        max_length=10, choices=choices_of(PageStatus), default=PageStatus.LIVE.value
    )
    page_status_since = models.DateTimeField(db_default=Now())
    moved_to = models.TextField(blank=True)
    gone_count = models.PositiveIntegerField(default=0)
    gone_since = models.DateTimeField(null=True)

    class Meta:
        constraints = (one_of("watch_page_status_known", "page_status", PageStatus),)
        indexes = (
            models.Index(
                name="watch_due", fields=["next_check_at"], condition=Q(next_check_at__isnull=False)
            ),
            # Pages that are no longer what they were: few among many.
            models.Index(
                name="watch_turned", fields=["page_status", "-reference"], condition=~Q(page_status="live")
            ),
        )

    def __str__(self) -> str:
        return f"{self.reference_id}: {self.page_status}"


class WatchCheck(models.Model):
    """What one look at a page brought. `capture` is set only when something had changed and was kept."""

    reference = models.ForeignKey(Reference, on_delete=models.PROTECT, related_name="checks")
    job = models.ForeignKey(FetchJob, on_delete=models.PROTECT, related_name="+", db_index=False)
    attempt = models.PositiveIntegerField()
    checked_at = models.DateTimeField(db_default=Now())
    page_status = models.CharField(max_length=10, choices=choices_of(PageStatus))
    code = models.CharField(max_length=40)
    status = models.PositiveSmallIntegerField(null=True)
    capture = models.ForeignKey(
        Capture, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    # What differed, by kind, also when it was only cosmetic and nobody was called.
    findings = models.JSONField(default=dict)

    class Meta:
        constraints = (
            one_of("watch_check_page_status_known", "page_status", PageStatus),
            models.UniqueConstraint(name="watch_check_once_an_attempt", fields=["job", "attempt"]),
        )
        triggers = (append_only("watch_check_append_only"),)

    def __str__(self) -> str:
        return f"{self.reference_id} at {self.checked_at}: {self.page_status}"


class SourceAlert(models.Model):
    """A change of a source that a verdict leans on: an item in the queue of those who gave it.

    One is open for a piece of evidence at a time; a later change is added to it. `after` is empty
    where the page is gone and nothing could be kept.
    """

    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="source_alerts", db_index=False)
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="source_alerts")
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
            one_of("source_alert_level_known", "level", AlertLevel),
            one_of("source_alert_state_known", "state", AlertState),
            models.UniqueConstraint(
                name="source_alert_one_open", fields=["evidence"], condition=Q(state="open")
            ),
            models.CheckConstraint(
                name="source_alert_decided_whole",
                condition=Q(state="open", decided_at__isnull=True, decided_by__isnull=True)
                | (~Q(state="open") & Q(decided_at__isnull=False, decided_by__isnull=False)),
            ),
        )
        indexes = (models.Index(name="source_alert_open", fields=["desk", "-id"], condition=Q(state="open")),)

    def __str__(self) -> str:
        return f"{self.level} of {self.reference_id} for {self.claim_id}"
