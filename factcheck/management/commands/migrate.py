"""Django's `migrate`, run as the owner of the tables; afterwards the application may do what it has to."""

from typing import Any

from django.core.management.commands import migrate

from factcheck import roles


class Command(migrate.Command):
    """Bring the tables up to date as `OWNER_DATABASE_URL`, and grant the application's role its rights."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate; with an owner of its own, a run that changes the database ends with `make_roles`."""
        with roles.owner():
            super().handle(*args, **options)
            role = roles.application_role()
            if role and not options["plan"] and not options["check_unapplied"]:
                roles.grant(role)
