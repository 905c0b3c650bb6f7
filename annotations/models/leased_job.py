"""What every kind of background job stores about its turn, its lease and its failures."""

from collections.abc import Sequence
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

QUEUED = "queued"


class LeasedJob(models.Model):
    """A row of work that one worker at a time leases, tries, and ends. The row is the queue.

    A job is `queued` until a worker leases it, in the state `running` while the worker tries, and then queued
    again or in a state that ends it. `attempt` counts the leases and is the fencing token: a worker writes
    only while its number is still the row's. `next_attempt_at` is when a queued job is due. All times are by
    the database's clock.
    """

    running: ClassVar[str]

    # Each kind repeats it with its own states as choices.
    state = models.CharField(max_length=10, default=QUEUED)
    attempt = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, db_default=Now())
    lease_owner = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True)
    first_tried_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_detail = models.TextField(blank=True)

    class Meta:
        abstract = True


def lease_constraints(
    name: str, *, running: str, ended: Sequence[str] = ()
) -> tuple[models.CheckConstraint, ...]:
    """Return the constraints of a job: a queued one is due at some time, a running one has a lease that ends.

    A job in one of the states `ended` says when it ended. The names of the constraints begin with `name`.
    """
    constraints = (
        models.CheckConstraint(
            name=f"{name}_queued_has_time",
            condition=~Q(state=QUEUED) | Q(next_attempt_at__isnull=False),
        ),
        models.CheckConstraint(
            name=f"{name}_{running}_has_lease",
            condition=~Q(state=running) | Q(lease_until__isnull=False),
        ),
    )
    if not ended:
        return constraints
    return (
        *constraints,
        models.CheckConstraint(
            name=f"{name}_ended_has_time",
            condition=~Q(state__in=list(ended)) | Q(finished_at__isnull=False),
        ),
    )


def due_index(name: str, *first: str) -> models.Index:
    """Return the index that finds the next due job; the columns `first` order the jobs before time does."""
    return models.Index(name=name, fields=[*first, "next_attempt_at", "id"], condition=Q(state=QUEUED))


def in_flight_index(name: str, *, running: str) -> models.Index:
    """Return the index in which the sweep finds leases that have lapsed."""
    return models.Index(name=name, fields=["lease_until"], condition=Q(state=running))
