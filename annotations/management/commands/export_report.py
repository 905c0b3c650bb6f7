"""Write a report to a file: a new one, frozen now, or an existing one."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet
from django.utils import timezone

from annotations.domain.errors import Refused
from annotations.domain.reports.contents import content_hash
from annotations.domain.reports.criteria import Criteria
from annotations.exports import FORMATS
from annotations.exports.claimreview_jsonld import findings
from annotations.management.choosing import day, desk_named, person_named
from annotations.models import Desk, Document, Report
from annotations.queries.reports import ReportRows, head_of
from annotations.workflow.reports.freeze import check_ready, freeze_report


class Command(BaseCommand):
    help = (
        "Freeze verified claims into a report and write it as HTML, CSV, JSON or ClaimReview. "
        "With --report, write a report that is frozen already: the same bytes each time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", required=True, choices=sorted(FORMATS), help="what to write")
        parser.add_argument("--output", required=True, help="the file to write; - writes to standard output")
        parser.add_argument(
            "--desk", default="", help="slug of the desk; needed only where there are several"
        )
        parser.add_argument(
            "--report", type=int, metavar="NUMBER", help="write this report instead of a new one"
        )
        parser.add_argument("--title", default="", help="title of a new report")
        parser.add_argument(
            "--by",
            default="",
            metavar="USERNAME",
            help="who freezes a new report; else the desk's first manager",
        )
        parser.add_argument(
            "--document",
            type=int,
            action="append",
            default=[],
            metavar="ID",
            help="only claims of this article; may be repeated",
        )
        parser.add_argument(
            "--rating",
            action="append",
            default=[],
            metavar="SLUG",
            help="only claims with this rating; may be repeated",
        )
        parser.add_argument(
            "--tag", action="append", default=[], help="only claims with this tag; may be repeated"
        )
        parser.add_argument(
            "--claimant", default="", help="only claims of a claimant whose name contains this"
        )
        parser.add_argument(
            "--language",
            default="",
            help="only claims of articles in this language, an ISO 639 code such as nl",
        )
        parser.add_argument(
            "--from",
            type=day,
            dest="verified_from",
            metavar="YYYY-MM-DD",
            help="only claims verified on this day or later",
        )
        parser.add_argument(
            "--to",
            type=day,
            dest="verified_to",
            metavar="YYYY-MM-DD",
            help="only claims verified on this day or earlier",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            desk = desk_named(options["desk"], within=_desks_of(options["document"]))
            report = _existing(desk, options["report"]) if options["report"] else _new(desk, options)
            check_ready(report)
        except Refused as refused:
            details = " ".join(refused.fields.values())
            raise CommandError(f"{refused.sentence} {details}".strip()) from refused
        rows = ReportRows(report.pk)
        if content_hash(rows) != report.content_hash:
            raise CommandError(
                f"The rows of report {report.number} do not match its content hash: they were changed in the "
                "database behind the workbench. Nothing was written. Restore them from a backup."
            )
        head = head_of(report)
        _write(options["output"], FORMATS[options["format"]].write(head, rows))
        if options["format"] == "claimreview":
            for finding in findings(head, rows, today=timezone.localdate()):
                kind = "advice" if finding.problem.warning else "fault"
                self.stderr.write(
                    f"{kind} in {len(finding.anchors)} of the claims: {finding.problem.sentence}"
                )
        claims = "1 claim" if report.row_count == 1 else f"{report.row_count} claims"
        self.stderr.write(f"Report {report.number} of {desk.name}: {claims}, SHA-256 {report.content_hash}")


def _desks_of(documents: list[int]) -> QuerySet[Desk] | None:
    """Return the desks of the chosen documents; None if none is chosen. Raises CommandError."""
    if not documents:
        return None
    desks = Desk.objects.filter(pk__in=Document.objects.filter(pk__in=documents).values("desk"))
    if not desks.exists():
        raise CommandError("There is no such document.")
    return desks


def _existing(desk: Desk, number: int) -> Report:
    report = Report.objects.filter(desk=desk, number=number).first()
    if report is None:
        raise CommandError(f"There is no report {number} on the desk {desk.name}.")
    return report


def _new(desk: Desk, options: dict[str, Any]) -> Report:
    criteria = Criteria(
        documents=tuple(options["document"]),
        verified_from=options["verified_from"],
        verified_to=options["verified_to"],
        ratings=tuple(options["rating"]),
        claimant=options["claimant"],
        tags=tuple(options["tag"]),
        language=options["language"],
    )
    by = person_named(desk, options["by"])
    return freeze_report(desk=desk, by=by, title=options["title"], criteria=criteria, wait=True)


def _write(output: str, pieces: Iterable[bytes]) -> None:
    if output == "-":
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        return
    target = Path(output)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        # The file is written beside the target and renamed, so that a reader never sees half a report.
        with partial.open("wb") as file:
            file.writelines(pieces)
        partial.replace(target)
    except OSError as problem:
        raise CommandError(f"{output} could not be written: {problem.strerror or problem}.") from problem
    finally:
        partial.unlink(missing_ok=True)
