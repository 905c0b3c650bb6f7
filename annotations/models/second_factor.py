"""The second factor of a sign-in: authenticator app (RFC 6238), security keys (WebAuthn), recovery codes."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class SecondFactor(models.Model):
    """That a person's sign-in takes a second factor: an authenticator app, security keys, or both.

    The secret that the app and this copy share is kept sealed with SECRET_KEY; it is empty without an app.
    `last_step` is the half-minute of the last code that was used, so that no code is used twice.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="second_factor"
    )
    sealed_secret = models.CharField(max_length=255, blank=True)
    last_step = models.BigIntegerField()
    set_up_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"second factor of {self.user_id}"

    @property
    def has_app(self) -> bool:
        """Whether codes of an authenticator app are taken."""
        return bool(self.sealed_secret)


class SecurityKey(models.Model):
    """A security key, or the lock of a device, by which a person proves that it is them.

    `credential` is what the key gave when it was added (WebAuthn, attested credential data): its id and its
    public key. `uses` is the counter that the key itself keeps; 0 for one that keeps none.
    """

    factor = models.ForeignKey(SecondFactor, on_delete=models.CASCADE, related_name="keys")
    name = models.CharField(max_length=60)
    credential_id = models.BinaryField(max_length=1023)
    credential = models.BinaryField(max_length=4096)
    uses = models.BigIntegerField(default=0)
    added_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(name="security_key_once", fields=["credential_id"]),)

    def __str__(self) -> str:
        return self.name


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
