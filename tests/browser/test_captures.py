"""A hostile page that was kept, opened in a real browser: nothing of it runs and no request leaves."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request

from annotations.models import Capture, User
from annotations.workflow.evidence.attach import attach_file
from tests.factories import make_claim, make_team
from tests.fakes.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# What each of these would do, were it let: change the title, or ask the site.
HOSTILE = """<html><head>
<meta http-equiv="refresh" content="0;url=SITE/refresh"><base href="SITE/base/">
<link rel="stylesheet" href="SITE/a.css"><link rel="prefetch" href="SITE/prefetch">
<script src="SITE/a.js"></script><script>document.title = 'taken'; fetch('SITE/fetch')</script>
<style>@import url(SITE/import.css); body { background: url(SITE/background.png) }</style></head>
<body onload="document.title = 'taken'" background="SITE/body.png">
<p id="words">The words of the page.</p>
<img src="SITE/pixel.gif" onerror="document.title = 'taken'"><img srcset="SITE/set.png 2x">
<svg><image href="SITE/svg.png"></image><script>document.title = 'taken'</script></svg>
<iframe src="SITE/frame"></iframe><iframe srcdoc="<script>parent.document.title = 'taken'</script>"></iframe>
<video autoplay src="SITE/a.mp4" poster="SITE/poster.png"></video><audio autoplay src="SITE/a.mp3"></audio>
<object data="SITE/object"></object><embed src="SITE/embed">
<form action="SITE/form" method="post"><button id="send">Send</button></form>
<a id="leave" href="SITE/link" ping="SITE/ping">Leave</a>
<details open ontoggle="document.title = 'taken'"><summary>More</summary></details>
<input autofocus onfocus="document.title = 'taken'">
<p style="background: url(SITE/style.png)">Styled.</p></body></html>"""


@pytest.fixture
def hostile(site: Site) -> tuple[User, Capture]:
    team = make_team()
    content = HOSTILE.replace("SITE", site.url("").rstrip("/")).encode()
    evidence = attach_file(
        claim_id=make_claim(team).pk, filename="a.html", content=content, stance="supports", by=team.editor
    )
    assert evidence.capture is not None
    return team.viewer, evidence.capture


def test_a_hostile_page_shown_as_a_copy_runs_nothing_and_asks_nobody(
    page: Page, sign_in: Callable[[User], None], hostile: tuple[User, Capture], site: Site, base_url: str
) -> None:
    person, capture = hostile
    sign_in(person)
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    address = f"{base_url}/sources/captures/{capture.pk}/copy"
    page.goto(address, wait_until="networkidle")
    assert page.locator("p").first.inner_text() == "The words of the page."
    assert page.title() == "Copy"
    page.get_by_text("Leave").click()
    page.wait_for_load_state("networkidle")
    assert page.url == address
    assert asked == [address]
    assert site.requests == []


def test_the_copy_has_no_part_in_the_session_of_who_looks_at_it(
    page: Page, sign_in: Callable[[User], None], hostile: tuple[User, Capture], base_url: str
) -> None:
    person, capture = hostile
    sign_in(person)
    page.goto(f"{base_url}/sources/captures/{capture.pk}/copy")
    assert page.evaluate("window.origin") == "null"


def test_the_bytes_as_they_were_are_saved_and_never_shown(
    page: Page, sign_in: Callable[[User], None], hostile: tuple[User, Capture], site: Site, base_url: str
) -> None:
    person, capture = hostile
    sign_in(person)
    page.goto(f"{base_url}/sources/")
    with page.expect_download() as saved:
        page.evaluate(f"window.location = '/sources/captures/{capture.pk}/payload'")
    assert saved.value.suggested_filename.endswith(".html")
    assert page.url == f"{base_url}/sources/"
    assert site.requests == []
