"""A report: verified claims chosen by a filter and frozen, so that tomorrow's download is the same."""

from enum import StrEnum

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotations.models.claim import Claim
from annotations.models.constraints import append_only, choices_of, one_of
from annotations.models.desk import Desk
from annotations.models.guards import DatedNow, Guard, NeverEmptied, Protect


class ReportState(StrEnum):
    """How far the freezing of a report is."""

    QUEUED = "queued"
    READY = "ready"
    FAILED = "failed"

    @property
    def label(self) -> str:
        return self.value.capitalize()


class Report(models.Model):
    """The head of a report. Nothing in it changes once it is ready."""

    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="reports", db_index=False)
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=300)
    criteria = models.JSONField(default=dict)
    head = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=choices_of(ReportState))
    problem = models.TextField(blank=True)
    row_count = models.PositiveIntegerField(default=0)
    content_hash = models.CharField(max_length=64, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(db_default=Now())
    frozen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(name="report_number_unique", fields=["desk", "number"]),
            one_of("report_state_known", "state", ReportState),
            models.CheckConstraint(
                name="report_ready_whole",
                condition=~Q(state="ready")
                | (Q(frozen_at__isnull=False, row_count__gt=0) & ~Q(content_hash="")),
            ),
        )
        triggers = (
            Protect(
                name="report_frozen", operation=pgtrigger.Update, condition=pgtrigger.Q(old__state="ready")
            ),
            Protect(name="report_not_deleted", operation=pgtrigger.Delete),
            NeverEmptied(name="report_never_emptied"),
            DatedNow(name="report_dated_now", column="created_at"),
            Guard(
                name="report_starts_queued",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Condition("NEW.state <> 'queued'"),
                func="""
                RAISE EXCEPTION 'a report becomes ready when its rows are there'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'report_starts_queued';
                """,
            ),
            # The update locks the report, and rows wait for that lock: none comes after the count.
            Guard(
                name="report_counted",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("NEW.state = 'ready' AND OLD.state <> 'ready'"),
                func="""
                IF NEW.row_count IS DISTINCT FROM (
                    SELECT count(*) FROM annotations_reportrow w WHERE w.report_id = NEW.id
                ) THEN
                    RAISE EXCEPTION 'a report that is ready says how many rows it has'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'report_counted';
                END IF;
                IF NEW.frozen_at NOT BETWEEN transaction_timestamp() AND clock_timestamp() THEN
                    RAISE EXCEPTION 'a report bears the moment it is frozen'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'report_frozen_now';
                END IF;
                RETURN NEW;
                """,
            ),
        )

    def __str__(self) -> str:
        return f"{self.number}: {self.title}"


class ReportRow(models.Model):
    """One verified claim as it was when the report was frozen."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="rows", db_index=False)
    position = models.PositiveIntegerField()
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="report_rows", db_index=False)
    data = models.JSONField()

    class Meta:
        constraints = (
            models.UniqueConstraint(name="report_row_position", fields=["report", "position"]),
            models.UniqueConstraint(name="report_row_claim_once", fields=["report", "claim"]),
        )
        triggers = (
            append_only("report_row_append_only"),
            NeverEmptied(name="report_row_never_emptied"),
            # Once for all rows of a statement; a report has up to a hundred thousand.
            Guard(
                name="report_rows_closed",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="new_rows"),  # type: ignore[no-untyped-call]
                func="""
                PERFORM 1 FROM annotations_report r
                    WHERE r.id IN (SELECT n.report_id FROM new_rows n) ORDER BY r.id FOR SHARE;
                IF EXISTS (
                    SELECT 1 FROM (SELECT DISTINCT n.report_id FROM new_rows n) n
                    LEFT JOIN annotations_report r ON r.id = n.report_id
                    WHERE r.state IS DISTINCT FROM 'queued'
                ) THEN
                    RAISE EXCEPTION 'a report takes rows only until it is frozen'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'report_rows_closed';
                END IF;
                RETURN NULL;
                """,
            ),
        )

    def __str__(self) -> str:
        return f"{self.report_id} row {self.position}"
