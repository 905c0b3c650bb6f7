"""Reports over HTTP."""

import json

import pytest

from annotations.models import Report
from tests.factories import make_claim, make_verified_claim

pytestmark = pytest.mark.django_db


@pytest.fixture
def report(team, editor):
    make_verified_claim(team)
    make_verified_claim(team)
    return editor.post("reports/", {"desk": team.desk.pk, "title": "April"}).json()


def test_verified_claims_are_frozen(team, editor, report):
    assert (report["number"], report["state"], report["row_count"]) == (1, "ready", 2)
    assert editor.get(f"reports/{report['id']}/").json() == report
    assert editor.get("reports/", {"desk": team.desk.pk}).json()["results"] == [report]


def test_a_report_of_nothing_is_refused_and_takes_no_number(team, editor):
    make_claim(team)
    response = editor.post("reports/", {"desk": team.desk.pk})
    assert (response.status_code, response.json()["code"]) == (422, "report_empty")
    assert not Report.objects.exists()
    team.desk.refresh_from_db()
    assert team.desk.last_report_number == 0


def test_criteria_are_checked_by_name(team, editor, report):
    body = {"desk": team.desk.pk, "criteria": {"colour": "red"}}
    response = editor.post("reports/", body)
    assert (response.status_code, response.json()["fields"]) == (
        400,
        {"criteria.colour": "There is no such field here."},
    )
    elsewhere = editor.post("reports/", {"desk": team.desk.pk, "criteria": {"documents": [10**9]}})
    assert (elsewhere.status_code, list(elsewhere.json()["fields"])) == (422, ["documents"])
    assert Report.objects.count() == 1


def test_the_rows_page_by_their_place(editor, report):
    first = editor.get(f"reports/{report['id']}/rows/", {"page_size": 1}).json()
    second = editor.get(first["next"]).json()
    assert [page["results"][0]["position"] for page in (first, second)] == [1, 2]
    assert second["next"] is None


@pytest.mark.parametrize("form", ["html", "csv", "json", "claimreview"])
def test_a_download_is_the_same_bytes_and_says_so(editor, report, form):
    path = f"reports/{report['id']}/download/{form}/"
    first, second = editor.get(path), editor.get(path)
    body = b"".join(first.streaming_content)
    assert body
    assert b"".join(second.streaming_content) == body
    assert first["Content-Disposition"].startswith(f'attachment; filename="report-{report["number"]}.')
    unchanged = editor.client.get(
        f"/api/v1/{path}", headers=editor.headers | {"If-None-Match": first["ETag"]}
    )
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_a_format_that_is_not_there_names_those_that_are(editor, report):
    response = editor.get(f"reports/{report['id']}/download/xml/")
    assert (response.status_code, "claimreview" in response.json()["detail"]) == (404, True)


def test_a_download_does_not_mind_what_accept_says(editor, report):
    response = editor.client.get(
        f"/api/v1/reports/{report['id']}/download/json/", headers=editor.headers | {"Accept": "text/csv"}
    )
    assert response.status_code == 200
    assert json.loads(b"".join(response.streaming_content))


def test_a_report_being_frozen_cannot_be_read_yet(editor, team):
    report = Report.objects.create(
        desk=team.desk, number=7, title="Large", state="queued", created_by=team.editor
    )
    for path in ("rows/", "download/csv/"):
        response = editor.get(f"reports/{report.pk}/{path}")
        assert (response.status_code, response.json()["code"]) == (409, "report_not_ready")
