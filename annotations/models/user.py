"""An account. What a person may do depends on their desks, never on the account."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """A person who signs in."""

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"

    @property
    def display_name(self) -> str:
        """The name shown on desks: the full name, or else the username."""
        return self.get_full_name() or self.username
