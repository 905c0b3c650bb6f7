"""Make the first person and the first desk of a new copy."""

import sys
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.domain.errors import Refused
from annotations.workflow.desks.set_up import has_accounts, set_up


class Command(BaseCommand):
    help = (
        "Make the first person, who may make desks, and the first desk, whose manager they are. Asks for "
        "what is not given; the password is read from standard input, or asked for where a person sits there."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", default="", help="the user name of the first person")
        parser.add_argument("--full-name", default="", help="their name, as colleagues read it")
        parser.add_argument("--desk", default="", help="the name of the first desk")

    def handle(self, *args: Any, **options: Any) -> None:
        if has_accounts():
            raise CommandError("There is an account already. Sign in with it; it can make desks and people.")
        username = options["username"] or self._asked("User name: ")
        desk = options["desk"] or self._asked("Name of the desk: ")
        if sys.stdin.isatty():
            password = getpass("Password: ")
            if getpass("Once more: ") != password:
                raise CommandError("The two passwords differ. Nothing was made.")
        else:
            password = sys.stdin.readline().rstrip("\n")
        try:
            begun = set_up(
                username=username, full_name=options["full_name"], password=password, desk_name=desk
            )
        except Refused as refused:
            raise CommandError(refused.sentence) from refused
        self.stdout.write(
            f"{begun.person.username} can sign in now, and is the manager of “{begun.desk.name}”. Add the "
            "others there, under People and roles."
        )

    def _asked(self, question: str) -> str:
        if not sys.stdin.isatty():
            raise CommandError("Nobody is here to ask: give --username and --desk.")
        return input(question)
