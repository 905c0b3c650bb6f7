"""The reader in a real browser: choosing, selecting and working through claims, for everyone."""

import random
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from annotations.models import Anchor, Claim, Document, User
from annotations.workflow.claims.edit import accept_claims, create_claim_from_words
from annotations.workflow.documents.load import load_address, load_text
from annotations.workflow.documents.particulars import About
from annotations.workflow.documents.revise import add_version
from tests.browser.conftest import assert_accessible
from tests.factories import TEXT, Team

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[[User], None]

# Selects from a character of one paragraph to a character of another, as a drag of the mouse does.
SELECT = """([from, at, to, until]) => {
  const texts = (p) => { const w = document.createTreeWalker(p, NodeFilter.SHOW_TEXT); const found = [];
    while (w.nextNode()) if (!w.currentNode.parentElement.closest("[data-stop]")) found.push(w.currentNode);
    return found; };
  const spot = (index, units) => { for (const node of texts(document.querySelectorAll("#article p")[index])) {
    if (units <= node.data.length) return [node, units]; units -= node.data.length; } };
  const range = document.createRange(); range.setStart(...spot(from, at)); range.setEnd(...spot(to, until));
  const selection = document.getSelection(); selection.removeAllRanges(); selection.addRange(range);
}"""


@pytest.fixture
def document(team: Team) -> Document:
    """Two proposals, a claim taken up, and one that overlaps it."""
    document = load_text(desk=team.desk, by=team.editor, text=TEXT, about=About(title="Onrust in Caracas"))
    taken = Claim.objects.filter(statement__contains="vijftig").get()
    accept_claims([taken.pk], by=team.editor)
    create_claim_from_words(document.pk, words="minstens vijftig gewonden", by=team.editor)
    return document


def open_reader(page: Page, document: Document, person: User, sign_in: SignIn, query: str = "") -> None:
    sign_in(person)
    page.goto(f"/documents/{document.pk}/{query}")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_every_page_of_articles_is_usable_by_everyone(
    quiet_page: Page, team: Team, document: Document, sign_in: SignIn, theme: str, width: int
) -> None:
    page = quiet_page
    revised = load_text(desk=team.desk, by=team.editor, text=TEXT, about=About(title="Herzien"))
    add_version(revised.pk, text=TEXT.replace("vijftig", "zestig"), by=team.editor)
    waiting = load_address(desk=team.desk, by=team.editor, url="https://example.org/a")
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(team.manager)
    base = f"/documents/{document.pk}"
    claim = document.claims.order_by("pk")[0]
    for address in (
        "/documents/",
        "/documents/new/",
        "/documents/new/?by=file",
        "/documents/new/?by=address",
        f"{base}/",
        f"{base}/?show=proposed",
        f"{base}/particulars/",
        f"{base}/versions/",
        f"{base}/log/",
        f"{base}/claims/{claim.pk}/?edit=1",
        f"/documents/{revised.pk}/?show=to_place",
        f"/documents/{revised.pk}/?version=1",
        f"/documents/{revised.pk}/?place={revised.claims.order_by('pk')[0].pk}",
        f"/documents/{waiting.pk}/",
    ):
        page.goto(address)
        assert_accessible(page)
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, f"{address} scrolls sideways at {width}px"
    assert page.complaints == []  # type: ignore[attr-defined]


def test_clicking_overlapping_words_goes_through_their_claims(
    page: Page, team: Team, document: Document, sign_in: SignIn
) -> None:
    open_reader(page, document, team.editor, sign_in)
    overlap = page.locator("mark.hl--2")
    ids = str(overlap.get_attribute("data-claims")).split()
    for claim_id in (*ids, ids[0]):
        overlap.click()
        expect(page.locator(".claim.is-chosen")).to_have_id(f"claim-{claim_id}")


def test_each_claim_is_reached_by_keyboard_from_the_text(
    page: Page, team: Team, document: Document, sign_in: SignIn
) -> None:
    open_reader(page, document, team.editor, sign_in)
    for claim in document.claims.all():
        page.locator(f"#at-{claim.pk}").focus()
        page.keyboard.press("Enter")
        expect(page.locator(f"#claim-{claim.pk} [data-open]")).to_be_focused()


def test_walking_the_list_shows_the_words_in_the_text(
    page: Page, team: Team, document: Document, sign_in: SignIn
) -> None:
    open_reader(page, document, team.editor, sign_in)
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator("[data-item]").nth(1)
    claim_id = second.get_attribute("data-claim")
    expect(second).to_have_class("claim is-chosen")
    expect(page.locator("mark.is-chosen").first).to_have_attribute(
        "data-claims", re.compile(rf"\b{claim_id}\b")
    )


def test_a_chosen_proposal_is_accepted_by_a_key_without_leaving_the_page(
    page: Page, team: Team, document: Document, sign_in: SignIn
) -> None:
    open_reader(page, document, team.editor, sign_in)
    claim = document.claims.filter(state="proposed").order_by("pk")[0]
    page.locator(f"#at-{claim.pk}").click()
    page.keyboard.press("a")
    expect(page.locator(f"#claim-{claim.pk}")).to_have_attribute("data-state", "open")
    expect(page.locator(f'mark[data-claims="{claim.pk}"]')).to_have_attribute("data-state", "open")
    expect(page.locator(f"#claim-{claim.pk} [data-open]")).to_be_focused()
    claim.refresh_from_db()
    assert claim.state == "open"


def test_words_selected_across_paragraphs_become_a_claim_on_exactly_those_words(
    page: Page, team: Team, sign_in: SignIn
) -> None:
    text = "👩\u200d⚕️ Zei: “vijftig 😀 gewonden”.\n\nDe president é trad af. Later niet meer."
    document = load_text(desk=team.desk, by=team.editor, text=text, about=About(title="Emoji"))
    version = document.current_version
    assert version is not None
    open_reader(page, document, team.editor, sign_in)
    first = version.text.split("\n\n")[0]
    start = len(first[: first.index("vijftig")].encode("utf-16-le")) // 2
    page.evaluate(SELECT, [0, start, 1, len("De president é trad af.")])
    page.get_by_role("button", name="Make a claim of this").click()
    expect(page.get_by_label("Statement")).to_be_focused()
    page.get_by_label("Statement").fill("De president trad af.")
    page.get_by_role("button", name="Make the claim").click()
    page.wait_for_url("**#claim-*")
    anchor = Anchor.objects.get(claim__origin="selected")
    assert anchor.exact == "vijftig 😀 gewonden”.\n\nDe president é trad af."
    assert version.text[anchor.start : anchor.end] == anchor.exact


def test_words_are_selected_with_the_keyboard_alone(
    page: Page, team: Team, document: Document, sign_in: SignIn
) -> None:
    open_reader(page, document, team.editor, sign_in)
    page.keyboard.press("s")
    expect(page.get_by_role("textbox", name="Article")).to_be_focused()
    assert_accessible(page)
    page.keyboard.press("Control+Home")
    for _ in range(2):
        page.keyboard.press("Control+Shift+ArrowRight")
    page.keyboard.type("x")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Exact words from the article")).to_have_value("Caracas beleefde")
    page.get_by_role("button", name="Make the claim").click()
    page.wait_for_url("**#claim-*")
    assert Anchor.objects.get(claim__statement="Caracas beleefde").start == 0


def test_enter_takes_the_words_selected_now_however_late_the_page_is_drawn(
    page: Page, team: Team, document: Document, sign_in: SignIn
) -> None:
    sign_in(team.editor)
    page.add_init_script(
        "const draw = requestAnimationFrame.bind(window);"
        "window.requestAnimationFrame = (todo) => window.draws ? draw(todo) : 0;"
    )
    page.goto(f"/documents/{document.pk}/")
    page.keyboard.press("s")
    page.keyboard.press("Control+Home")
    page.evaluate("window.draws = true")
    page.keyboard.press("Control+Shift+ArrowRight")
    expect(page.locator("[data-selected-words]")).to_have_text("1 word")
    page.evaluate("window.draws = false")
    page.keyboard.press("Control+Shift+ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Exact words from the article")).to_have_value("Caracas beleefde")


def test_an_orphaned_claim_gets_its_place_from_selected_words(
    page: Page, team: Team, sign_in: SignIn
) -> None:
    document = load_text(desk=team.desk, by=team.editor, text=TEXT)
    gone = "President Maduro verving het hoofd van de inlichtingendienst SEBIN."
    claim = Claim.objects.get(statement=gone)
    add_version(document.pk, text=TEXT.replace(gone, "Maduro zweeg."), by=team.editor)
    open_reader(page, document, team.editor, sign_in, "?show=to_place")
    page.locator(f"#claim-{claim.pk}").get_by_role("link", name="Choose its place").click()
    page.wait_for_url("**place=*")
    paragraph = TEXT.replace(gone, "Maduro zweeg.").split("\n\n")[1]
    page.evaluate(SELECT, [1, paragraph.index("Maduro zweeg."), 1, len(paragraph)])
    page.get_by_role("button", name="The claim stands here").click()
    expect(page.get_by_text("The claim has its place")).to_be_visible()
    assert Anchor.objects.get(state="confirmed").exact == "Maduro zweeg."


def test_without_a_script_pasted_words_become_a_claim(
    page: Page, base_url: str, team: Team, document: Document, sign_in: SignIn
) -> None:
    sign_in(team.editor)
    browser = page.context.browser
    assert browser is not None
    context = browser.new_context(
        java_script_enabled=False, base_url=base_url, storage_state=page.context.storage_state()
    )
    bare = context.new_page()
    bare.goto(f"/documents/{document.pk}/")
    bare.locator("#make > summary").click()
    bare.get_by_label("Exact words from the article").fill("door soldaten was bevrijd")
    bare.get_by_role("button", name="Make the claim").click()
    expect(bare.get_by_text("The claim is made")).to_be_visible()
    context.close()
    assert Claim.objects.filter(statement="door soldaten was bevrijd").count() == 1


def test_three_hundred_claims_in_a_long_article_stay_smooth(page: Page, team: Team, sign_in: SignIn) -> None:
    chance = random.Random(5)
    sentences = [
        f"Op {chance.randrange(1, 29)} mei 2019 vielen er {number} gewonden "
        + " ".join(["bij de rellen in de hoofdstad van het land"] * 4)
        + "."
        for number in range(310)
    ]
    text = "\n\n".join(" ".join(sentences[at : at + 5]) for at in range(0, 310, 5))
    assert len(text) > 60_000
    document = load_text(desk=team.desk, by=team.editor, text=text, about=About(title="Lang"))
    assert document.claims.count() >= 300
    open_reader(page, document, team.editor, sign_in)
    spent = page.evaluate(
        """() => { const marks = [...document.querySelectorAll("mark.hl")]; const begun = performance.now();
        for (let at = 0; at < 300; at += 10) { marks[at].click(); document.body.offsetHeight; }
        return (performance.now() - begun) / 30; }"""
    )
    assert spent < 50


@pytest.mark.parametrize(("width", "height"), [(1280, 700), (360, 740)])
def test_the_first_press_on_a_button_of_a_claim_counts(
    page: Page, team: Team, sign_in: SignIn, width: int, height: int
) -> None:
    text = "\n\n".join(f"Op {day} mei vielen er {day + 40} gewonden in Caracas." for day in range(1, 25))
    document = load_text(desk=team.desk, by=team.editor, text=text, about=About(title="Lang"))
    page.set_viewport_size({"width": width, "height": height})
    open_reader(page, document, team.editor, sign_in)
    claim = Claim.objects.filter(document=document).order_by("-id")[3]
    button = page.locator(f"#claim-{claim.pk}").get_by_role("button", name="Accept")
    # Waits until the list stands still.
    button.hover()
    page.mouse.down()
    page.wait_for_timeout(150)
    page.mouse.up()
    expect(page.locator(f"#claim-{claim.pk}")).to_have_attribute("data-state", "open")
