"""`manage.py load_sample`: make the demonstration desk through the workflow, as its own people."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from annotations.domain.errors import Refused
from annotations.sample.desk import SampleTaken, is_unfinished, load_sample
from annotations.sample.plan import PEOPLE


class Command(BaseCommand):
    help = "Load the demonstration desk with its people, articles, claims, sources and a report."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add options for the port of the sample sources and for whether to load at all."""
        parser.add_argument(
            "--site-port",
            type=int,
            default=settings.SAMPLE_SITE_PORT,
            help="loopback port of serve_sample_site (default: the setting SAMPLE_SITE_PORT)",
        )
        parser.add_argument(
            "--only-finish",
            action="store_true",
            help="finish a load that was interrupted, and do nothing otherwise",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load the sample once; a second run changes nothing. Only in development: passwords are public."""
        if options["only_finish"] and not is_unfinished():
            return
        if not settings.IN_DEVELOPMENT:
            raise CommandError(
                "The sample has accounts with public passwords, so it is loaded in development only "
                "(ENVIRONMENT=development)."
            )
        try:
            loaded = load_sample(site_port=options["site_port"])
        except SampleTaken as taken:
            raise CommandError(str(taken)) from taken
        except Refused as refused:
            raise CommandError(
                f"A rule of the workbench refused a step of the sample: {refused.sentence}"
            ) from refused
        if options["verbosity"] < 1:
            return
        self.stdout.write(
            f"The desk “{loaded.desk.name}” is {'loaded' if loaded.is_new else 'there already'}. Sign in as:"
        )
        for person in PEOPLE:
            self.stdout.write(f"  {person.username:<6} {person.role:<9} {person.password}")
