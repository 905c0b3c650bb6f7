"""The pages of accounts in a real browser: for everyone, at 360 pixels, in both colours, without scripts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from annotations.models import Membership, User
from annotations.workflow.desks import second_factor
from annotations.workflow.desks.accounts import create_account
from annotations.workflow.desks.invitations import invite
from tests.browser.conftest import assert_accessible
from tests.factories import Team, make_claim, make_second_factor, make_team

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse battery"


@pytest.fixture
def team(transactional_db: None) -> Team:
    """A desk that asks two people, made an account, and whose manager is asked elsewhere."""
    team, elsewhere = make_team(), make_team()
    for name in ("somebody.with.a.long.name", team.outsider.username):
        invite(team.desk.pk, username=name, role="reviewer", by=team.manager)
    create_account(team.desk.pk, username="nora", full_name="Nora Ek", role="editor", by=team.manager)
    invite(elsewhere.desk.pk, username=team.manager.username, role="editor", by=elsewhere.manager)
    return team


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_pages_of_accounts_are_usable_by_everyone(
    scheme: Any, width: int, page: Page, team: Team, sign_in: Callable[[User], None]
) -> None:
    sign_in(team.manager)
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    base = f"/desks/{team.desk.slug}"
    for address in (
        "/account/",
        "/account/two-factor/",
        "/account/two-factor/app/",
        f"{base}/",
        f"{base}/settings/",
    ):
        page.goto(address)
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_two_factor_sign_in_takes_no_script_and_no_mouse(browser: Browser, live_server: Any) -> None:
    team = make_team()
    team.editor.set_password(PASSWORD)
    team.editor.save()
    secret = second_factor.new_secret()
    earlier = second_factor.code_at(secret, timezone.now() - timedelta(seconds=30))
    second_factor.set_up_app(by=team.editor, secret=secret, code=earlier, keep_session=None)
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/sign-in/?next=/account/")
    page.get_by_label("Name").fill(team.editor.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your second factor")).to_be_visible()
    page.keyboard.type(second_factor.code_at(secret, timezone.now()))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Where you are signed in")).to_be_visible()
    expect(page.get_by_text("here", exact=True)).to_be_visible()
    context.close()


def test_a_security_key_is_added_and_opens_the_account(page: Page, live_server: Any) -> None:
    team = make_team()
    team.editor.set_password(PASSWORD)
    team.editor.save()
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "usb", "automaticPresenceSimulation": True}
    key = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    def sign_in() -> None:
        page.goto("/sign-in/?next=/account/two-factor/")
        page.get_by_label("Name").fill(team.editor.username)
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")

    sign_in()
    page.get_by_label("Name of the key").fill("Blue key")
    page.get_by_role("button", name="Add a security key").click()
    expect(page.get_by_label("Your password")).to_be_focused()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Add a security key").press("Enter")
    expect(page.get_by_text("Keep these recovery codes")).to_be_visible()
    expect(page.get_by_role("button", name="Remove Blue key")).to_be_visible()
    assert_accessible(page)

    page.context.clear_cookies()
    sign_in()
    expect(page.get_by_role("heading", name="Your second factor")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Use a security key").press("Enter")
    expect(page.get_by_text("last used")).to_be_visible()

    # The same key twice, and one that does not answer: a sentence, and the form is there again.
    page.get_by_label("Name of the key").fill("Again")
    page.get_by_role("button", name="Add a security key").click()
    expect(page.locator("#main").get_by_text("This key is on your list already.")).to_be_visible()
    devtools.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": key["authenticatorId"]})
    expect(page.get_by_role("button", name="Add a security key")).to_be_enabled()


def test_a_role_and_a_priority_change_only_when_they_are_sent(
    page: Page, team: Team, sign_in: Callable[[User], None]
) -> None:
    sign_in(team.manager)
    claim = make_claim(team)
    page.goto(f"/desks/{team.desk.slug}/")
    page.get_by_label(f"Role of {team.editor.display_name}", exact=True).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    assert Membership.objects.get(desk=team.desk, user=team.editor).role == "editor"

    page.goto(f"/claims/{claim.pk}/")
    page.get_by_label("Priority").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    claim.refresh_from_db()
    before = claim.priority
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    expect(page.get_by_label("Priority")).to_have_value(str(before + 2))
    claim.refresh_from_db()
    assert claim.priority == before + 2


def test_asking_a_desk_for_a_second_factor_names_whom_it_shuts_out(
    page: Page, team: Team, sign_in: Callable[[User], None]
) -> None:
    make_second_factor(team.manager)
    sign_in(team.manager)
    page.goto(f"/desks/{team.desk.slug}/settings/")
    page.get_by_text("Ask for two-factor sign-in…").click()
    shut_out = page.get_by_text("These members see nothing of the desk")
    expect(shut_out).to_contain_text(team.editor.display_name)
    page.get_by_role("button", name="Ask for it").click()
    expect(page.get_by_text("shown to members with two-factor sign-in only")).to_be_visible()


def test_the_password_changes_right_after_a_token_was_made(
    page: Page, team: Team, sign_in: Callable[[User], None]
) -> None:
    team.editor.set_password(PASSWORD)
    team.editor.save()
    sign_in(team.editor)
    page.goto("/account/")
    page.get_by_label("What is it for?").fill("morning import")
    page.get_by_role("button", name="Make a token").click()
    page.get_by_label("Old password").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill("another horse battery")
    page.get_by_label("New password confirmation").fill("another horse battery")
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("password is changed").first).to_be_visible()
