"""An account. What a person may do hangs on their desks, never on the account."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """A person who signs in."""

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"

    @property
    def display_name(self) -> str:
        """The name the desk shows: the full name where there is one."""
        return self.get_full_name() or self.username
