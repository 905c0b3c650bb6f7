"""Choosing the passage relied on, in a real Chromium: by mouse, by keyboard, on a phone, without a script."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from annotations.models import Capture, Claim, Evidence, User
from tests.browser.conftest import assert_accessible
from tests.factories import Team, make_capture, make_evidence

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[[User], None]

TEXT = (
    "Het ziekenhuis meldt vijftig gewonden 👩‍⚕️🚑 na de onrust.\n\n"
    "Later waren er vijftig gewonden meer, zei de woordvoerder.\n\n"
    "وصل خمسون جريحا إلى المستشفى.\n\n"
    "医院收治了五十名伤员。"
)
# Selects from one place to another, each a paragraph and units of its text, as a mouse does.
SELECT = """([from, until]) => {
  const spot = ([index, units]) => {
    const paragraph = document.querySelectorAll("#article p[data-start]")[index];
    const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) { const size = walker.currentNode.data.length;
      if (units <= size) return [walker.currentNode, units]; units -= size; } };
  getSelection().setBaseAndExtent(...spot(from), ...spot(until));
}"""


@pytest.fixture
def evidence(team: Team, claim: Claim) -> Evidence:
    evidence = make_evidence(team, claim, url="https://hospital.example/communique")
    Evidence.objects.filter(pk=evidence.pk).update(capture=make_capture(evidence.reference, TEXT))
    return Evidence.objects.select_related("reference", "capture").get(pk=evidence.pk)


def chosen() -> tuple[str, str]:
    """The passage as it was given and as it stands at its place."""
    kept = Evidence.objects.select_related("capture").get()
    assert kept.capture is not None
    return kept.passage, kept.capture.text[kept.passage_start : kept.passage_end]


def test_words_selected_with_the_mouse_are_relied_on_and_shown_on_the_card(
    quiet_page: Page, team: Team, evidence: Evidence, sign_in: SignIn
) -> None:
    page = quiet_page
    sign_in(team.editor)
    page.goto(f"/claims/{evidence.claim_id}/")
    page.get_by_role("link", name="Read it and choose the passage").click()
    expect(page.get_by_role("heading", level=2, name="The passage you rely on")).to_be_visible()
    assert_accessible(page)

    page.evaluate(SELECT, [[1, 15], [1, 31]])
    expect(page.locator("[data-selected-words]")).to_have_text("2 words")
    page.locator("#selection").get_by_role("button", name="Rely on this passage").click()

    page.wait_for_url(f"**/claims/{evidence.claim_id}/#source-{evidence.pk}")
    assert chosen() == ("vijftig gewonden", "vijftig gewonden")
    assert Evidence.objects.get().passage_start == TEXT.index("vijftig gewonden meer")
    card = page.locator(f"#source-{evidence.pk}")
    expect(card.locator("mark")).to_have_text("vijftig gewonden")
    link = card.get_by_role("link", name="Open the page at these words").get_attribute("href")
    assert link == (
        "https://hospital.example/communique#:~:text=Later%20waren%20er-,vijftig%20gewonden,"
        "-meer%2C%20zei%20de%20woordvoerder."
    )
    assert_accessible(page)
    assert page.complaints == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ([0, 21], [0, 45], "vijftig gewonden 👩‍⚕️🚑"),
        ([1, 45], [2, 9], "woordvoerder.\n\nوصل خمسون"),
        ([3, 2], [3, 10], "收治了五十名伤员"),
    ],
)
def test_emoji_other_scripts_and_paragraphs_are_placed_to_the_character(
    page: Page,
    team: Team,
    evidence: Evidence,
    sign_in: SignIn,
    start: list[int],
    end: list[int],
    words: str,
) -> None:
    sign_in(team.editor)
    page.goto(f"/evidence/{evidence.pk}/text/")

    page.evaluate(SELECT, [start, end])
    page.locator("#selection [data-make]").click()

    page.wait_for_url("**/claims/**")
    assert chosen() == (words, words)


def test_the_keyboard_alone_is_enough(page: Page, team: Team, evidence: Evidence, sign_in: SignIn) -> None:
    sign_in(team.editor)
    page.goto(f"/claims/{evidence.claim_id}/")
    page.get_by_role("link", name="Read it and choose the passage").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/text/**")

    page.keyboard.press("s")
    text = page.get_by_role("textbox", name="Text of the source")
    expect(text).to_be_focused()
    assert_accessible(page)
    page.keyboard.press("Control+Home")
    page.keyboard.press("Control+ArrowRight")
    for _ in range(2):
        page.keyboard.press("Shift+Control+ArrowRight")
    page.keyboard.press("Enter")

    page.wait_for_url("**/claims/**")
    assert chosen() == ("ziekenhuis meldt", "ziekenhuis meldt")


def test_escape_leaves_the_selecting_by_keyboard_and_nothing_is_sent(
    page: Page, team: Team, evidence: Evidence, sign_in: SignIn
) -> None:
    sign_in(team.editor)
    page.goto(f"/evidence/{evidence.pk}/text/")

    page.keyboard.press("s")
    page.keyboard.press("Shift+Control+ArrowRight")
    page.keyboard.press("Escape")

    expect(page.get_by_role("button", name="Select with the keyboard")).to_be_focused()
    expect(page.get_by_role("textbox", name="Text of the source")).to_have_count(0)
    assert Evidence.objects.get().passage == ""


def test_words_that_were_typed_over_are_looked_up_and_not_placed_where_they_were_selected(
    page: Page, team: Team, evidence: Evidence, sign_in: SignIn
) -> None:
    sign_in(team.editor)
    page.goto(f"/evidence/{evidence.pk}/text/")

    page.get_by_label("The words you rely on").fill("zei de woordvoerder")
    page.locator("#placing").get_by_role("button", name="Rely on this passage").click()

    page.wait_for_url("**/claims/**")
    assert chosen() == ("zei de woordvoerder", "zei de woordvoerder")


def test_a_newer_reading_is_offered_and_taken_with_one_button(
    page: Page, team: Team, evidence: Evidence, sign_in: SignIn
) -> None:
    sign_in(team.editor)
    page.goto(f"/evidence/{evidence.pk}/text/")
    page.get_by_label("The words you rely on").fill("zei de woordvoerder")
    page.locator("#placing").get_by_role("button", name="Rely on this passage").click()
    newer = make_capture(evidence.reference, "Bijgewerkt om tien uur.\n\n" + TEXT)
    page.goto(f"/claims/{evidence.claim_id}/")

    page.get_by_role("link", name="Choose the passage in the newer text").click()
    expect(page.get_by_text("The passage stands in this reading too.")).to_be_visible()
    assert_accessible(page)
    page.locator("#placing").get_by_role("button", name="Rely on this passage").click()

    page.wait_for_url("**/claims/**")
    assert chosen() == ("zei de woordvoerder", "zei de woordvoerder")
    assert Evidence.objects.get().capture == newer


@pytest.mark.browser_context_args(
    has_touch=True, is_mobile=True, viewport={"width": 360, "height": 740}, device_scale_factor=2
)
def test_on_a_phone_the_button_comes_with_the_selection_and_nothing_is_cut_off(
    page: Page, team: Team, evidence: Evidence, sign_in: SignIn
) -> None:
    sign_in(team.editor)
    page.goto(f"/evidence/{evidence.pk}/text/")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert_accessible(page)

    page.evaluate(SELECT, [[0, 21], [0, 37]])
    button = page.locator("#selection [data-make]")
    expect(button).to_be_visible()
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    button.tap()

    page.wait_for_url("**/claims/**")
    assert chosen() == ("vijftig gewonden", "vijftig gewonden")
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_without_a_script_words_are_pasted_and_asked_about(
    browser: Browser, page: Page, team: Team, evidence: Evidence, sign_in: SignIn, live_server: Any
) -> None:
    sign_in(team.editor)
    context = browser.new_context(
        java_script_enabled=False, base_url=live_server.url, storage_state=page.context.storage_state()
    )
    plain = context.new_page()
    plain.goto(f"/evidence/{evidence.pk}/text/")
    plain.get_by_label("The words you rely on").fill("vijftig gewonden")
    plain.get_by_role("button", name="Rely on this passage").click()

    expect(plain.get_by_text("These words stand in the text 2 times.")).to_be_visible()
    expect(plain.get_by_label("The words you rely on")).to_have_value("vijftig gewonden")
    plain.get_by_role("radio").nth(1).check()
    plain.get_by_role("button", name="Rely on this passage").click()

    plain.wait_for_url("**/claims/**")
    assert Evidence.objects.get().passage_start == TEXT.index("vijftig gewonden meer")
    context.close()


def test_a_text_of_two_megabytes_can_be_read_and_selected_in(
    page: Page, team: Team, evidence: Evidence, sign_in: SignIn
) -> None:
    line = "Alinea {} telt heel wat woorden over de onrust in de stad en de gewonden in het ziekenhuis."
    text = "\n\n".join(line.format(number) for number in range(22_000))
    long: Capture = make_capture(evidence.reference, text)
    sign_in(team.editor)
    page.goto(f"/evidence/{evidence.pk}/text/?reading={evidence.capture_id}")

    began = time.perf_counter()
    page.goto(f"/evidence/{evidence.pk}/text/?reading={long.pk}&part=9")
    short = page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
    assert time.perf_counter() - began < 20
    assert short < 20_000
    page.evaluate(SELECT, [[5, 0], [5, 12]])
    words = page.evaluate("getSelection().toString()")
    page.locator("#selection [data-make]").click()

    page.wait_for_url("**/claims/**")
    kept = Evidence.objects.get()
    assert kept.capture == long
    assert chosen() == (words, words)
    assert text.index(words) == kept.passage_start
