"""What the long roads share: people with passwords, and the way in."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from annotations.models import User
from tests.factories import Team, make_team

PASSWORD = "a-long-enough-passphrase-2019"


@pytest.fixture
def team(transactional_db: None) -> Team:
    """A desk whose editor and reviewer can sign in."""
    team = make_team()
    for person in (team.editor, team.reviewer):
        person.set_password(PASSWORD)
        person.save(update_fields=["password"])
    return team


@pytest.fixture
def sign_in() -> Callable[[Page, User], None]:
    """A function that signs a person in as people do."""

    def by_hand(page: Page, person: User) -> None:
        page.goto("/sign-in/")
        page.get_by_label("Name").fill(person.username)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Queue", level=1)).to_be_visible()

    return by_hand
