"""A page that was opened before others went on decides nothing about what they did meanwhile."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from annotations.domain.desks.roles import Role
from annotations.domain.errors import NotAllowed
from annotations.models import Claim, Membership, User
from annotations.permissions import OwnWork, forget_roles
from annotations.workflow.claims.leases import NothingToHold, hold, renew, take_over
from annotations.workflow.documents.revise import add_version
from annotations.workflow.verdicts import give
from tests.api.conftest import Api
from tests.factories import (
    TEXT,
    Team,
    give_verdict,
    make_claim,
    make_claim_in_review,
    make_evidence,
    make_verified_claim,
)

pytestmark = pytest.mark.django_db
SIXTY = TEXT.replace("vijftig", "zestig")
NEVER = TEXT.replace("vijftig", "nooit zestig")


def as_(person: User) -> Client:
    browser = Client()
    browser.force_login(person)
    return browser


def shown_sources(page: str, form: str) -> list[str]:
    return re.findall(rf'name="sources" value="([^"]+)" form="{form}"', page)


def hidden(page: str, name: str, after: str) -> str:
    form = page[page.index(after) :]
    return form[form.index(f'name="{name}"') :].split('value="')[1].split('"')[0]


def test_it_stands_right_is_said_of_the_words_on_the_page_only(team: Team) -> None:
    claim = make_claim(team)
    add_version(claim.document_id, text=SIXTY, by=team.colleague)
    browser = as_(team.editor)
    place = reverse("place_claim", args=[claim.document_id, claim.pk])
    page = browser.get(reverse("document", args=[claim.document_id])).content.decode()
    seen = hidden(page, "version_id", place)
    add_version(claim.document_id, text=NEVER, by=team.colleague)

    for given in ({"version_id": seen}, {}):
        answer = browser.post(place, {"here": "1", **given})
        assert answer.status_code == 422
        assert "newer version" in answer.content.decode()
    anchor = claim.anchors.order_by("-document_version__number")[0]
    assert anchor.state == "edited"

    page = browser.get(reverse("document", args=[claim.document_id])).content.decode()
    browser.post(place, {"here": "1", "version_id": hidden(page, "version_id", place)})
    anchor.refresh_from_db()
    assert anchor.state == "confirmed"


def test_a_place_through_the_api_is_one_in_the_version_that_was_read(team: Team) -> None:
    claim = make_claim(team)
    read = claim.document.current_version_id
    start = TEXT.index("SEBIN")
    place = {"start": start, "end": start + 5, "exact": "SEBIN"}
    add_version(claim.document_id, text=TEXT + "\n\nSlot.", by=team.colleague)
    client = Api(team.editor)
    answer = client.put(f"claims/{claim.pk}/anchor/", {**place, "document_version": read})
    assert answer.status_code == 422
    assert set(claim.anchors.values_list("exact", flat=True)) == {"minstens vijftig gewonden"}
    claim.document.refresh_from_db()
    now = claim.document.current_version_id
    assert client.put(f"claims/{claim.pk}/anchor/", {**place, "document_version": now}).status_code == 200


@pytest.mark.parametrize("change", ["verdict", "source", "withdrawal"])
def test_an_old_page_submits_nothing_that_it_did_not_show(team: Team, change: str) -> None:
    claim = make_claim(team)
    source = make_evidence(team, claim)
    give_verdict(team, claim)
    browser, send = as_(team.editor), reverse("submit_claim", args=[claim.pk])

    def seen_on(page: str) -> dict[str, Any]:
        names = ("verdict_number", "shows_sources")
        return {name: hidden(page, name, send) for name in names} | {
            "sources": shown_sources(page, "submit-form")
        }

    page = browser.get(reverse("claim", args=[claim.pk])).content.decode()
    seen = seen_on(page)
    if change == "verdict":
        give_verdict(team, claim, by=team.colleague, rating="false")
    elif change == "source":
        make_evidence(team, claim, by=team.colleague, url="https://example.org/refutes")
    else:
        make_evidence(team, claim, by=team.colleague, url="https://example.org/instead")
        source.withdrawn_by = team.colleague
        source.withdrawn_at = source.created_at
        source.save(update_fields=["withdrawn_by", "withdrawn_at"])

    answer = browser.post(send, seen)

    assert answer.status_code == 409
    assert "since you opened this page" in answer.content.decode()
    claim.refresh_from_db()
    assert (claim.state, claim.records.count()) == ("open", 0)
    page = browser.get(reverse("claim", args=[claim.pk])).content.decode()
    browser.post(send, seen_on(page))
    claim.refresh_from_db()
    assert claim.state == "in_review"


def test_a_verdict_is_not_saved_and_submitted_over_sources_that_the_page_did_not_show(team: Team) -> None:
    claim = make_claim(team)
    make_evidence(team, claim)
    browser, send = as_(team.editor), reverse("give_verdict", args=[claim.pk])
    page = browser.get(reverse("claim", args=[claim.pk])).content.decode()
    typed = {
        "shows_sources": "1", "sources": shown_sources(page, "verdict-form"), "base_number": "0",
        "submit": "1", "as_of": "2019-05-01",
        "rating": str(team.ratings["true"].pk), "reasoning": "Two sources say so.",
    }  # fmt: skip
    make_evidence(team, claim, by=team.colleague, url="https://example.org/refutes")

    answer = browser.post(send, typed)

    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "changed the sources since" in shown
    assert "Two sources say so." in shown
    claim.refresh_from_db()
    assert (claim.state, claim.verdict_id, claim.drafts.get().reasoning) == (
        "open",
        None,
        "Two sources say so.",
    )
    again = browser.post(send, typed | {"sources": shown_sources(shown, "verdict-form")})
    assert again.status_code == 302
    claim.refresh_from_db()
    assert claim.state == "in_review"


def test_a_program_submits_no_other_verdict_than_it_read(team: Team) -> None:
    claim = make_claim(team)
    make_evidence(team, claim)
    give_verdict(team, claim)
    give_verdict(team, claim, by=team.colleague, rating="false")
    client = Api(team.editor)
    answer = client.post(f"claims/{claim.pk}/submit/", {"verdict_number": 1})
    assert (answer.status_code, answer.json()["code"]) == (412, "stale_submission")
    claim.refresh_from_db()
    assert claim.state == "open"
    assert client.post(f"claims/{claim.pk}/submit/", {"verdict_number": 2}).status_code == 200


def test_whoever_may_not_work_any_more_keeps_no_hold(team: Team) -> None:
    claim = make_claim(team)
    held = hold(claim.pk, by=team.colleague)
    Membership.objects.filter(user=team.colleague).update(role=Role.VIEWER.value)
    forget_roles(team.colleague)
    before = Claim.objects.get(pk=claim.pk).lease_until
    with pytest.raises(NotAllowed):
        renew(claim.pk, lease_token=held.lease_token, by=team.colleague)
    assert Claim.objects.get(pk=claim.pk).lease_until == before


def test_no_author_keeps_a_claim_in_review_from_its_reviewers(team: Team) -> None:
    claim = make_claim_in_review(team)
    with pytest.raises(NotAllowed):
        hold(claim.pk, by=team.editor)
    Membership.objects.filter(user=team.editor).update(role=Role.REVIEWER.value)
    forget_roles(team.editor)
    with pytest.raises(OwnWork):
        hold(claim.pk, by=team.editor)
    assert Claim.objects.get(pk=claim.pk).lease_holder_id is None
    assert hold(claim.pk, by=team.reviewer).claim_id == claim.pk


def test_no_hold_is_renewed_on_what_nobody_works_on(team: Team) -> None:
    claim = make_claim(team)
    held = hold(claim.pk, by=team.editor)
    make_evidence(team, claim)
    give_verdict(team, claim)
    give.submit_for_review(claim.pk, by=team.editor)
    taken = take_over(claim.pk, by=team.manager)
    assert taken.lease_token != held.lease_token
    verified = make_verified_claim(team)
    with pytest.raises(NothingToHold):
        hold(verified.pk, by=team.editor)
