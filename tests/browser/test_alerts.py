"""A changed source in a real browser: usable by everyone, decided by keys alone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from annotations.models import Alert, Claim, User
from tests.browser.conftest import assert_accessible
from tests.factories import Team
from tests.fakes.site import Site
from tests.watched import END, LEDE, PASSAGE, REST, WatchedPage, story, watched_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[[User], None]


@pytest.fixture
def watched(team: Team, site: Site) -> WatchedPage:
    watched = watched_page(team, site)
    new = (LEDE, PASSAGE.replace("fifty", "fifteen"), "Nobody was arrested.", REST, END)
    watched.shows(story(*new, title="Fifteen injured", author="Jan Bos"))
    watched.look()
    return watched


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 360), ("light", 2560)])
def test_a_changed_source_is_usable_by_everyone(
    quiet_page: Page, watched: WatchedPage, sign_in: SignIn, theme: str, width: int
) -> None:
    page = quiet_page
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900})
    here = f"/alerts/{watched.alert.pk}/"
    for person in (watched.team.manager, watched.team.editor):
        sign_in(person)
        for address in ("/", "/alerts/", here):
            page.goto(address)
            assert_accessible(page)
            wider = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wider <= 0, f"{address} scrolls sideways at {width}px"
    assert page.complaints == []  # type: ignore[attr-defined]


def test_a_changed_source_is_found_and_decided_by_keys_alone(
    quiet_page: Page, watched: WatchedPage, sign_in: SignIn
) -> None:
    page = quiet_page
    sign_in(watched.team.reviewer)
    page.goto("/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("The passage relied on reads differently now")
    page.keyboard.press("w")
    page.keyboard.type("The hospital corrected its count.")
    page.keyboard.press("Escape")
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("a")
    expect(page.get_by_role("button", name="Amend the verdict")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The claim can be worked on again.")).to_be_visible()
    assert Claim.objects.get(pk=watched.claim.pk).state == "open"
    alert = Alert.objects.get()
    assert (alert.state, alert.note) == ("amended", "The hospital corrected its count.")
    assert page.complaints == []  # type: ignore[attr-defined]
