"""Who a person is at the newsroom's own sign-in (OpenID Connect)."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class OutsideIdentity(models.Model):
    """An account of the newsroom's provider that opens an account here.

    Issuer and subject name it for good; nothing else that a provider says of a person is believed.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="outside_identities"
    )
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    connected_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "outside identities"
        constraints = (
            models.UniqueConstraint(name="outside_identity_opens_one", fields=["issuer", "subject"]),
            models.UniqueConstraint(name="outside_identity_one_a_person", fields=["user", "issuer"]),
        )

    def __str__(self) -> str:
        return f"{self.subject} of {self.issuer}"
