"""Write a report to a file: a new one, frozen now, or one that is there already."""

import argparse
import os
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from annotations.domain.errors import Refused
from annotations.domain.report import content_hash
from annotations.domain.report_criteria import Criteria
from annotations.exports import FORMATS
from annotations.exports.claimreview_jsonld import findings
from annotations.models import Desk, Document, Membership, Report, User
from annotations.queries.reports import ReportRows, head_of
from annotations.workflow.reporting import check_ready, freeze_report


class Command(BaseCommand):
    help = (
        "Freeze verified claims into a report and write it as HTML, CSV, JSON or ClaimReview. "
        "With --report, write a report that is frozen already: the same bytes each time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", required=True, choices=sorted(FORMATS))
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
        parser.add_argument("--document", type=int, action="append", default=[], metavar="ID")
        parser.add_argument("--rating", action="append", default=[], metavar="SLUG")
        parser.add_argument("--tag", action="append", default=[])
        parser.add_argument("--claimant", default="")
        parser.add_argument("--language", default="")
        parser.add_argument(
            "--from", type=_day, dest="verified_from", metavar="YYYY-MM-DD", help="verified from"
        )
        parser.add_argument(
            "--to", type=_day, dest="verified_to", metavar="YYYY-MM-DD", help="verified until"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            desk = _desk(options["desk"], options["document"])
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


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(f"“{text}” is no day; write it as 2019-04-30") from wrong


def _desk(slug: str, documents: list[int]) -> Desk:
    desks = Desk.objects.order_by("pk")
    if slug:
        found = desks.filter(slug=slug).first()
        if found is None:
            raise CommandError(f"There is no desk “{slug}”. Desks: {_slugs(desks)}.")
        return found
    if documents:
        desks = desks.filter(pk__in=Document.objects.filter(pk__in=documents).values("desk"))
        if not desks:
            raise CommandError("There is no such document.")
    if len(desks) != 1:
        known = _slugs(desks)
        raise CommandError(f"Say which desk with --desk: {known}." if known else "There is no desk yet.")
    return desks[0]


def _slugs(desks: Iterable[Desk]) -> str:
    return ", ".join(desk.slug for desk in desks)


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
    by = _person(desk, options["by"])
    return freeze_report(desk=desk, by=by, title=options["title"], criteria=criteria, wait=True)


def _person(desk: Desk, username: str) -> User:
    if username:
        person = User.objects.filter(username=username).first()
        if person is None:
            raise CommandError(f"There is nobody with the username “{username}”.")
        return person
    first = Membership.objects.filter(desk=desk, role="manager", user__is_active=True).select_related("user")
    membership = first.order_by("pk").first()
    if membership is None:
        raise CommandError(f"The desk {desk.name} has no manager: say with --by who freezes the report.")
    return membership.user


def _write(output: str, pieces: Iterable[bytes]) -> None:
    if output == "-":
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        return
    target = Path(output)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        # Written beside the target and renamed, so that a reader never sees half a report.
        with partial.open("wb") as file:
            file.writelines(pieces)
        partial.replace(target)
    except OSError as problem:
        raise CommandError(f"{output} could not be written: {problem.strerror or problem}.") from problem
    finally:
        partial.unlink(missing_ok=True)
