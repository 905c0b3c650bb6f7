"""The keys that give people's programs access to the API."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class ApiToken(models.Model):
    """A person's key to the API. Only the SHA-256 of the key is kept; `hint` is its first letters."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    key_sha256 = models.CharField(max_length=64)
    hint = models.CharField(max_length=12)
    created_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(name="api_token_key_unique", fields=["key_sha256"]),)

    def __str__(self) -> str:
        return f"{self.hint}… {self.name}"
