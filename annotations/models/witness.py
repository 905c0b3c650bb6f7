"""Questions to other web archives: whether they saw a page too."""

from django.db import models
from django.db.models.functions import Now

from annotations.domain.proof.kinds import WitnessKind, WitnessState
from annotations.models.capture import Capture
from annotations.models.constraints import choices_of, one_of
from annotations.models.leased_job import LeasedJob, due_index, in_flight_index, lease_constraints


class WitnessJob(LeasedJob):
    """One question to another archive about one capture. It is polled, and nobody waits for it.

    `remote_id` is the archive's own name for the job. `found_url` and `found_at` are what it answered.
    """

    running = WitnessState.ASKING.value

    capture = models.ForeignKey(Capture, on_delete=models.PROTECT, related_name="witnesses", db_index=False)
    kind = models.CharField(max_length=20, choices=choices_of(WitnessKind))
    state = models.CharField(
        max_length=10, choices=choices_of(WitnessState), default=WitnessState.QUEUED.value
    )
    remote_id = models.CharField(max_length=200, blank=True)
    found_url = models.TextField(blank=True)
    found_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            one_of("witness_job_kind_known", "kind", WitnessKind),
            one_of("witness_job_state_known", "state", WitnessState),
            models.UniqueConstraint(name="witness_job_once", fields=["capture", "kind"]),
            *lease_constraints("witness_job", running="asking", ended=["done", "failed"]),
        )
        indexes = (due_index("witness_job_due"), in_flight_index("witness_job_in_flight", running="asking"))

    def __str__(self) -> str:
        return f"{self.kind} of {self.capture_id}: {self.state}"
