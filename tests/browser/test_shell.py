"""The frame of the pages in a real browser: colours, keys, menus, and whether everyone can use it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from annotations.models import Claim, Evidence, User
from annotations.workflow.claims import edit, organise
from tests.browser.conftest import assert_accessible
from tests.factories import Team, make_claim_in_review, make_document, make_team, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[[User], None]


@pytest.fixture
def team(transactional_db: None) -> Team:
    """Two claims to check, one to review, one overdue."""
    team = make_team()
    document = make_document(team)
    for words in ("minstens vijftig gewonden", "het hoofd van de inlichtingendienst SEBIN"):
        edit.create_claim_from_words(document.pk, words=words, by=team.editor)
    make_claim_in_review(team, document=document, words="door soldaten was bevrijd")
    first = Claim.objects.order_by("pk")[0]
    organise.prioritise_claims([first.pk], by=team.editor, priority=1)
    organise.tag_claims([first.pk], by=team.editor, add=["caracas"])
    return team


def pages_of(team: Team) -> list[str]:
    base = f"/desks/{team.desk.slug}"
    return [
        "/",
        "/claims/",
        "/claims/?state=open&tag=caracas",
        "/claims/?text=nowhere",
        "/sources/",
        f"/sources/{Evidence.objects.all()[0].reference_id}/",
        "/account/",
        f"{base}/",
        f"{base}/ratings/",
        f"{base}/log/",
        f"{base}/settings/",
        "/claims/?after=broken",
        "/nowhere/",
    ]


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 360)])
def test_every_page_of_the_shell_is_usable_by_everyone(
    quiet_page: Page, team: Team, sign_in: SignIn, theme: str, width: int
) -> None:
    page = quiet_page
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/sign-in/")
    assert_accessible(page)
    sign_in(team.manager)
    for address in pages_of(team):
        page.goto(address)
        assert_accessible(page)
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, f"{address} scrolls sideways at {width}px"
    assert page.complaints == []  # type: ignore[attr-defined]


def test_the_open_menus_and_the_keys_dialog_are_usable_by_everyone(
    quiet_page: Page, team: Team, sign_in: SignIn
) -> None:
    page = quiet_page
    sign_in(team.manager)
    page.goto("/claims/")
    page.get_by_role("checkbox", name="All on this page").check()
    page.get_by_text("Change the selected claims…").click()
    assert_accessible(page)
    page.get_by_text(f"Account of {team.manager.display_name}").click()
    assert_accessible(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Keys of this page").click()
    assert_accessible(page)


def test_the_help_lists_exactly_the_keys_that_work_here(page: Page, team: Team, sign_in: SignIn) -> None:
    sign_in(team.reviewer)
    page.goto("/")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys of this page")
    expect(dialog).to_be_visible()
    listed = dialog.locator("dt").all_inner_texts()
    offered = page.evaluate("[...document.querySelectorAll('[data-key]')].map(e => e.dataset.key)")
    assert sorted(listed) == sorted({"j", "k", "Enter", *offered})
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_j_and_k_walk_the_list_and_enter_opens_it(page: Page, team: Team, sign_in: SignIn) -> None:
    sign_in(team.editor)
    page.goto("/claims/")
    focused = "document.activeElement.textContent"
    statements = page.locator("[data-open]").all_inner_texts()
    page.keyboard.press("j")
    assert page.evaluate(focused) == statements[0]
    page.keyboard.press("j")
    assert page.evaluate(focused) == statements[1]
    page.keyboard.press("k")
    assert page.evaluate(focused) == statements[0]
    page.keyboard.press("x")
    assert page.locator('input[name="claim"]').first.is_checked()


def test_keys_stay_silent_while_someone_types(page: Page, team: Team, sign_in: SignIn) -> None:
    sign_in(team.editor)
    page.goto("/")
    page.keyboard.press("/")
    expect(page.get_by_label("Words in the claim")).to_be_focused()
    page.keyboard.type("njk?x")
    expect(page.get_by_label("Words in the claim")).to_have_value("njk?x")
    assert page.url.endswith("/")
    assert Claim.objects.filter(lease_holder__isnull=False).count() == 0


def test_single_keys_can_be_turned_off_and_stay_off(page: Page, team: Team, sign_in: SignIn) -> None:
    sign_in(team.editor)
    page.goto("/")
    page.keyboard.press("?")
    page.get_by_label("Single keys are on").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("/")
    expect(page.get_by_label("Words in the claim")).not_to_be_focused()


def test_the_skip_link_is_the_first_stop_and_leads_to_the_content(
    page: Page, team: Team, sign_in: SignIn
) -> None:
    sign_in(team.editor)
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_dark_is_chosen_without_a_new_page_and_kept(page: Page, team: Team, sign_in: SignIn) -> None:
    sign_in(team.editor)
    page.emulate_media(color_scheme="light")
    page.goto("/account/")
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(paper)
    page.locator("main").get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    dark = page.evaluate(paper)
    assert dark != light
    page.goto("/")
    assert page.evaluate(paper) == dark


def test_narrowing_keeps_the_place_and_the_address(page: Page, team: Team, sign_in: SignIn) -> None:
    sign_in(team.editor)
    page.goto("/claims/")
    expect(page.locator("[data-item]")).to_have_count(3)
    page.get_by_label("Tag", exact=True).fill("caracas")
    page.get_by_label("Tag", exact=True).press("Tab")
    expect(page.locator("[data-item]")).to_have_count(1)
    expect(page).to_have_url(re.compile("tag=caracas"))
    page.reload()
    expect(page.locator("[data-item]")).to_have_count(1)


def test_ticking_all_counts_them_and_changes_them_together(page: Page, team: Team, sign_in: SignIn) -> None:
    sign_in(team.editor)
    page.goto("/claims/")
    expect(page.get_by_text("Change the selected claims…")).to_be_hidden()
    page.get_by_role("checkbox", name="All on this page").check()
    expect(page.get_by_text("3 selected")).to_be_visible()
    page.get_by_text("Change the selected claims…").click()
    page.get_by_label("Tags to add, separated by commas").fill("april")
    page.get_by_role("button", name="Change tags").click()
    expect(page.get_by_text("Tags changed on 3 claims.")).to_be_visible()
    assert Claim.objects.filter(tags__contains=["april"]).count() == 3


def test_everything_works_without_a_script(browser: object, team: Team, live_server: object) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=str(live_server.url))  # type: ignore[attr-defined]
    page = context.new_page()
    boss = make_user("boss")
    boss.set_password("correct horse battery")
    boss.save()
    team.desk.memberships.create(user=boss, role="manager")
    page.goto("/claims/")
    page.get_by_label("Name").fill(boss.username)
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Tag", exact=True).fill("caracas")
    page.get_by_role("button", name="Narrow").click()
    expect(page.locator("[data-item]")).to_have_count(1)
    page.locator('input[name="claim"]').check()
    page.get_by_text("Change the selected claims…").click()
    page.get_by_label("Priority", exact=True).select_option("4")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.get_by_text("Priority and due day set for 1 claim.")).to_be_visible()
    page.goto(f"/desks/{team.desk.slug}/")
    page.get_by_label(f"Role of {team.viewer.display_name}").select_option("editor")
    page.locator("tr", has_text=team.viewer.username).get_by_role("button", name="Change").click()
    expect(page.get_by_text("The role is changed.")).to_be_visible()
    context.close()
