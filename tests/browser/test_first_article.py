"""The tutorial, followed to the letter: its texts are read from the page of the manual and typed."""

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project_settings
from playwright.sync_api import Page, expect

from annotations.models import Claim, Report
from annotations.sample.desk import load_sample
from annotations.sample.site import SampleSite
from factcheck.fetch_settings import openings

pytestmark = [pytest.mark.browser, pytest.mark.endtoend, pytest.mark.timeout(300)]

TUTORIAL = Path(project_settings.BASE_DIR) / "docs" / "tutorial" / "first-article.md"
# A worker may be fetching other pages of the same site, one after the other.
FETCHED_WITHIN = 90_000


@pytest.fixture
def site() -> Iterator[SampleSite]:
    running = SampleSite(0, slow_seconds=0.2)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield running
    running.stop()
    thread.join()


@pytest.fixture
def sample(
    site: SampleSite, settings: Any, monkeypatch: pytest.MonkeyPatch, start_worker: Callable[..., Any]
) -> SampleSite:
    """The sample desk with its site and a worker that may fetch from it."""
    settings.FETCH_ALLOWED_NETWORKS = openings(["sample-site"], sample_site_port=site.server_port)
    monkeypatch.setenv("FETCH_ALLOWED_NETWORKS", "sample-site")
    monkeypatch.setenv("SAMPLE_SITE_PORT", str(site.server_port))
    load_sample(site_port=site.server_port)
    start_worker()
    return site


def texts(site: SampleSite) -> tuple[str, str, str, str, str]:
    """What the tutorial says to paste and write: article, addresses, passage; statement, reasoning."""
    manual = TUTORIAL.read_text(encoding="utf-8").replace(":8765/", f":{site.server_port}/")
    article, addresses, passage = re.findall(r"```text\n(.*?)\n```", manual, re.DOTALL)
    statement, reasoning = re.findall(r"^> (.+)$", manual, re.MULTILINE)
    return article, addresses, passage, statement, reasoning


def sign_in(page: Page, who: str) -> None:
    page.goto("/")
    page.get_by_label("Name").fill(who)
    page.get_by_label("Password").fill(f"sample-{who}-2019")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Queue")).to_be_visible()


def sign_out(page: Page) -> None:
    page.locator(".menu__account").click()
    page.get_by_role("button", name="Sign out").click()


def go_to(page: Page, name: str) -> None:
    page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()


def test_the_tutorial_leads_from_an_article_to_a_report(quiet_page: Page, sample: SampleSite) -> None:
    page = quiet_page
    page.set_default_timeout(15_000)
    article, addresses, passage, statement, reasoning = texts(sample)
    sign_in(page, "eva")

    go_to(page, "Documents")
    page.get_by_role("link", name="Add an article").click()
    page.get_by_label("Text of the article").fill(article)
    page.get_by_text("About the article").click()
    page.get_by_label("Title").fill("A day of unrest in Caracas")
    page.get_by_label("Outlet").fill("The Sample Post")
    page.get_by_role("button", name="Add the article").click()
    proposed = page.locator("[data-claim]")
    expect(proposed).to_have_count(3)

    first = proposed.first
    first.get_by_role("link", name="Edit").click()
    first.get_by_label("Statement").fill(statement)
    first.get_by_label("Who says so").fill("Hospital de Ejemplo")
    first.get_by_label("Kind").select_option("Organization")
    first.get_by_role("button", name="Save and accept").click()
    first.get_by_role("link", name=statement).click()

    page.get_by_label("Addresses, one on each line").fill(addresses)
    page.get_by_text("Passage, note, or a file instead").click()
    page.locator("#attach").get_by_label("The passage you rely on").fill(passage)
    page.get_by_role("button", name="Attach").click()
    sources = page.locator(".source")
    expect(sources).to_have_count(2)
    slow = sources.filter(has_text="/slow/recount").or_(
        sources.filter(has_text="Telling van de toegangswegen")
    )
    expect(slow.get_by_text("These words do not stand in the page")).to_be_visible(timeout=FETCHED_WITHIN)
    statement_page = sources.filter(has_text="Parte de la tarde")
    expect(statement_page.locator("mark")).to_have_text(passage)
    slow.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("withdrawn by Eva Voorbeeld")).to_be_visible()

    page.keyboard.press("Escape")
    page.get_by_role("radio", name=re.compile("^True")).check()
    page.get_by_label("Reasoning").fill(reasoning)
    page.get_by_role("button", name="Save and submit").click()
    expect(page.get_by_text("Waiting for a second person")).to_be_visible()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    claim = Claim.objects.get(statement=statement)
    sign_out(page)

    sign_in(page, "rosa")
    page.get_by_role("button", name="Next to review").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Leopoldo López")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    go_to(page, "Queue")
    page.get_by_role("button", name="Next to review").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(statement)
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    sign_out(page)
    claim.refresh_from_db()
    assert (claim.state, claim.verified_by and claim.verified_by.username) == ("verified", "rosa")

    sign_in(page, "eva")
    go_to(page, "Reports")
    page.get_by_role("link", name="New report").click()
    page.get_by_label("A day of unrest in Caracas").check()
    expect(page.get_by_text(re.compile(r"^\s*1\s+verified claim\s*$"))).to_be_visible()
    page.get_by_role("button", name="Freeze the report").click()
    expect(page.get_by_role("heading", name="A day of unrest in Caracas", level=1)).to_be_visible()
    with page.expect_download() as first_time:
        page.get_by_role("link", name="JSON").click()
    with page.expect_download() as second_time:
        page.get_by_role("link", name="JSON").click()
    assert first_time.value.path().read_bytes() == second_time.value.path().read_bytes()
    assert Report.objects.latest("pk").row_count == 1
    assert page.complaints == []  # type: ignore[attr-defined]
