"""The description of the API as a page, in a real browser under the content policy."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import assert_accessible
from tests.factories import make_team

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", [360, 1440])
def test_an_operation_opens_with_its_examples_for_everyone(quiet_page, live_server, width):
    quiet_page.set_viewport_size({"width": width, "height": 900})
    quiet_page.goto(f"{live_server.url}/api/v1/docs/")
    operation = quiet_page.locator("#create_claim")
    operation.locator("summary").press("Enter")
    expect(operation.get_by_text('"exact": "minstens vijftig gewonden binnengebracht"').first).to_be_visible()
    assert quiet_page.evaluate("document.documentElement.scrollWidth") == width
    assert_accessible(quiet_page)
    assert quiet_page.complaints == []


def test_who_is_signed_in_reads_what_needs_no_number(quiet_page, live_server, sign_in):
    team = make_team()
    sign_in(team.viewer)
    quiet_page.goto(f"{live_server.url}/api/v1/docs/")
    quiet_page.locator("#list_desks summary").click()
    quiet_page.locator("#list_desks").get_by_role("link", name="Open").click()
    desks = json.loads(quiet_page.locator("body").inner_text())
    assert [desk["id"] for desk in desks["results"]] == [team.desk.pk]
    assert quiet_page.complaints == []
