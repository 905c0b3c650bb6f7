"""Take two-factor sign-in off an account whose app and recovery codes are lost."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.models import User
from annotations.workflow.desks.second_factor import turn_off_on_the_machine


class Command(BaseCommand):
    help = "Take two-factor sign-in off an account whose app and codes are lost. The log says so."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="whose account")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"There is no account “{options['username']}”.")
        if not turn_off_on_the_machine(user):
            raise CommandError(f"{user.username} has no two-factor sign-in.")
        self.stdout.write(f"{user.username} signs in by password alone now, and is signed out everywhere.")
