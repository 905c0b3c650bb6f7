"""Make a desk."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.domain.errors import Refused
from annotations.management.choosing import account_named
from annotations.workflow.desks.manage import create_desk


class Command(BaseCommand):
    help = "Make a desk with the standard rating scale. Its first manager is an administrator of this copy."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what the desk is called")
        parser.add_argument("--by", required=True, metavar="USERNAME", help="its first manager")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            desk = create_desk(name=options["name"], by=account_named(options["by"]))
        except Refused as refused:
            raise CommandError(refused.sentence) from refused
        self.stdout.write(f"The desk “{desk.name}” is there; its short name is {desk.slug}.")
