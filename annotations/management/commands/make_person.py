"""Make an account and put it on a desk."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from annotations.domain.desks.roles import Role
from annotations.domain.errors import Refused
from annotations.management.choosing import desk_named, person_named
from annotations.workflow.desks.accounts import create_account, make_link


class Command(BaseCommand):
    help = (
        "Make an account, put it on a desk, and print the link with which its person sets a password. "
        "Whoever has an account already is asked to join on the page of the desk."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="the user name of the new account")
        parser.add_argument(
            "--by", default="", metavar="USERNAME", help="the manager who adds them; else the desk's first"
        )
        parser.add_argument(
            "--desk", default="", metavar="SLUG", help="slug of the desk; needed only where there are several"
        )
        parser.add_argument(
            "--role",
            choices=[role.value for role in Role],
            default=Role.EDITOR.value,
            help="what they may do on the desk (editor)",
        )
        parser.add_argument("--full-name", default="", help="their name, as colleagues read it")

    def handle(self, *args: Any, **options: Any) -> None:
        desk = desk_named(options["desk"])
        manager = person_named(desk, options["by"])
        try:
            member = create_account(
                desk.pk,
                username=options["username"],
                full_name=options["full_name"],
                role=options["role"],
                by=manager,
            )
            link = make_link(desk.pk, user_id=member.user_id, by=manager)
        except Refused as refused:
            raise CommandError(refused.sentence) from refused
        self.stdout.write(settings.PUBLIC_URL + reverse("welcome", args=[link.uid, link.token]))
        self.stderr.write(
            f"{member.user.username} is on “{desk.name}”. The link sets their password, once, within three "
            "days."
        )
