import pytest

from annotations.domain.reports.criteria import Criteria
from annotations.models import Report, ReportState
from annotations.queries.reports import ReportRows
from annotations.workflow.reports import freeze
from annotations.workflow.reports.freeze import freeze_report
from tests.waiting import until
from tests.workflow.reports.verified import Newsroom


@pytest.mark.endtoend
def test_a_real_worker_freezes_what_is_too_large_for_a_page(start_worker, monkeypatch):
    monkeypatch.setattr(freeze, "INLINE_LIMIT", 1)
    room = Newsroom()
    room.verified("One.")
    room.verified("Two.")
    start_worker()
    report = freeze_report(desk=room.desk, by=room.editor, title="Large", criteria=Criteria())
    assert report.state == ReportState.QUEUED
    until(lambda: not Report.objects.filter(pk=report.pk, state=ReportState.QUEUED).exists(), within=30)
    report.refresh_from_db()
    assert report.state == ReportState.READY
    assert [row["statement"] for row in ReportRows(report.pk)] == ["One.", "Two."]
