import pytest
from django.db import IntegrityError, transaction

from annotations.domain.reports.criteria import Criteria
from annotations.models import ReportRow
from annotations.workflow.reports.freeze import freeze_report
from tests.workflow.reports.verified import Newsroom

pytestmark = pytest.mark.django_db


def test_a_report_holds_a_claim_once():
    room = Newsroom()
    claim = room.verified()
    report = freeze_report(desk=room.desk, by=room.editor, title="", criteria=Criteria())
    with pytest.raises(IntegrityError, match="report_row_claim_once"), transaction.atomic():
        ReportRow.objects.create(report=report, position=2, claim=claim, data={})
    assert report.rows.count() == 1
