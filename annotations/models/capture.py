"""What was fetched, byte for byte, and what was extracted from it. Nothing here is ever changed."""

from collections.abc import Sequence
from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotations.models.constraints import append_only
from annotations.models.extraction import KeptExtraction
from annotations.models.fetch_job import FetchJob
from annotations.models.guards import Guard, NeverEmptied
from annotations.models.reference import Reference

_LARGE = ("text", "headers", "hops", "provenance", "excerpt")
_CHOICE = ("fetched_at", "outcome_code", "status", "uploaded_by_id", "reference_id")


def large_columns(path: str = "", *, but: Sequence[str] = ()) -> list[str]:
    """Return the columns of a capture that may be large, to be deferred.

    `path` leads to a joined capture, such as "latest_capture". `but` names columns to load all the same.
    """
    return [f"{path}__{name}" if path else name for name in _LARGE if name not in but]


class CaptureQuerySet(models.QuerySet["Capture"]):
    """Captures, and how much of each is loaded; every method chains."""

    def without_text(self) -> Self:
        """Defer the text and every other column that may be large. Lists use this."""
        return self.defer(*large_columns())

    def as_choices(self) -> Self:
        """Load only what distinguishes one capture of a page from another."""
        return self.only(*_CHOICE)


class Capture(KeptExtraction):
    """One fetch of a reference at one moment, or one uploaded file. Never changed.

    `body_sha256` addresses the bytes kept in storage; `text` is what was extracted from them.
    """

    reference = models.ForeignKey(Reference, on_delete=models.PROTECT, related_name="captures")
    job = models.ForeignKey(FetchJob, on_delete=models.PROTECT, null=True, related_name="captures")
    attempt = models.PositiveIntegerField(default=0)
    fetched_at = models.DateTimeField(db_default=Now())
    outcome_code = models.CharField(max_length=40)
    final_url = models.TextField(blank=True)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=list)
    hops = models.JSONField(default=list)
    media_type = models.CharField(max_length=120, blank=True)
    charset = models.CharField(max_length=40, blank=True)
    body_sha256 = models.CharField(max_length=64)
    body_size = models.PositiveBigIntegerField()
    body_key = models.CharField(max_length=200)
    # The exchange itself, byte for byte, as a WARC file; empty for an uploaded file.
    wire_sha256 = models.CharField(max_length=64, blank=True)
    wire_size = models.PositiveBigIntegerField(default=0)
    wire_key = models.CharField(max_length=200, blank=True)
    # True when an editor had the page fetched once despite an invalid certificate.
    tls_unverified = models.BooleanField(default=False)
    filename = models.CharField(max_length=300, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    objects = CaptureQuerySet.as_manager()

    class Meta:
        constraints = (
            # A worker that finishes the same attempt twice writes one capture.
            models.UniqueConstraint(
                name="capture_once_an_attempt", fields=["job", "attempt"], condition=Q(job__isnull=False)
            ),
        )
        triggers = (
            append_only("capture_append_only"),
            NeverEmptied(name="capture_never_emptied"),
            # Whoever can only write to the database brings no page of an earlier day. The moment is when the
            # fetch began, by the worker's clock, and the row may have waited since.
            Guard(
                name="capture_of_today",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="new_rows"),  # type: ignore[no-untyped-call]
                func="""
                IF EXISTS (
                    SELECT 1 FROM new_rows n
                    WHERE abs(extract(epoch FROM n.fetched_at - clock_timestamp())) > 86400
                ) THEN
                    RAISE EXCEPTION 'a capture is kept on the day it is made'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'capture_of_today';
                END IF;
                RETURN NULL;
                """,
            ),
        )

    def __str__(self) -> str:
        return f"{self.reference_id} at {self.fetched_at}"
