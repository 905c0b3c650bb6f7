"""Linked pages and files, each fetch of them, and what they do for a claim."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotations.domain.states import FetchState, Stance
from annotations.models.claim import Claim
from annotations.models.constraints import append_only, choices_of, one_of
from annotations.models.desk import Desk
from annotations.models.document import Document


class Reference(models.Model):
    """A web page or file, one row a canonical address on a desk.

    `url` is the address as first given and the one that is fetched; `canonical_url` only tells
    equal ones apart. For an uploaded file it is `file:<sha256>`.
    """

    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="references", db_index=False)
    url = models.TextField()
    canonical_url = models.TextField()
    host = models.CharField(max_length=255, blank=True)
    is_file = models.BooleanField(default=False)
    title = models.TextField(blank=True)
    site = models.CharField(max_length=300, blank=True)
    author = models.CharField(max_length=500, blank=True)
    published_on = models.DateField(null=True)
    language = models.CharField(max_length=12, blank=True)
    excerpt = models.TextField(blank=True)
    # A copy of where the newest job stands, so that lists need no join.
    fetch_state = models.CharField(
        max_length=10, choices=choices_of(FetchState), default=FetchState.QUEUED.value
    )
    fetch_code = models.CharField(max_length=40, blank=True)
    fetch_next_at = models.DateTimeField(null=True)
    latest_capture = models.ForeignKey(
        "Capture", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            # canonical_url may be long; a B-tree row may not, so the digest is unique instead.
            models.UniqueConstraint(
                models.F("desk"), models.Func("canonical_url", function="md5"), name="reference_once_a_desk"
            ),
            one_of("reference_fetch_state_known", "fetch_state", FetchState),
        )
        indexes = (models.Index(name="reference_desk_newest", fields=["desk", "-id"]),)

    def __str__(self) -> str:
        return self.title or self.url


class FetchJob(models.Model):
    """One wish to fetch a reference. The row is the queue; a Celery message only wakes a worker.

    `attempt` fences: a worker writes only while its number is still the row's. `document` is set
    when the page is an article being loaded by its address.
    """

    reference = models.ForeignKey(Reference, on_delete=models.PROTECT, related_name="jobs")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="jobs")
    host = models.CharField(max_length=255, blank=True)
    state = models.CharField(max_length=10, choices=choices_of(FetchState), default=FetchState.QUEUED.value)
    attempt = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, db_default=Now())
    lease_owner = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_detail = models.TextField(blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(db_default=Now())
    first_tried_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            one_of("fetch_job_state_known", "state", FetchState),
            models.UniqueConstraint(
                name="fetch_job_one_open",
                fields=["reference"],
                condition=Q(state__in=["queued", "fetching"]),
            ),
            models.CheckConstraint(
                name="fetch_job_queued_has_time",
                condition=~Q(state="queued") | Q(next_attempt_at__isnull=False),
            ),
            models.CheckConstraint(
                name="fetch_job_fetching_has_lease",
                condition=~Q(state="fetching") | Q(lease_until__isnull=False),
            ),
            models.CheckConstraint(
                name="fetch_job_ended_has_time",
                condition=~Q(state__in=["fetched", "failed", "cancelled"]) | Q(finished_at__isnull=False),
            ),
        )
        indexes = (
            # The sweep: what is due.
            models.Index(name="fetch_job_due", fields=["next_attempt_at"], condition=Q(state="queued")),
            # The sweep: leases that lapsed; the per-host gate: what is in flight.
            models.Index(
                name="fetch_job_in_flight", fields=["host", "lease_until"], condition=Q(state="fetching")
            ),
        )

    def __str__(self) -> str:
        return f"{self.reference_id}: {self.state}"


class Capture(models.Model):
    """One fetch of a reference at one moment, or one uploaded file. Never changed.

    `body_sha256` addresses the bytes kept in storage; `text` is what was read from them.
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
    filename = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    text_sha256 = models.CharField(max_length=64, blank=True)
    title = models.TextField(blank=True)
    site = models.CharField(max_length=300, blank=True)
    author = models.CharField(max_length=500, blank=True)
    published_on = models.DateField(null=True)
    language = models.CharField(max_length=12, blank=True)
    excerpt = models.TextField(blank=True)
    provenance = models.JSONField(default=dict)
    warnings = models.JSONField(default=list)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = (
            # A zombie worker that finishes twice writes once.
            models.UniqueConstraint(
                name="capture_once_an_attempt", fields=["job", "attempt"], condition=Q(job__isnull=False)
            ),
        )
        triggers = (append_only("capture_append_only"),)

    def __str__(self) -> str:
        return f"{self.reference_id} at {self.fetched_at}"


class Evidence(models.Model):
    """A reference attached to a claim: what it does for it, and the passage relied on.

    `passage_start` and `passage_end` are code points in the text of `capture`, where found.
    """

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="evidence")
    reference = models.ForeignKey(Reference, on_delete=models.PROTECT, related_name="evidence")
    capture = models.ForeignKey(
        Capture, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    url_given = models.TextField(blank=True)
    stance = models.CharField(max_length=10, choices=choices_of(Stance))
    passage = models.TextField(blank=True)
    passage_start = models.PositiveIntegerField(null=True)
    passage_end = models.PositiveIntegerField(null=True)
    note = models.TextField(blank=True)
    author_ids = ArrayField(models.BigIntegerField())
    version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(db_default=Now())
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = (
            one_of("evidence_stance_known", "stance", Stance),
            models.CheckConstraint(
                name="evidence_withdrawn_whole",
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
            ),
            models.CheckConstraint(
                name="evidence_passage_place_whole",
                condition=Q(passage_start__isnull=True, passage_end__isnull=True)
                | Q(passage_start__lt=models.F("passage_end"), capture__isnull=False),
            ),
            # The same page is attached once to a claim, as long as it is not withdrawn.
            models.UniqueConstraint(
                name="evidence_once_a_claim",
                fields=["claim", "reference"],
                condition=Q(withdrawn_at__isnull=True),
            ),
        )
        triggers = (
            pgtrigger.Protect(name="evidence_not_deleted", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="evidence_while_workable",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                IF TG_OP = 'UPDATE' THEN
                    IF NEW.claim_id <> OLD.claim_id OR NEW.reference_id <> OLD.reference_id
                        OR NOT (NEW.author_ids @> OLD.author_ids) THEN
                        RAISE EXCEPTION 'evidence stays with its claim, its reference and its authors'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'evidence_stays';
                    END IF;
                    -- A fetch that lands later pins its capture and finds the passage in it; the words stay.
                    IF OLD.capture_id IS NULL AND NEW.stance = OLD.stance AND NEW.passage = OLD.passage
                        AND NEW.note = OLD.note AND NEW.url_given = OLD.url_given
                        AND NEW.author_ids = OLD.author_ids AND NEW.version = OLD.version
                        AND NEW.withdrawn_at IS NOT DISTINCT FROM OLD.withdrawn_at THEN
                        RETURN NEW;
                    END IF;
                END IF;
                IF NEW.author_ids = '{}' THEN
                    RAISE EXCEPTION 'evidence has an author'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'evidence_authored';
                END IF;
                PERFORM 1 FROM annotations_claim c
                    WHERE c.id = NEW.claim_id AND c.state IN ('open', 'returned') FOR SHARE;
                IF NOT FOUND THEN
                    RAISE EXCEPTION 'evidence changes only while the claim is to be checked'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'evidence_while_workable';
                END IF;
                RETURN NEW;
                """,
            ),
        )

    def __str__(self) -> str:
        return f"{self.claim_id}: {self.stance} {self.reference_id}"
