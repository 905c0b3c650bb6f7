"""A sign of life that only a worker that makes progress can give."""

from django.db import models


class WorkerHeartbeat(models.Model):
    """When a worker of this name last finished a task, by the database's clock."""

    name = models.CharField(max_length=200)
    beat_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(name="worker_heartbeat_name", fields=["name"]),)

    def __str__(self) -> str:
        return self.name
