"""Load an article from a file and print what came of it as JSON."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.domain.errors import Refused
from annotations.management.choosing import day, desk_named, person_named
from annotations.models import Anchor, Document
from annotations.reading import MAX_FILE_BYTES
from annotations.workflow.loading import load_file


class Command(BaseCommand):
    help = (
        "Load an article (.txt, .html, .docx or .pdf) and propose its claims. Prints the document's id "
        "and the proposed claims as JSON, best first; on a refusal prints the reason, stores nothing and "
        "exits with 1."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="the file to load")
        parser.add_argument("--title", default="", help="else the file's own, else its first line")
        parser.add_argument("--language", default="", help="ISO 639 code such as nl; else it is detected")
        parser.add_argument("--outlet", default="", help="where it was published")
        parser.add_argument("--author", default="")
        parser.add_argument("--published", type=day, default=None, metavar="YYYY-MM-DD")
        parser.add_argument("--url", default="", help="where it can be read")
        parser.add_argument(
            "--desk", default="", help="slug of the desk; needed only where there are several"
        )
        parser.add_argument(
            "--by", default="", metavar="USERNAME", help="who loads it; else the desk's first manager"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            desk = desk_named(options["desk"])
            document = load_file(
                desk=desk,
                by=person_named(desk, options["by"]),
                filename=options["path"].name,
                content=_content(options["path"]),
                title=options["title"],
                language=options["language"],
                url=options["url"],
                outlet=options["outlet"],
                author=options["author"],
                published_on=options["published"],
            )
        except Refused as refused:
            details = " ".join(refused.fields.values())
            raise CommandError(f"{refused.sentence} {details}".strip()) from refused
        self.stdout.write(json.dumps(_outcome(document), ensure_ascii=False, indent=2))


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            # One byte more than is allowed is enough to be refused for it.
            return file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror or error}.") from error


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
                "reasons": anchor.claim.score_reasons,
            }
            for anchor in anchors
        ],
    }
