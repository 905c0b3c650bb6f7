"""A signed-in page in a real Chromium, and the question whether everyone can use it."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page

from annotations.models import User

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
def sign_in(page: Page, live_server: Any) -> Callable[[User], None]:
    """A function that signs a person in without the sign-in page."""

    def as_(person: User) -> None:
        client = Client()
        client.force_login(person)
        name = settings.SESSION_COOKIE_NAME
        cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
        page.context.add_cookies([cookie])

    return as_


@pytest.fixture(scope="session")
def base_url(live_server: Any) -> str:
    """Where Playwright resolves relative addresses."""
    return str(live_server.url)


@pytest.fixture
def quiet_page(page: Page) -> Page:
    """A page whose `complaints` collect script errors and what the content policy blocked."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda message: (
            complaints.append(message.text)
            if message.type == "error" and "Failed to load resource" not in message.text
            else None
        ),
    )
    page.complaints = complaints  # type: ignore[attr-defined]
    return page


def assert_accessible(page: Page) -> None:
    """Fail with rule, element and reason of every WCAG 2.2 AA violation that axe finds as the page is."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}})
    problems = [
        f"{violation['id']}: {violation['help']}\n    "
        + "\n    ".join(f"{node['html'][:200]} — {node['failureSummary']}" for node in violation["nodes"][:4])
        for violation in found.response["violations"]
    ]
    assert not problems, "\n".join(problems)
