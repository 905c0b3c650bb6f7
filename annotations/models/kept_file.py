"""The files in the storage and their sizes."""

from django.db import models
from django.db.models.functions import Now

from annotations.models.constraints import append_only
from annotations.models.guards import NeverEmptied


class KeptFile(models.Model):
    """One file in the storage: its name there, and its size in bytes, which counts against the quota."""

    key = models.CharField(max_length=200, primary_key=True)
    size = models.PositiveBigIntegerField()
    kept_at = models.DateTimeField(db_default=Now())

    class Meta:
        triggers = (append_only("kept_file_append_only"), NeverEmptied(name="kept_file_never_emptied"))

    def __str__(self) -> str:
        return self.key
