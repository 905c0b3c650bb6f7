"""A report is closed with its rows: none is added, and the report says how many there are."""

import pytest
from django.db.models.functions import Now

from annotations.domain.reports.criteria import Criteria
from annotations.models import Claim, Report, ReportRow
from annotations.workflow.reports.freeze import freeze_report
from tests.models.refusing import refused_by
from tests.workflow.reports.verified import Newsroom

pytestmark = pytest.mark.django_db


@pytest.fixture
def room() -> Newsroom:
    return Newsroom()


@pytest.fixture
def claim(room: Newsroom) -> Claim:
    return room.verified()


def queued(room: Newsroom, number: int = 7) -> Report:
    return Report.objects.create(
        desk=room.desk, number=number, title="Waits", state="queued", created_by=room.editor
    )


def test_a_report_holds_a_claim_once(room: Newsroom, claim: Claim) -> None:
    report = queued(room)
    ReportRow.objects.create(report=report, position=1, claim=claim, data={})
    with refused_by("report_row_claim_once"):
        ReportRow.objects.create(report=report, position=2, claim=claim, data={})
    assert report.rows.count() == 1


@pytest.mark.parametrize("state", ["ready", "failed"])
def test_a_report_that_is_done_takes_no_more_rows(room: Newsroom, claim: Claim, state: str) -> None:
    if state == "ready":
        report = freeze_report(desk=room.desk, by=room.editor, title="", criteria=Criteria())
        claim = room.verified()
    else:
        report = queued(room)
        Report.objects.filter(pk=report.pk).update(state="failed")
    before = report.rows.count()

    with refused_by("report_rows_closed"):
        ReportRow.objects.create(report=report, position=9, claim=claim, data={})
    with refused_by("report_rows_closed"):
        ReportRow.objects.bulk_create(
            [
                ReportRow(report=queued(room, 8), position=9, claim=claim, data={}),
                ReportRow(report=report, position=9, claim=claim, data={}),
            ]
        )

    assert report.rows.count() == before


def test_a_report_is_ready_with_the_rows_that_it_counts(room: Newsroom, claim: Claim) -> None:
    report = queued(room)
    ReportRow.objects.create(report=report, position=1, claim=claim, data={})
    ready = {"state": "ready", "content_hash": "00" * 32, "frozen_at": Now()}

    with refused_by("report_counted"):
        Report.objects.filter(pk=report.pk).update(**ready, row_count=2)
    report.refresh_from_db()
    assert report.state == "queued"

    Report.objects.filter(pk=report.pk).update(**ready, row_count=1)
    with refused_by("report_frozen"):
        Report.objects.filter(pk=report.pk).update(title="Another")


def test_a_report_whose_rows_are_being_written_may_still_fail(room: Newsroom, claim: Claim) -> None:
    report = queued(room)
    ReportRow.objects.create(report=report, position=1, claim=claim, data={})

    Report.objects.filter(pk=report.pk).update(title="Renamed")
    Report.objects.filter(pk=report.pk).update(state="failed", problem="The disk is full.")

    report.refresh_from_db()
    assert (report.state, report.title, report.row_count) == ("failed", "Renamed", 0)


def test_a_report_does_not_start_ready(room: Newsroom) -> None:
    with refused_by("report_starts_queued"):
        Report.objects.create(
            desk=room.desk,
            number=7,
            title="From nowhere",
            state="ready",
            content_hash="00" * 32,
            frozen_at=Now(),
            row_count=1,
            created_by=room.editor,
        )
    assert not Report.objects.filter(desk=room.desk).exists()
