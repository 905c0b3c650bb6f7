"""Make the role that the application works with, and give it its rights."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from factcheck import roles


class Command(BaseCommand):
    """The command `make_roles`."""

    help = (
        "As the owner of the tables (OWNER_DATABASE_URL), make the role of DATABASE_URL if it is not there, "
        "and leave it the rights that the application needs and no others. `migrate` ends with the same."
    )
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Grant, and say for whom."""
        role = roles.application_role()
        if not role:
            raise CommandError(
                "Set OWNER_DATABASE_URL to the role that owns the tables, and DATABASE_URL to another one, "
                "which the application works with."
            )
        with roles.owner():
            roles.grant(role)
        self.stdout.write(f"The role {role} has the rights of the application and no others.")
