"""The pages of accounts in a real browser: for everyone, at 360 pixels, in both colours, without scripts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from annotations.models import User
from annotations.workflow.desks import second_factor
from annotations.workflow.desks.accounts import create_account
from annotations.workflow.desks.invitations import invite
from tests.browser.conftest import assert_accessible
from tests.factories import Team, make_team

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
    for address in ("/account/", "/account/two-factor/", f"{base}/", f"{base}/settings/"):
        page.goto(address)
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_two_factor_sign_in_takes_no_script_and_no_mouse(browser: Browser, live_server: Any) -> None:
    team = make_team()
    team.editor.set_password(PASSWORD)
    team.editor.save()
    secret = second_factor.new_secret()
    earlier = second_factor.code_at(secret, timezone.now() - timedelta(seconds=30))
    second_factor.set_up(by=team.editor, secret=secret, code=earlier, keep_session=None)
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/sign-in/?next=/account/")
    page.get_by_label("Name").fill(team.editor.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your code")).to_be_visible()
    page.keyboard.type(second_factor.code_at(secret, timezone.now()))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Where you are signed in")).to_be_visible()
    expect(page.get_by_text("here", exact=True)).to_be_visible()
    context.close()
