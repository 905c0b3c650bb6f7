"""The assembly as Django knows it."""

from django.apps import AppConfig
from django.core.checks import Tags, register

from annotations.checks import PROMISES


class FactcheckConfig(AppConfig):
    """Settings, processes and the roles in the database."""

    name = "factcheck"

    def ready(self) -> None:
        """Have the role in the database checked at each start, and by each command that connects."""
        # Its models are loaded by now.
        from factcheck.roles import ask_at_the_first_connection, check_database_role  # noqa: PLC0415

        register(check_database_role, Tags.database, PROMISES)
        ask_at_the_first_connection()
