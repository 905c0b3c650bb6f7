"""The watch over the pages that verdicts rest on: when each is checked, and what each check found."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotations.domain.fetches.watch import PageStatus
from annotations.models.capture import Capture
from annotations.models.constraints import append_only, choices_of, one_of
from annotations.models.fetch_job import FetchJob
from annotations.models.guards import NeverEmptied
from annotations.models.reference import Reference


class Watch(models.Model):
    """The watch over one reference. `next_check_at` is empty while no verdict rests on it.

    The schedule counts from `since`, which is reset when the page changes. `gone_count` and `gone_since`
    count the checks that found the page gone.
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
            # Pages that are no longer live: few among many.
            models.Index(
                name="watch_turned", fields=["page_status", "-reference"], condition=~Q(page_status="live")
            ),
        )

    def __str__(self) -> str:
        return f"{self.reference_id}: {self.page_status}"


class WatchCheck(models.Model):
    """What one check of a page found. `capture` is set only if something had changed and was kept."""

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
    # What differed, by kind, even if it was cosmetic and raised no alert.
    findings = models.JSONField(default=dict)

    class Meta:
        constraints = (
            one_of("watch_check_page_status_known", "page_status", PageStatus),
            models.UniqueConstraint(name="watch_check_once_an_attempt", fields=["job", "attempt"]),
        )
        triggers = (append_only("watch_check_append_only"), NeverEmptied(name="watch_check_never_emptied"))

    def __str__(self) -> str:
        return f"{self.reference_id} at {self.checked_at}: {self.page_status}"
