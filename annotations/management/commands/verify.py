"""Check everything that can be proved: kept files, captures, chains, time stamps, entries and reports."""

import json
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotations.archiving.findings import Findings
from annotations.management.capture_choice import add_choice, chosen_desk, chosen_since
from annotations.storing import StorageFailed
from annotations.workflow.proof import manifest_files
from annotations.workflow.proof.verify import verify

RESULTS = (
    "All holds.",
    "Something does not hold.",
    "Nothing was found wrong, but not everything could be checked.",
)


class Command(BaseCommand):
    help = (
        "Checks kept files, captures, chains, time stamps, the log, verdicts, reviews, signed records and "
        "reports again, and names what does not hold, the first link of each chain first. "
        "Ends with 0 when all holds, 1 when something does not, 2 when something could not be checked."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_choice(parser, "kept")
        parser.add_argument("--json", action="store_true", help="the findings as JSON on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        desk_id = chosen_desk(options)
        since = chosen_since(options)
        # What was signed a moment ago gets its place in the chain and its file first.
        manifest_files.sweep()
        progress = _Progress(sys.stderr.isatty())
        try:
            found = verify(desk_id=desk_id, since=since, progress=progress.show)
        except StorageFailed as failed:
            raise CommandError(f"The storage cannot be read: {failed}", returncode=2) from failed
        finally:
            progress.end()
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(found), indent=2, ensure_ascii=False))
        else:
            self._say(found)
        if found.exit_code:
            raise SystemExit(found.exit_code)

    def _say(self, found: Findings) -> None:
        for heading, findings in (
            ("Does not hold", found.problems),
            ("Could not be checked", found.gaps),
            ("For you to judge", found.notes),
        ):
            if findings:
                self.stdout.write(f"{heading}:")
                for finding in findings:
                    self.stdout.write(f"  {finding}")
        self.stdout.write(f"{found.checked} files and rows were checked. {RESULTS[found.exit_code]}")


class _Progress:
    """One line on a terminal that shows the progress of the check; silent elsewhere."""

    def __init__(self, is_shown: bool) -> None:
        self._is_shown, self._count, self._next = is_shown, 0, 0.0

    def show(self, name: str) -> None:
        self._count += 1
        if self._is_shown and time.monotonic() > self._next:
            self._next = time.monotonic() + 0.2
            sys.stderr.write(f"\r\x1b[K{self._count} looked at: {name[:60]}")
            sys.stderr.flush()

    def end(self) -> None:
        if self._is_shown:
            sys.stderr.write("\r\x1b[K")


def _as_json(found: Findings) -> dict[str, Any]:
    return {
        "holds": not found.problems,
        "checked": found.checked,
        **{
            kind: [{"name": finding.name, "sentence": finding.sentence} for finding in findings]
            for kind, findings in (
                ("problems", found.problems),
                ("gaps", found.gaps),
                ("notes", found.notes),
            )
        },
    }
