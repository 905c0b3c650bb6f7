"""Give an account a new password. Django's own command of this name would leave no line on the log."""

import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.models import User
from annotations.workflow.desks.accounts import change_password


class Command(BaseCommand):
    help = (
        "Give an account a new password, for whoever forgot theirs. The log of each of their desks says so."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="whose password")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"There is no account “{options['username']}”.")
        password = getpass.getpass(f"New password for {user.username}: ")
        if password != getpass.getpass("The same again: "):
            raise CommandError("The two passwords differ. Nothing was changed.")
        try:
            validate_password(password, user)
        except ValidationError as wrong:
            raise CommandError(" ".join(wrong.messages)) from wrong
        change_password(user, password=password, by=None)
        self.stdout.write(f"{user.username} has a new password. Whoever was signed in is signed out.")
