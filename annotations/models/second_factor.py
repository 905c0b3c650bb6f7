"""The second factor of a sign-in: codes of an authenticator app (RFC 6238), and codes for when it is lost."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class SecondFactor(models.Model):
    """A person's authenticator app. The secret that both share is kept sealed with SECRET_KEY.

    `last_step` is the half-minute of the last code that was used, so that no code is used twice.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="second_factor"
    )
    sealed_secret = models.CharField(max_length=255)
    last_step = models.BigIntegerField()
    set_up_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"second factor of {self.user_id}"


class RecoveryCode(models.Model):
    """A code that stands in for the app once. It has 80 random bits, so its SHA-256 needs no salt."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recovery_codes"
    )
    code_sha256 = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(name="recovery_code_once_a_person", fields=["user", "code_sha256"]),
        )
        indexes = (
            models.Index(name="recovery_code_unused", fields=["user"], condition=Q(used_at__isnull=True)),
        )

    def __str__(self) -> str:
        return f"recovery code of {self.user_id}"
