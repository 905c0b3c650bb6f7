"""A page changes after the verdict: a real worker sees it, its people are called, and they amend."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models.functions import Now
from playwright.sync_api import Browser, Page, expect

from annotations.jobs import WATCH
from annotations.models import Alert, Capture, Claim, Evidence, User, Watch
from annotations.workflow.evidence.attach import attach_addresses
from annotations.workflow.verdicts import review
from factcheck.celery import app
from tests.factories import Team, give_verdict, make_claim, record_of
from tests.fakes.site import Site, response
from tests.waiting import until
from tests.watched import END, LEDE, PASSAGE, REST, story

pytestmark = [pytest.mark.browser, pytest.mark.endtoend, pytest.mark.django_db(transaction=True)]


def watch_now() -> None:
    """Do what the clock does every minute."""
    app.send_task(WATCH)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_source_that_changes_after_the_verdict_brings_the_claim_back_to_work(
    team: Team,
    site: Site,
    sign_in: Callable[[Page, User], None],
    start_worker: Callable[..., Any],
    browser: Browser,
    live_server: Any,
    scripts: bool,
) -> None:
    start_worker()
    site.pages["/story"] = response(story(), 'ETag: "one"')

    # A page is attached, relied on in a passage, and the verdict signed off.
    claim = make_claim(team)
    [evidence] = attach_addresses(
        claim_id=claim.pk,
        addresses=[site.url("/story")],
        stance="supports",
        passage=PASSAGE,
        by=team.editor,
    )
    until(lambda: Evidence.objects.filter(pk=evidence.pk, passage_start__isnull=False).exists())
    give_verdict(team, claim, submit=True)
    review.approve(claim.pk, record=record_of(claim.pk), by=team.reviewer)
    watch_now()
    until(lambda: Watch.objects.filter(next_check_at__isnull=False).exists())

    # Its figure changes, and the next look is due.
    changed = story(LEDE, PASSAGE.replace("fifty", "fifteen"), REST, END)
    site.pages["/story"] = response(changed, 'ETag: "two"')
    Watch.objects.update(next_check_at=Now())
    watch_now()
    until(Alert.objects.exists)
    assert Capture.objects.count() == 2

    # Whoever signed it off finds that in the queue, sees both sides, and amends.
    context = browser.new_context(base_url=live_server.url, java_script_enabled=scripts)
    page = context.new_page()
    sign_in(page, team.reviewer)
    section = page.get_by_role("region", name="Sources that changed")
    section.get_by_role("link", name="The passage relied on reads differently now").click()
    expect(page.locator("mark del").first).to_have_text("fifty")
    expect(page.locator("mark ins").first).to_have_text("fifteen")
    page.get_by_label("Note").fill("The hospital corrected its count to fifteen.")
    page.get_by_role("button", name="Amend the verdict").click()
    expect(page.get_by_text("The claim can be worked on again.")).to_be_visible()
    context.close()
    claim = Claim.objects.get(pk=claim.pk)
    alert = Alert.objects.get()
    assert (claim.state, alert.state, alert.decided_by) == ("open", "amended", team.reviewer)
