"""A sign of life that only a worker or a clock that makes progress can give."""

from django.db import models

from annotations.domain.background import BackgroundPart


class WorkerHeartbeat(models.Model):
    """When a worker of this name last finished a task, or the clock last ticked, by the database's clock.

    A worker that takes from two queues has a row for each.
    """

    name = models.CharField(max_length=200)
    part = models.CharField(max_length=20, db_default=BackgroundPart.WORKER)
    beat_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(name="worker_heartbeat_name", fields=["name"]),)

    def __str__(self) -> str:
        return self.name
