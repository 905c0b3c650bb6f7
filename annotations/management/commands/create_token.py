"""Make a key to the API for a person."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.domain.errors import Refused
from annotations.models import User
from annotations.workflow.desks.api_tokens import create_token


class Command(BaseCommand):
    help = (
        "Make an API token for a person and print its key. The key is shown this once; only its hash is kept."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="user name of whoever the token is for")
        parser.add_argument(
            "--name",
            default="command line",
            help="what will use it, as the list of tokens names it (command line)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"There is no account “{options['username']}”.")
        if not user.is_active:
            raise CommandError(f"The account of {user.username} is closed, so a token would open nothing.")
        try:
            made = create_token(user=user, name=options["name"])
        except Refused as refused:
            raise CommandError(f"{refused.sentence} {' '.join(refused.fields.values())}".strip()) from refused
        self.stdout.write(made.key)
        self.stderr.write(
            f"Token {made.token.pk} of {user.username}: “{made.token.name}”. It is not shown again."
        )
