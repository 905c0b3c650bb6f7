"""Signing off on the page, and the ways back."""

import pytest
from django.test import Client

from annotations.domain.claims.states import ClaimState
from annotations.models import Claim, Review, User
from annotations.workflow.claims import leases
from annotations.workflow.verdicts import review
from tests.factories import (
    Team,
    give_verdict,
    make_claim,
    make_claim_in_review,
    make_evidence,
    make_verified_claim,
    record_of,
)

pytestmark = pytest.mark.django_db


def as_(client: Client, person: User) -> Client:
    client.force_login(person)
    return client


def test_a_reviewer_reads_all_that_is_signed_off_before_the_decision(client: Client, team: Team) -> None:
    claim = make_claim_in_review(team)
    text = as_(client, team.reviewer).get(f"/claims/{claim.pk}/").content.decode()
    order = [
        f">{claim.statement}</h1>",
        "<mark>minstens vijftig gewonden</mark>",
        f'id="source-{claim.evidence.get().pk}"',
        "Two sources say so.",
        'id="review-title">Your decision',
    ]
    places = [text.index(part) for part in order]
    assert places == sorted(places)


def test_an_approval_verifies_and_leads_to_the_next_review(client: Client, team: Team) -> None:
    claim = make_claim_in_review(team)
    response = as_(client, team.reviewer).post(
        f"/claims/{claim.pk}/approve/", {"record": record_of(claim.pk)}
    )
    assert response["Location"] == f"/claims/{claim.pk}/?done=approved"
    claim.refresh_from_db()
    assert (claim.state, claim.verified_by) == (ClaimState.VERIFIED, team.reviewer)
    text = client.get(response["Location"]).content.decode()
    assert 'value="review" data-key="r" data-key-label="Take the next claim to review" autofocus' in text


def test_a_return_takes_a_note_and_the_editor_finds_it_on_top(client: Client, team: Team) -> None:
    claim = make_claim_in_review(team)
    as_(client, team.reviewer)
    bare = client.post(f"/claims/{claim.pk}/return/", {"record": record_of(claim.pk), "note": " "})
    assert bare.status_code == 422
    assert "Say in a note what is missing or wrong." in bare.content.decode()
    claim.refresh_from_db()
    assert claim.state == ClaimState.IN_REVIEW
    response = client.post(
        f"/claims/{claim.pk}/return/", {"record": record_of(claim.pk), "note": "Name the ward."}
    )
    assert response["Location"] == f"/claims/{claim.pk}/?done=returned"
    text = as_(client, team.editor).get(f"/claims/{claim.pk}/").content.decode()
    assert f"{team.reviewer.display_name} returned it" in text
    assert text.index("Name the ward.") < text.index('id="context-title"')


@pytest.mark.parametrize("late", ["approved", "held"])
def test_a_decision_that_came_too_late_is_told_and_its_note_kept(
    client: Client, team: Team, late: str
) -> None:
    claim = make_claim_in_review(team)
    if late == "approved":
        review.approve(claim.pk, record=record_of(claim.pk), by=team.manager)
    else:
        leases.hold(claim.pk, by=team.manager)
    response = as_(client, team.reviewer).post(
        f"/claims/{claim.pk}/return/", {"record": record_of(claim.pk), "note": "No ward."}
    )
    text = response.content.decode()
    assert response.status_code == 409
    assert "Your decision did not count" in text
    assert ">No ward.</textarea>" in text
    assert Review.objects.filter(reviewer=team.reviewer).count() == 0


def test_one_is_told_why_ones_own_work_is_not_ones_to_sign_off(client: Client, team: Team) -> None:
    claim = make_claim(team, by=team.reviewer)
    make_evidence(team, claim)
    give_verdict(team, claim, by=team.reviewer, submit=True)
    text = as_(client, team.reviewer).get(f"/claims/{claim.pk}/").content.decode()
    assert (
        "You wrote the statement, or said who made it or where it stands, gave the verdict and submitted "
        "it, so another reviewer has to decide." in text
    )
    assert f'action="/claims/{claim.pk}/approve/"' not in text
    assert client.post(f"/claims/{claim.pk}/approve/", {"record": record_of(claim.pk)}).status_code == 403
    assert not Review.objects.exists()
    claim.refresh_from_db()
    assert claim.state == ClaimState.IN_REVIEW


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("colleague", 403), ("outsider", 404)])
@pytest.mark.parametrize("action", ["approve", "return"])
def test_only_a_reviewer_of_the_desk_decides(
    client: Client, team: Team, role: str, status: int, action: str
) -> None:
    claim = make_claim_in_review(team)
    given = {"record": record_of(claim.pk), "note": "No."}
    assert as_(client, getattr(team, role)).post(f"/claims/{claim.pk}/{action}/", given).status_code == status
    assert not Review.objects.exists()
    claim.refresh_from_db()
    assert claim.state == ClaimState.IN_REVIEW


def test_a_verdict_changed_meanwhile_is_not_approved_unread(client: Client, team: Team) -> None:
    claim = make_claim_in_review(team)
    read = record_of(claim.pk)
    review.withdraw_from_review(claim.pk, by=team.editor)
    give_verdict(team, claim, rating="misleading", submit=True)
    response = as_(client, team.reviewer).post(
        f"/claims/{claim.pk}/approve/", {"record": read, "note": "Fine by me"}
    )
    text = response.content.decode()
    assert response.status_code == 409
    assert "it was changed and submitted again" in text
    assert "Fine by me</textarea>" in text
    assert f'name="record" value="{record_of(claim.pk)}"' in text
    assert not Review.objects.exists()


def test_a_review_in_other_hands_is_read_only(client: Client, team: Team) -> None:
    claim = make_claim_in_review(team)
    leases.hold(claim.pk, by=team.manager)
    text = as_(client, team.reviewer).get(f"/claims/{claim.pk}/").content.decode()
    assert f"<strong>{team.manager.display_name}</strong> is working on this claim" in text
    assert f'action="/claims/{claim.pk}/approve/"' not in text


def test_the_editor_takes_it_back_from_review(client: Client, team: Team) -> None:
    claim = make_claim_in_review(team)
    as_(client, team.editor)
    assert "Take back from review…" in client.get(f"/claims/{claim.pk}/").content.decode()
    client.post(f"/claims/{claim.pk}/withdraw/")
    claim.refresh_from_db()
    assert (claim.state, claim.assignee) == (ClaimState.OPEN, team.editor)


def test_reopening_takes_a_reviewer_and_a_reason(client: Client, team: Team) -> None:
    claim = make_verified_claim(team)
    address = f"/claims/{claim.pk}/reopen/"
    assert as_(client, team.editor).post(address, {"reason": "New facts."}).status_code == 403
    assert as_(client, team.reviewer).post(address, {"reason": " "}).status_code == 422
    assert Claim.objects.get(pk=claim.pk).state == ClaimState.VERIFIED
    assert client.post(address, {"reason": "New facts."}).status_code == 302
    assert Claim.objects.get(pk=claim.pk).state == ClaimState.OPEN
    assert "New facts." in client.get(f"/claims/{claim.pk}/").content.decode()
