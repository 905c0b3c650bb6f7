"""A report in a real browser: choosing, counting, freezing, reading, downloading, printing."""

import json
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import expect

from annotations.domain.reports.criteria import Criteria
from annotations.exports import FORMATS
from annotations.queries.reports import ReportRows, head_of
from annotations.workflow.reports.freeze import freeze_report
from tests.workflow.reports.verified import Newsroom

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@pytest.fixture
def room():
    room = Newsroom()
    claim = room.claim("At least fifty people were injured.", claimant_name="Maria Pérez", tags=["injured"])
    room.source(claim)
    room.verify(claim, "mostly_true")
    room.verified("López was freed by soldiers.", words="López", tags=["army"])
    return room


@pytest.fixture
def signed_in(room, client, page, live_server):
    client.force_login(room.editor)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    return page


def faults(page):
    return [
        (fault["id"], fault["nodes"][0]["target"])
        for fault in Axe().run(page, options=RULES).response["violations"]
    ]


def frozen(room):
    return freeze_report(desk=room.desk, by=room.editor, title="April", criteria=Criteria())


def test_the_count_follows_each_choice_and_the_report_opens(signed_in, live_server):
    page = signed_in
    page.goto(f"{live_server.url}/reports/new/")
    expect(page.locator("#preview")).to_contain_text("2 verified claims")
    page.get_by_label("Mostly true").check()
    expect(page.locator("#preview")).to_contain_text("1 verified claim")
    page.get_by_label("Claimant’s name contains").fill("nobody")
    expect(page.locator("#preview")).to_contain_text("0 verified claims")
    page.get_by_label("Claimant’s name contains").fill("pérez")
    expect(page.locator("#preview")).to_contain_text("1 verified claim")
    page.get_by_label("Title").fill("Injured")
    page.get_by_role("button", name="Freeze the report").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Injured")
    with page.expect_download() as caught:
        page.get_by_role("link", name="JSON").click()
    assert caught.value.suggested_filename == "report-1.json"
    assert [claim["statement"] for claim in json.loads(Path(caught.value.path()).read_bytes())["claims"]] == [
        "At least fifty people were injured."
    ]


def test_pages_are_accessible_and_nothing_hangs_over_on_a_phone(room, signed_in, live_server):
    report = frozen(room)
    page = signed_in
    for scheme, width in (("light", 1280), ("dark", 360)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        for path in ("/reports/", "/reports/new/", f"/reports/{report.pk}/"):
            page.goto(f"{live_server.url}{path}")
            assert faults(page) == []
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_html_file_is_accessible_and_asks_for_nothing(room, page, tmp_path):
    report = frozen(room)
    file = tmp_path / "report.html"
    file.write_bytes(b"".join(FORMATS["html"].write(head_of(report), ReportRows(report.pk))))
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for scheme, width in (("light", 1280), ("dark", 360)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(file.as_uri())
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert set(asked) == {file.as_uri()}


def test_on_paper_only_the_report_remains(room, signed_in, live_server):
    report = frozen(room)
    page = signed_in
    page.goto(f"{live_server.url}/reports/{report.pk}/")
    page.emulate_media(media="print")
    expect(page.locator(".masthead")).to_be_hidden()
    expect(page.get_by_role("link", name="JSON")).to_be_hidden()
    expect(page.get_by_role("heading", name="At least fifty people were injured.")).to_be_visible()


def test_a_fragment_of_a_claim_on_another_page_leads_there(room, signed_in, live_server, monkeypatch):
    monkeypatch.setattr("annotations.queries.reports.ROWS_PAGE_SIZE", 1)
    report = frozen(room)
    claims = [row["anchor"] for row in ReportRows(report.pk)]
    address = f"{live_server.url}/reports/{report.pk}/"
    page = signed_in
    page.goto(f"{address}#{claims[1]}")
    page.wait_for_url(f"{address}?after=1#{claims[1]}")
    expect(page.locator(f"#{claims[1]}:target")).to_be_visible()
