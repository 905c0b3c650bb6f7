"""Selecting words with a finger: no mouse, no hover, handles that hide what lies under them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from annotations.models import Anchor, Document, User
from annotations.workflow.documents.load import load_text
from annotations.workflow.documents.particulars import About
from tests.browser.conftest import assert_accessible
from tests.factories import TEXT, Team

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.browser_context_args(
        has_touch=True, is_mobile=True, viewport={"width": 390, "height": 700}, device_scale_factor=2
    ),
]
SignIn = Callable[[User], None]

# What the handles of a phone do: a range grows, and no mouse is heard of.
GROW = """([index, from, until]) => {
  const paragraph = document.querySelectorAll("#article p[data-start]")[index];
  const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT, (node) =>
    node.parentElement.closest("[data-stop]") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
  const spot = (units) => { walker.currentNode = paragraph;
    while (walker.nextNode()) { const size = walker.currentNode.data.length;
      if (units <= size) return [walker.currentNode, units]; units -= size; } };
  getSelection().setBaseAndExtent(...spot(from), ...spot(until));
}"""
BUTTON = "Make a claim of this"


@pytest.fixture
def reader(page: Page, team: Team, sign_in: SignIn) -> Page:
    """The reader of a long article on a phone."""
    text = TEXT + "".join(f"\n\nAlinea {number} telt {number * 7} woorden." for number in range(1, 40))
    document: Document = load_text(desk=team.desk, by=team.editor, text=text, about=About(title="Onrust"))
    sign_in(team.editor)
    page.goto(f"/documents/{document.pk}/")
    return page


def tap_dropping_the_selection(page: Page, *, x: float, y: float) -> None:
    """Tap as on a phone that drops the selection as soon as a finger touches anything else."""
    page.evaluate(
        """() => {
        addEventListener("touchstart", () => getSelection().removeAllRanges(), { capture: true, once: true });
        window.dropped = new Promise((done) => document.addEventListener(
          "selectionchange", () => requestAnimationFrame(() => done()), { once: true }));
        }"""
    )
    session = page.context.new_cdp_session(page)
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    # The page knows that nothing is selected any more before the finger is lifted.
    page.evaluate("window.dropped")
    assert page.evaluate("getSelection().isCollapsed") is True
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def edges(page: Page) -> dict[str, float]:
    """Where the button is, and where the selected words end, in the window."""
    found: dict[str, float] = page.evaluate(
        """() => { const button = document.querySelector("#selection [data-make]").getBoundingClientRect();
        const words = getSelection().getRangeAt(0).getBoundingClientRect();
        return { top: button.top, bottom: button.bottom, left: button.left, width: button.width,
          height: button.height, begins: words.top, ends: words.bottom,
          low: innerHeight, wide: innerWidth }; }"""
    )
    return found


def test_words_selected_by_touch_become_a_claim_though_the_tap_drops_the_selection(reader: Page) -> None:
    reader.evaluate(GROW, [0, 0, 7])
    reader.evaluate(GROW, [0, 0, 16])
    expect(reader.locator("[data-selected-words]")).to_have_text("2 words")
    at = edges(reader)

    tap_dropping_the_selection(reader, x=at["left"] + at["width"] / 2, y=at["top"] + at["height"] / 2)

    expect(reader.get_by_label("Exact words from the article")).to_have_value("Caracas beleefde")
    expect(reader.locator("#selection")).to_be_hidden()
    reader.get_by_role("button", name="Make the claim").tap()
    reader.wait_for_url("**#claim-*")
    anchor = Anchor.objects.get(claim__origin="selected")
    assert (anchor.start, anchor.exact) == (0, "Caracas beleefde")


def test_a_tap_elsewhere_lets_go_of_the_words(reader: Page) -> None:
    reader.evaluate(GROW, [0, 0, 16])
    expect(reader.get_by_role("button", name=BUTTON)).to_be_visible()

    tap_dropping_the_selection(reader, x=300, y=240)

    expect(reader.locator("#selection")).to_be_hidden()
    assert not Anchor.objects.filter(claim__origin="selected").exists()


def test_the_button_is_large_enough_for_a_finger_and_within_the_window(reader: Page) -> None:
    reader.evaluate(GROW, [1, 0, 30])
    expect(reader.get_by_role("button", name=BUTTON)).to_be_visible()

    at = edges(reader)

    assert at["width"] >= 44
    assert at["height"] >= 44
    assert at["left"] >= 0
    assert at["left"] + at["width"] <= at["wide"]
    assert at["bottom"] <= at["low"]
    assert_accessible(reader)


@pytest.mark.parametrize("block", ["start", "center", "end"])
def test_the_handles_of_the_selection_never_hide_the_button(reader: Page, block: str) -> None:
    reader.evaluate(GROW, [12, 0, 20])
    reader.evaluate(
        """(block) => { const paragraph = getSelection().anchorNode.parentElement.closest("p");
        paragraph.scrollIntoView({ block, behavior: "instant" }); }""",
        block,
    )
    # The last growth of the selection is what the place of the button follows.
    reader.evaluate(GROW, [12, 0, 10])
    expect(reader.locator("[data-selected-words]")).to_have_text("2 words")

    at = edges(reader)

    assert at["top"] >= at["ends"] + 44 or at["bottom"] <= at["begins"], at


def test_a_finger_that_ends_beyond_the_article_takes_the_words_up_to_its_end(reader: Page) -> None:
    reader.evaluate(
        """() => { const last = [...document.querySelectorAll("#article p[data-start]")].at(-1);
        getSelection().setBaseAndExtent(last, 0, document.querySelector("footer"), 0); }"""
    )

    reader.get_by_role("button", name=BUTTON).tap()

    expect(reader.get_by_label("Exact words from the article")).to_have_value("Alinea 39 telt 273 woorden.")
