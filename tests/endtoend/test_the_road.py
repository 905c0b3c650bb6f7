"""From an article to a report of verified claims: two people, a browser, a worker and a page to fetch."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from annotations.models import Claim, Report, User
from tests.factories import TEXT, Team
from tests.fakes.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.endtoend, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
@pytest.mark.timeout(240)
def test_an_article_becomes_a_report_of_verified_claims(
    team: Team,
    site: Site,
    sign_in: Callable[[Page, User], None],
    start_worker: Callable[..., Any],
    browser: Browser,
    live_server: Any,
    scripts: bool,
) -> None:
    start_worker()
    context = browser.new_context(base_url=live_server.url, java_script_enabled=scripts)
    page = context.new_page()

    # An editor loads an article, and takes up the first claim that is proposed.
    sign_in(page, team.editor)
    page.goto("/documents/new/")
    page.get_by_label("Text of the article").fill(TEXT)
    page.get_by_role("button", name="Add the article").click()
    expect(page.get_by_role("heading", name="Caracas beleefde een onrustige dag", level=1)).to_be_visible()
    wounded = Claim.objects.get(statement__contains="vijftig gewonden")
    page.locator(f"#claim-{wounded.pk}").get_by_role("button", name="Accept").click()
    expect(page.locator(f"#claim-{wounded.pk}").get_by_text("To check")).to_be_visible()

    # Next hands it out; a source is attached and fetched in the background.
    page.goto("/")
    page.get_by_role("button", name="Next to check").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("vijftig gewonden")
    page.get_by_label("Addresses, one on each line").fill(site.url("/article"))
    page.get_by_role("button", name="Attach").click()
    if scripts:
        # The page shows what arrived without being asked.
        expect(page.get_by_text("The bridge opened on Monday").first).to_be_visible(timeout=60_000)
    else:
        _reload_until(page, "The bridge opened on Monday")

    # A verdict with its reasoning goes to a second person.
    page.get_by_role("radio", name="True").first.check()
    page.get_by_label("Reasoning").fill("The register of the hospital shows it.")
    page.get_by_role("button", name="Save and submit").click()
    expect(page.get_by_text("In review").first).to_be_visible()
    wounded.refresh_from_db()
    assert wounded.state == "in_review"
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    context.close()

    # The reviewer is handed exactly that, and approves it.
    context = browser.new_context(base_url=live_server.url, java_script_enabled=scripts)
    page = context.new_page()
    sign_in(page, team.reviewer)
    page.get_by_role("button", name="Next to review").click()
    expect(page.get_by_text("The register of the hospital shows it.").first).to_be_visible()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("Verified").first).to_be_visible()
    wounded.refresh_from_db()
    assert (wounded.state, wounded.verified_by) == ("verified", team.reviewer)

    # It leaves as a report, which downloads the same bytes each time.
    page.goto("/reports/new/")
    page.get_by_label("Title").fill("Caracas, 30 April 2019")
    page.get_by_role("button", name="Freeze the report").click()
    expect(page.get_by_role("heading", name="Caracas, 30 April 2019", level=1)).to_be_visible()
    report = Report.objects.get()
    first = context.request.get(f"/reports/{report.pk}/json/").body()
    assert first == context.request.get(f"/reports/{report.pk}/json/").body()
    (row,) = json.loads(first)["claims"]
    assert row["exact"] in TEXT
    assert [source["title"] for source in row["evidence"]] == ["The bridge opened on Monday"]
    assert row["rating"]["label"] == "True"
    context.close()


def _reload_until(page: Page, words: str) -> None:
    for _ in range(60):
        if page.get_by_text(words).count():
            return
        page.wait_for_timeout(500)
        page.reload()
    pytest.fail(f"“{words}” never appeared")
