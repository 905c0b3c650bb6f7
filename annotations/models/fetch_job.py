"""The queue of fetches, and the hosts they are fetched from."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotations.domain.fetches.states import FetchKind, FetchState
from annotations.models.constraints import choices_of, one_of
from annotations.models.document import Document
from annotations.models.leased_job import LeasedJob, due_index, in_flight_index, lease_constraints
from annotations.models.reference import Reference


class Host(models.Model):
    """A host that pages are fetched from: when it may be asked again, and whether it answers at all.

    `free_at` is when the polite gap ends, or the wait that the site asked for. A fetch is under way until
    `busy_until`. `failures` counts the failed fetches in a row. While `open_until` is in the future, the
    circuit is open and nothing is fetched.
    """

    name = models.CharField(max_length=255, primary_key=True)
    free_at = models.DateTimeField(db_default=Now())
    # When the lease of the fetch under way ends. No two leases end at the same moment, so it also says whose
    # fetch it is.
    busy_until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    open_until = models.DateTimeField(null=True)
    last_code = models.CharField(max_length=40, blank=True)
    last_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class FetchJob(LeasedJob):
    """A request to fetch a reference. A Celery message only wakes a worker.

    `document` is set when the page is an article that is being loaded from its address.
    """

    running = FetchState.FETCHING.value

    reference = models.ForeignKey(Reference, on_delete=models.PROTECT, related_name="jobs")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="jobs")
    host = models.CharField(max_length=255, blank=True)
    state = models.CharField(max_length=10, choices=choices_of(FetchState), default=FetchState.QUEUED.value)
    kind = models.CharField(max_length=10, choices=choices_of(FetchKind), default=FetchKind.ASKED.value)
    # False for a single fetch, when an editor asked for a capture in spite of a bad certificate.
    verify_tls = models.BooleanField(default=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            one_of("fetch_job_state_known", "state", FetchState),
            one_of("fetch_job_kind_known", "kind", FetchKind),
            # A reference has one open job: a second request joins it.
            models.UniqueConstraint(
                name="fetch_job_one_open",
                fields=["reference"],
                condition=Q(state__in=["queued", "fetching"]),
            ),
            *lease_constraints("fetch_job", running="fetching", ended=["fetched", "failed", "cancelled"]),
        )
        indexes = (
            # What people asked for comes first, then the job that has waited longest.
            due_index("fetch_job_turn", "kind"),
            in_flight_index("fetch_job_in_flight", running="fetching"),
            # What operators ask: how the fetches of the last hour ended.
            models.Index(
                name="fetch_job_ended", fields=["finished_at"], condition=Q(finished_at__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return f"{self.reference_id}: {self.state}"
