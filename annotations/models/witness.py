"""Second witnesses: other archives that are asked whether they saw a page too."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotations.domain.proof.kinds import WitnessKind, WitnessState
from annotations.models.capture import Capture
from annotations.models.constraints import choices_of, one_of


class WitnessJob(models.Model):
    """One question to a second witness about one capture: a job row of its own, polled, never waited for.

    `remote_id` is the witness's own name of the job, `found_url` and `found_at` what it answered.
    """

    capture = models.ForeignKey(Capture, on_delete=models.PROTECT, related_name="witnesses", db_index=False)
    kind = models.CharField(max_length=20, choices=choices_of(WitnessKind))
    state = models.CharField(
        max_length=10, choices=choices_of(WitnessState), default=WitnessState.QUEUED.value
    )
    attempt = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, db_default=Now())
    lease_until = models.DateTimeField(null=True)
    remote_id = models.CharField(max_length=200, blank=True)
    found_url = models.TextField(blank=True)
    found_at = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_detail = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            one_of("witness_job_kind_known", "kind", WitnessKind),
            one_of("witness_job_state_known", "state", WitnessState),
            models.UniqueConstraint(name="witness_job_once", fields=["capture", "kind"]),
        )
        indexes = (
            models.Index(
                name="witness_job_due",
                fields=["next_attempt_at"],
                condition=Q(state__in=["queued", "asking"]),
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} of {self.capture_id}: {self.state}"
