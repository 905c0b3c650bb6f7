"""The devices on which people have signed in, known again by a long-lived cookie."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Device(models.Model):
    """A browser in which a person has signed in. Only the SHA-256 of its cookie is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="devices")
    key_sha256 = models.CharField(max_length=64)
    words = models.CharField(max_length=60)
    first_seen_at = models.DateTimeField(db_default=Now())
    last_seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (models.UniqueConstraint(name="device_once_a_person", fields=["user", "key_sha256"]),)

    def __str__(self) -> str:
        return f"{self.words} of {self.user_id}"
