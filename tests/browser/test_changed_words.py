"""A signed claim whose words changed, in a real browser: usable by everyone, decided by keys alone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from annotations.models import Claim, KeptWords, User
from annotations.workflow.documents.revise import add_version
from tests.browser.conftest import assert_accessible
from tests.factories import Team, make_claim_in_review, make_claim_with_changed_words

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[[User], None]


@pytest.fixture
def changed(team: Team) -> Claim:
    return make_claim_with_changed_words(team)


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 360), ("light", 2560)])
def test_changed_words_are_usable_by_everyone(
    quiet_page: Page, team: Team, changed: Claim, sign_in: SignIn, theme: str, width: int
) -> None:
    page = quiet_page
    gone = make_claim_in_review(team, words="SEBIN")
    add_version(gone.document_id, text="Er gebeurde niets bijzonders op die dag.", by=team.editor)
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900})
    addresses = ["/", "/changed-words/", f"/claims/{changed.pk}/"]
    addresses += [f"/claims/{pk}/changed-words/" for pk in (changed.pk, gone.pk)]
    for person in (team.manager, team.editor):
        sign_in(person)
        for address in addresses:
            page.goto(address)
            assert_accessible(page)
            wider = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wider <= 0, f"{address} scrolls sideways at {width}px"
    assert page.complaints == []  # type: ignore[attr-defined]


def test_a_claim_is_kept_as_signed_by_keys_alone(
    quiet_page: Page, team: Team, changed: Claim, sign_in: SignIn
) -> None:
    page = quiet_page
    sign_in(team.manager)
    page.goto("/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("The article reads differently there now")
    page.keyboard.press("w")
    page.keyboard.type("The first count was what people said that day.")
    page.keyboard.press("Escape")
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("c")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="It stays as it was signed")).to_be_visible()
    assert KeptWords.objects.get(claim=changed).kept_by == team.manager
    assert page.complaints == []  # type: ignore[attr-defined]


def test_a_claim_is_reopened_without_scripts_and_without_losing_what_was_typed(
    page: Page, team: Team, changed: Claim, sign_in: SignIn, base_url: str
) -> None:
    sign_in(team.reviewer)
    browser = page.context.browser
    assert browser is not None
    plain = browser.new_context(
        java_script_enabled=False, base_url=base_url, storage_state=page.context.storage_state()
    ).new_page()
    plain.goto(f"/claims/{changed.pk}/changed-words/")
    plain.get_by_role("button", name="Reopen it").click()
    expect(plain.get_by_text("Say why this verified claim is reopened.").first).to_be_visible()
    plain.get_by_label("Note").fill("The article says sixty now.")
    plain.get_by_role("button", name="Reopen it").click()
    expect(plain.get_by_text("Reopened. Choose its words")).to_be_visible()
    assert Claim.objects.get(pk=changed.pk).state == "open"
    plain.context.close()
