"""Filters of the claims page that people saved under a name."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from annotations.models.desk import Desk


class SavedFilter(models.Model):
    """A person's named filter of the claims page; `query` is its query string."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_filters")
    desk = models.ForeignKey(Desk, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=2000)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (models.UniqueConstraint(name="saved_filter_unique", fields=["user", "desk", "name"]),)

    def __str__(self) -> str:
        return self.name
