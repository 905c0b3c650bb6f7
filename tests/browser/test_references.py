"""The pages of sources in a real browser: landing fetches, many again, uploads, and use by everyone."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from annotations.models import Alert, Capture, FetchJob, Host, Reference, User, Watch
from annotations.workflow.fetches.run import run_fetch
from tests.browser.conftest import assert_accessible
from tests.factories import Team, make_reference
from tests.fakes.site import Site, response
from tests.watched import END, LEDE, PASSAGE, REST, WatchedPage, story, watched_page
from tests.without_rules import save_whole

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[[User], None]
LOOK = "e => { const s = getComputedStyle(e); return [s.color, s.backgroundColor, s.textDecorationLine] }"


@pytest.fixture
def changed(team: Team, site: Site) -> WatchedPage:
    """A page whose passage changed, was looked at again, and then shut its door."""
    page = watched_page(team, site)
    page.shows(story(LEDE, PASSAGE.replace("fifty", "fifteen"), REST, END))
    page.look()
    page.look()
    page.shows(b"<h1>Forbidden</h1>", status="403 Forbidden")
    page.look()
    return page


def failing(team: Team, number: int = 1) -> list[Reference]:
    references = [make_reference(team, f"https://site{at}.example/page") for at in range(number)]
    for at, reference in enumerate(references):
        reference.host, reference.fetch_state, reference.fetch_code = (
            f"site{at}.example",
            "failed",
            "tls_expired" if at == 0 else "bot_block",
        )
        save_whole(reference)
    return references


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 360)])
def test_every_page_of_sources_is_usable_by_everyone(
    quiet_page: Page, team: Team, changed: WatchedPage, sign_in: SignIn, theme: str, width: int
) -> None:
    page = quiet_page
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900})
    refused, walled = failing(team, 2)
    Watch.objects.create(reference=walled, page_status="blocked", next_check_at=timezone.now())
    waits = make_reference(team, "https://slow.example/page")
    Reference.objects.filter(pk=waits.pk).update(host="slow.example", fetch_state="queued")
    FetchJob.objects.create(reference=waits, host="slow.example", state="queued")
    Host.objects.create(name="slow.example", failures=6, last_code="connect_timeout")
    read = changed.captures[0]
    read.extractions.create(
        extractor="factcheck-reading/9", text=read.text.replace("fifty", "fifteen"), author="Jan"
    )
    sign_in(team.editor)
    source, capture = changed.reference.pk, changed.captures[0].pk
    for address in (
        "/sources/",
        "/sources/?part=failing",
        "/sources/?part=gone&words=nothing",
        "/sources/sites/",
        "/sources/keys/",
        "/sources/checking/",
        f"/sources/{source}/",
        f"/sources/{source}/compare/",
        f"/sources/captures/{capture}/",
        f"/sources/{refused.pk}/",
        f"/sources/{waits.pk}/",
    ):
        page.goto(address)
        for hidden in page.locator("main details:not([open]) > summary").all():
            if hidden.is_visible():
                hidden.click()
        assert_accessible(page)
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, f"{address} scrolls sideways at {width}px"
    assert page.complaints == []  # type: ignore[attr-defined]


def test_words_that_went_or_came_look_alike_wherever_they_are_compared(
    page: Page, team: Team, changed: WatchedPage, sign_in: SignIn
) -> None:
    capture = changed.captures[0]
    capture.extractions.create(extractor="factcheck-reading/9", text=capture.text.replace("fifty", "fifteen"))
    sign_in(team.editor)
    looks = set()
    for address in (
        f"/alerts/{Alert.objects.get().pk}/",
        f"/sources/{changed.reference.pk}/compare/",
        f"/sources/captures/{capture.pk}/",
    ):
        page.goto(address)
        for tag in ("del", "ins"):
            found = page.locator(f"main .side {tag}").first
            expect(found).to_be_attached()
            looks.add((tag, *found.evaluate(LOOK)))
    assert len(looks) == 2
    assert all(background != "rgba(0, 0, 0, 0)" for _, _, background, _ in looks)


def test_a_fetch_lands_on_the_open_page_by_itself(
    page: Page, team: Team, site: Site, sign_in: SignIn
) -> None:
    site.pages["/late"] = response(story())
    reference = make_reference(team, site.url("/late"))
    Reference.objects.filter(pk=reference.pk).update(
        host="127.0.0.1", fetch_state="failed", fetch_code="http_503"
    )
    sign_in(team.editor)
    page.goto(f"/sources/{reference.pk}/")
    expect(page.get_by_text("Nothing is kept yet")).to_be_visible()
    page.locator("#fetch-now").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#fetch").get_by_text("Queued")).to_be_visible()
    expect(page.locator("#fetch-now")).to_be_focused()
    assert run_fetch(FetchJob.objects.get(state="queued").pk, worker="w1")
    expect(page.locator("#fetch").get_by_text("Fetched", exact=True)).to_be_visible(timeout=15_000)
    expect(page.locator("#line").get_by_role("link", name=re.compile("Capture of"))).to_be_visible()
    expect(page.locator("#facts").get_by_text("Anna Smit")).to_be_visible()
    expect(page.locator("[data-poll]")).to_have_count(0)


def test_the_list_walks_by_keys_and_fetches_many_again(page: Page, team: Team, sign_in: SignIn) -> None:
    references = failing(team, 3)
    sign_in(team.editor)
    page.goto("/sources/?part=failing")
    expect(page.get_by_text("Fetch again…")).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.get_by_text("2 selected")).to_be_visible()
    page.get_by_text("Fetch again…").click()
    page.get_by_role("button", name="Fetch them again").click()
    expect(page.get_by_text("2 pages are fetched again.")).to_be_visible()
    asked = set(FetchJob.objects.values_list("reference_id", flat=True))
    assert asked == {references[2].pk, references[1].pk}


def test_the_certificate_is_overlooked_only_after_a_second_thought(
    page: Page, team: Team, sign_in: SignIn
) -> None:
    [reference] = failing(team)
    sign_in(team.editor)
    page.goto(f"/sources/{reference.pk}/")
    expect(page.get_by_role("button", name="Fetch it once, unchecked")).to_be_hidden()
    page.get_by_text("Fetch once in spite of the certificate…").click()
    assert FetchJob.objects.count() == 0
    page.get_by_role("button", name="Fetch it once, unchecked").click()
    expect(page.get_by_text("fetched once without checking the certificate")).to_be_visible()
    assert FetchJob.objects.get().verify_tls is False


def test_what_one_sees_is_uploaded_without_a_script(
    browser: Any, team: Team, live_server: Any, sign_in: SignIn, page: Page, tmp_path: Path
) -> None:
    reference = failing(team, 2)[1]
    sign_in(team.editor)
    context = browser.new_context(
        java_script_enabled=False, base_url=live_server.url, storage_state=page.context.storage_state()
    )
    plain = context.new_page()
    plain.goto(f"/sources/{reference.pk}/")
    file = tmp_path / "seen.html"
    file.write_bytes(story())
    plain.locator("input[type=file]").set_input_files(file)
    plain.get_by_role("button", name="Keep it").click()
    expect(plain.get_by_text("Kept, with your name on it")).to_be_visible()
    expect(plain.get_by_text(f"Uploaded by {team.editor.display_name}, not fetched")).to_be_visible()
    assert Capture.objects.get().uploaded_by == team.editor
    context.close()


def test_a_hash_is_copied_whole(page: Page, team: Team, changed: WatchedPage, sign_in: SignIn) -> None:
    sign_in(team.viewer)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"/sources/captures/{changed.captures[0].pk}/")
    page.get_by_text("All hashes").click()
    page.get_by_role("button", name="Copy the hash of the bytes").click()
    expect(page.locator("#live")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == changed.captures[0].body_sha256


def test_on_paper_the_proofs_stand_open_and_the_buttons_are_gone(
    page: Page, team: Team, changed: WatchedPage, sign_in: SignIn
) -> None:
    sign_in(team.editor)
    page.goto(f"/sources/{changed.reference.pk}/")
    page.emulate_media(media="print")
    expect(page.locator("#upload")).to_be_hidden()
    expect(page.locator("#fetch-now")).to_be_hidden()
    expect(page.get_by_text("A passage relied on reads differently").first).to_be_visible()
    expect(page.locator(".line__proved").first).to_be_visible()
