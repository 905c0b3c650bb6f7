"""What makes a repeated request to the API harmless."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class IdempotencyKey(models.Model):
    """The response to a request that created something; the same request again gets the same response."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    request_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            models.UniqueConstraint(name="idempotency_key_unique", fields=["user", "key"]),
            models.CheckConstraint(
                name="idempotency_answer_whole",
                condition=Q(status__isnull=True, body__isnull=True) | Q(status__isnull=False),
            ),
        )
        indexes = (models.Index(name="idempotency_key_age", fields=["created_at"]),)

    def __str__(self) -> str:
        return self.key
