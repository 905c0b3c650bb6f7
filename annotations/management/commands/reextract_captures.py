"""Extract the text of kept pages again with today's extractor."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from annotations.management.capture_choice import add_choice, chosen_desk, chosen_since
from annotations.workflow.captures.reextract import captures_to_reextract, reextract_capture


class Command(BaseCommand):
    help = (
        "Extracts again from the kept bytes of captures with today's extractor, and keeps a result that "
        "differs beside the first one. Captures stay as they are; interrupted, it can be started again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_choice(parser, "captured")

    def handle(self, *args: Any, **options: Any) -> None:
        seen = new = failed = 0
        chosen = captures_to_reextract(desk_id=chosen_desk(options), since=chosen_since(options))
        for capture_id in chosen:
            seen += 1
            try:
                new += reextract_capture(capture_id) is not None
            except OSError as error:
                failed += 1
                self.stderr.write(f"capture {capture_id}: its file cannot be read ({error})")
        self.stdout.write(f"{seen} captures were read again; {new} new extractions were kept.")
        if failed:
            raise SystemExit(1)
