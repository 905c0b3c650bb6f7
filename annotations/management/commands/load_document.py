"""Load articles from files and print the outcomes as JSON."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.extraction import MAX_FILE_BYTES
from annotations.management.choosing import day, desk_named, person_named
from annotations.management.many import for_each, processes_for
from annotations.models import Anchor, Claim, Desk, Document, User
from annotations.words.claims import reason_words
from annotations.workflow.documents.load import load_file
from annotations.workflow.documents.particulars import About

_OF_ONE_ARTICLE = ("title", "url")


class Command(BaseCommand):
    help = (
        "Load articles (.txt, .html, .docx or .pdf) and propose their claims. For one file it prints "
        "the article's id and the proposed claims as JSON, best first. For several files it prints one line "
        "of JSON for each, in their order, with the number of proposed claims. A file that is refused stores "
        "nothing and does not stop the others: its reason is printed, and the command exits with 1."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, nargs="+", help="the files to load")
        parser.add_argument("--title", default="", help="else the file's own, else its first line")
        parser.add_argument("--language", default="", help="ISO 639 code such as nl; else it is detected")
        parser.add_argument("--outlet", default="", help="where it was published")
        parser.add_argument("--author", default="", help="who wrote it")
        parser.add_argument(
            "--published", type=day, default=None, metavar="YYYY-MM-DD", help="the day it was published"
        )
        parser.add_argument("--url", default="", help="where it can be read")
        parser.add_argument(
            "--desk", default="", help="slug of the desk; needed only where there are several"
        )
        parser.add_argument(
            "--by", default="", metavar="USERNAME", help="who loads it; else the desk's first manager"
        )
        parser.add_argument(
            "--processes",
            type=int,
            default=0,
            metavar="N",
            help="how many files to load at once; else as many as the machine has processors, 4 at most",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        paths: list[Path] = options["path"]
        several = len(paths) > 1
        for name in _OF_ONE_ARTICLE:
            if several and options[name]:
                raise CommandError(f"--{name} is for one article. Load its file alone.")
        desk = desk_named(options["desk"])
        loading = _Loading(
            desk,
            person_named(desk, options["by"]),
            several,
            About(
                title=options["title"],
                url=options["url"],
                outlet=options["outlet"],
                author=options["author"],
                published_on=options["published"],
                language=options["language"],
            ),
        )
        processes = min(options["processes"], len(paths)) or processes_for(len(paths))
        refused = 0
        for outcome in for_each(paths, loading, processes=max(1, processes)):
            if outcome.refused and not several:
                raise CommandError(outcome.refused)
            refused += bool(outcome.refused)
            found = {"refused": outcome.refused} if outcome.refused else outcome.made
            if several:
                found = {"path": str(outcome.path), **found}
            self.stdout.write(json.dumps(found, ensure_ascii=False, indent=None if several else 2))
        if refused:
            raise CommandError(f"{refused} of {len(paths)} files were refused.")


@dataclass(frozen=True)
class _Loading:
    """The loading of one file, picklable so that another process can do it."""

    desk: Desk
    by: User
    several: bool
    about: About

    def __call__(self, path: Path) -> dict[str, Any]:
        document = load_file(
            desk=self.desk,
            by=self.by,
            filename=path.name,
            content=_content(path),
            about=self.about,
        )
        return _in_short(document) if self.several else _outcome(document)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            # One byte above the limit is enough to be refused.
            return file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror or error}.") from error


def _in_short(document: Document) -> dict[str, Any]:
    return {
        "document": document.pk,
        "title": document.title,
        "language": document.language,
        "proposed": Claim.objects.filter(document=document).count(),
    }


def _outcome(document: Document) -> dict[str, Any]:
    anchors = (
        Anchor.objects.filter(document_version=document.current_version_id)
        .select_related("claim")
        .order_by("-claim__score", "start")
    )
    return {
        "document": document.pk,
        "title": document.title,
        "language": document.language,
        "claims": [
            {
                "id": anchor.claim_id,
                "statement": anchor.claim.statement,
                "start": anchor.start,
                "end": anchor.end,
                "exact": anchor.exact,
                "score": anchor.claim.score,
                "reasons": reason_words(anchor.claim.score_reasons),
            }
            for anchor in anchors
        ],
    }
