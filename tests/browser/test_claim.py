"""The page of one claim in a real browser: typing, holding, watching fetches, keys, use by everyone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from annotations.domain.background import BackgroundPart
from annotations.domain.claims.states import ClaimState
from annotations.models import Claim, Evidence, Reference, User, Verdict, VerdictDraft
from annotations.workflow import heartbeat
from annotations.workflow.claims import leases
from annotations.workflow.evidence.edit import edit_evidence
from annotations.workflow.verdicts import review
from tests.browser.conftest import assert_accessible
from tests.factories import (
    Team,
    give_verdict,
    make_claim,
    make_claim_in_review,
    make_document,
    make_evidence,
    make_verified_claim,
    record_of,
)
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[[User], None]


def one_in_each_state(team: Team) -> list[Claim]:
    document = make_document(team)
    worked_on = make_claim(team, document=document, words="onrustige dag")
    make_evidence(team, worked_on, url="https://example.org/kept")
    give_verdict(team, worked_on)
    give_verdict(team, worked_on, by=team.colleague, rating="false")
    returned = make_claim_in_review(team, document=document, words="door soldaten was bevrijd")
    review.return_claim(returned.pk, record=record_of(returned.pk), by=team.reviewer, note="Name the source.")
    in_review = make_claim_in_review(team, document=document, words="minstens vijftig gewonden")
    verified = make_verified_claim(team, document=document, words="hoofd van de inlichtingendienst SEBIN")
    held = make_claim(team, document=document, words="President Maduro")
    leases.hold(held.pk, by=team.colleague)
    dismissed = make_claim(team, document=document, words="Volgens het ziekenhuis")
    Claim.objects.filter(pk=dismissed.pk).update(state=ClaimState.DISMISSED)
    return [worked_on, returned, in_review, verified, held, dismissed]


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 360), ("light", 2560)])
def test_a_claim_is_usable_by_everyone_in_every_state(
    quiet_page: Page, team: Team, sign_in: SignIn, theme: str, width: int
) -> None:
    page = quiet_page
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900})
    claims = one_in_each_state(team)
    sign_in(team.manager)
    for address in [*(f"/claims/{claim.pk}/" for claim in claims), f"/claims/{claims[0].pk}/edit/"]:
        page.goto(address)
        for fold in page.locator("main details").all():
            fold.evaluate("fold => { fold.open = true }")
        assert_accessible(page)
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, f"{address} scrolls sideways at {width}px"
    assert page.complaints == []  # type: ignore[attr-defined]


def test_typing_takes_the_claim_and_saves_itself(quiet_page: Page, team: Team, sign_in: SignIn) -> None:
    page = quiet_page
    claim = make_claim(team)
    sign_in(team.editor)
    page.goto(f"/claims/{claim.pk}/")
    expect(page.locator("#hold")).to_contain_text("Nobody has this claim in hand.")
    page.get_by_label("Reasoning").fill("The hospital counted them.")
    expect(page.locator("#hold")).to_contain_text("In your hands until")
    expect(page.locator("#draft-status")).to_contain_text("Draft saved")
    assert VerdictDraft.objects.get().reasoning == "The hospital counted them."
    claim.refresh_from_db()
    assert claim.lease_holder == team.editor
    token = page.locator('#verdict-form input[name="lease_token"]').input_value()
    assert token == str(claim.lease_token)
    page.reload()
    expect(page.get_by_label("Reasoning")).to_have_value("The hospital counted them.")
    assert page.complaints == []  # type: ignore[attr-defined]


def test_a_reloaded_page_holds_on_though_leaving_it_let_go_after_it_was_made(
    quiet_page: Page, team: Team, sign_in: SignIn
) -> None:
    page = quiet_page
    claim = make_claim(team)
    leases.hold(claim.pk, by=team.editor)
    sign_in(team.editor)
    page.goto(f"/claims/{claim.pk}/")

    leaving = {
        "csrfmiddlewaretoken": page.locator('#hold input[name="csrfmiddlewaretoken"]').input_value(),
        "lease_token": page.locator('#hold input[name="lease_token"]').input_value(),
    }

    def late(route: Route) -> None:
        made = route.fetch()
        page.request.post(f"/claims/{claim.pk}/release/", form=leaving)
        route.fulfill(response=made)

    page.route(f"**/claims/{claim.pk}/release/", lambda route: route.abort())
    page.route(f"**/claims/{claim.pk}/", late)
    with page.expect_response(f"**/claims/{claim.pk}/take/"):
        page.reload()
    page.get_by_role("radio", name="False").check()
    page.get_by_label("Reasoning").fill("Written after the reload.")
    page.unroute_all()
    page.get_by_role("button", name="Save the verdict").click()
    expect(page.get_by_text("Written after the reload.").first).to_be_attached()
    assert Verdict.objects.get().reasoning == "Written after the reload."


def test_a_verdict_is_given_and_submitted_by_keys_alone(
    quiet_page: Page, team: Team, sign_in: SignIn
) -> None:
    page = quiet_page
    claim = make_claim(team)
    make_evidence(team, claim)
    sign_in(team.editor)
    page.goto(f"/claims/{claim.pk}/")
    page.keyboard.press("4")
    expect(page.get_by_role("radio", name="False")).to_be_checked()
    page.keyboard.press("v")
    expect(page.get_by_label("Reasoning")).to_be_focused()
    page.keyboard.type("Four numbers 1 2 3 4 typed here choose nothing.")
    expect(page.get_by_role("radio", name="False")).to_be_checked()
    expect(page.locator("#hold")).to_contain_text("In your hands until")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("The verdict waits for a second person now.")).to_be_visible()
    expect(page.get_by_role("button", name="Next to check")).to_be_focused()
    verdict = Verdict.objects.get()
    assert (verdict.rating.slug, verdict.reasoning) == (
        "false",
        "Four numbers 1 2 3 4 typed here choose nothing.",
    )


def test_an_address_is_attached_in_place_and_its_page_lands_by_itself(
    quiet_page: Page, team: Team, sign_in: SignIn
) -> None:
    page = quiet_page
    claim = make_claim(team)
    sign_in(team.editor)
    page.goto(f"/claims/{claim.pk}/")
    page.get_by_label("Reasoning").fill("Not lost by attaching.")
    page.keyboard.press("Escape")
    page.get_by_label("Addresses, one on each line").fill("https://example.org/report")
    page.get_by_role("button", name="Attach").click()
    card = page.locator(".source")
    expect(card).to_contain_text("Queued")
    expect(page.locator("#sources-count")).to_have_text("1")
    expect(page.locator("#waiting")).to_contain_text("No worker answers.")
    expect(page.get_by_label("Addresses, one on each line")).to_be_focused()
    expect(page.get_by_label("Addresses, one on each line")).to_have_value("")
    heartbeat.beat(name="one", part=BackgroundPart.FETCHER)
    expect(page.locator("#waiting")).not_to_contain_text("No worker answers.", timeout=10_000)
    evidence = Evidence.objects.get()
    card.locator(".source__edit > summary").click()
    card.get_by_label("Note").fill("Half a note")
    top = card.bounding_box()
    Reference.objects.filter(pk=evidence.reference_id).update(
        fetch_state="fetched", title="The report", site="Example"
    )
    expect(card).to_contain_text("Fetched", timeout=10_000)
    expect(card.get_by_role("link", name="The report", exact=True)).to_be_visible()
    expect(card.get_by_label("Note")).to_have_value("Half a note")
    after = card.bounding_box()
    assert top is not None
    assert after is not None
    assert (after["y"], after["height"]) == (top["y"], top["height"])
    expect(page.get_by_label("Reasoning")).to_have_value("Not lost by attaching.")
    assert page.locator("[data-poll]").count() == 0
    assert page.complaints == []  # type: ignore[attr-defined]


def test_a_withdrawn_source_is_taken_back_where_it_stood(
    quiet_page: Page, team: Team, sign_in: SignIn
) -> None:
    page = quiet_page
    claim = make_claim(team)
    make_evidence(team, claim)
    sign_in(team.editor)
    page.goto(f"/claims/{claim.pk}/")
    page.get_by_role("button", name="Withdraw").click()
    undo = page.get_by_role("button", name="Restore")
    expect(undo).to_be_focused()
    expect(page.locator("#sources-count")).to_have_text("0")
    undo.click()
    expect(page.get_by_role("button", name="Withdraw")).to_be_visible()
    expect(page.locator("#sources-count")).to_have_text("1")


def test_an_edit_of_a_source_that_someone_changed_shows_both_and_can_be_sent_again(
    quiet_page: Page, team: Team, sign_in: SignIn
) -> None:
    page = quiet_page
    claim = make_claim(team)
    evidence = make_evidence(team, claim)
    sign_in(team.editor)
    page.goto(f"/claims/{claim.pk}/")
    edit_evidence(evidence.pk, version=1, stance="context", passage="", note="Theirs", by=team.colleague)
    page.locator(".source__edit > summary").click()
    page.locator(".source").get_by_label("Note").fill("Mine")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#refusal")).to_contain_text("Theirs")
    evidence.refresh_from_db()
    assert evidence.note == "Theirs"
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#refusal")).to_be_empty()
    expect(page.locator(".source__use")).to_contain_text("Mine")
    evidence.refresh_from_db()
    assert (evidence.note, evidence.version) == ("Mine", 3)


def test_a_reviewer_approves_by_keys_and_never_by_one_slip(
    quiet_page: Page, team: Team, sign_in: SignIn
) -> None:
    page = quiet_page
    claim = make_claim_in_review(team)
    sign_in(team.reviewer)
    page.goto(f"/claims/{claim.pk}/")
    page.keyboard.press("a")
    expect(page.get_by_role("button", name="Approve")).to_be_focused()
    claim.refresh_from_db()
    assert claim.state == ClaimState.IN_REVIEW
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Next to review")).to_be_focused()
    claim.refresh_from_db()
    assert claim.state == ClaimState.VERIFIED


def test_leaving_the_workbench_lets_go_and_reading_on_does_not(
    quiet_page: Page, team: Team, sign_in: SignIn
) -> None:
    page = quiet_page
    claim = make_claim(team)
    leases.hold(claim.pk, by=team.editor)
    sign_in(team.editor)
    page.goto(f"/claims/{claim.pk}/")
    page.get_by_role("link", name="Read it in the article").click()
    expect(page.locator("h1")).to_be_visible()
    claim.refresh_from_db()
    assert claim.lease_holder == team.editor
    page.goto(f"/claims/{claim.pk}/")
    page.goto("about:blank")
    until(
        lambda: not Claim.objects.filter(pk=claim.pk, lease_holder__isnull=False).exists(),
        within=10,
        told=lambda: "the page did not let go",
    )


def test_someone_else_taking_over_is_told_at_the_next_sign_of_life(
    quiet_page: Page, team: Team, sign_in: SignIn
) -> None:
    page = quiet_page
    claim = make_claim(team)
    leases.hold(claim.pk, by=team.editor)
    sign_in(team.editor)
    page.clock.install()
    page.goto(f"/claims/{claim.pk}/")
    expect(page.locator("#hold")).to_contain_text("In your hands until")
    leases.take_over(claim.pk, by=team.manager)
    page.clock.run_for(5 * 60 * 1000)
    expect(page.locator("#hold")).to_contain_text("someone else has the claim now")


def test_without_scripts_everything_is_a_plain_form(
    browser: object, team: Team, live_server: object, sign_in: SignIn, page: Page
) -> None:
    claim = make_claim(team)
    sign_in(team.editor)
    plain = page.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]
    plain.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    tab = plain.new_page()
    tab.goto(f"{live_server.url}/claims/{claim.pk}/")  # type: ignore[attr-defined]
    tab.get_by_role("button", name="Take it", exact=True).click()
    tab.get_by_label("Addresses, one on each line").fill("https://example.org/plain")
    tab.get_by_role("button", name="Attach").click()
    expect(tab.locator(".source")).to_contain_text("Queued")
    tab.get_by_label("Reasoning").fill("Plainly so.")
    tab.get_by_role("button", name="Save draft").click()
    expect(tab.get_by_label("Reasoning")).to_have_value("Plainly so.")
    tab.get_by_role("radio", name="Mostly true").check()
    tab.get_by_role("button", name="Save and submit").click()
    expect(tab.get_by_text("The verdict waits for a second person now.")).to_be_visible()
    plain.close()
    claim.refresh_from_db()
    assert claim.state == ClaimState.IN_REVIEW
