"""A worker's sign of life."""

from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from annotations.models import WorkerHeartbeat

FORGOTTEN_AFTER = timedelta(days=1)


@transaction.atomic(durable=True)
def beat(*, name: str) -> None:
    """Write that the worker `name` has just finished a task, by the database's clock.

    Workers silent for a day are forgotten: containers come with new names.
    """
    WorkerHeartbeat.objects.bulk_create(
        [WorkerHeartbeat(name=name[:200], beat_at=Now())],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["beat_at"],
    )
    WorkerHeartbeat.objects.filter(beat_at__lt=Now() - FORGOTTEN_AFTER).delete()
