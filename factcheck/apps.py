"""The assembly as Django knows it."""

from django.apps import AppConfig
from django.core.checks import Tags, register

from annotations.checks import PROMISES


class FactcheckConfig(AppConfig):
    """Settings, processes and the roles in the database."""

    name = "factcheck"

    def ready(self) -> None:
        """Register the check of the database role, run at each start of a process that serves or works."""
        from factcheck.roles import check_database_role  # noqa: PLC0415 - its models are loaded by now

        register(check_database_role, Tags.database, PROMISES)
