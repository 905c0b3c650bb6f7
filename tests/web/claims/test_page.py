"""The page of one claim: what it shows, to whom, and what it offers them."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.domain.claims.states import ClaimState
from annotations.models import Claim, User
from annotations.workflow.claims import edit, leases, organise
from annotations.workflow.verdicts import give
from annotations.workflow.verdicts.give import Draft
from tests.factories import (
    AS_OF,
    Team,
    give_verdict,
    make_claim,
    make_claim_in_review,
    make_document,
    make_evidence,
    make_verified_claim,
)

HTMX = {"HX-Request": "true"}

pytestmark = pytest.mark.django_db

BUDGETS = json.loads((Path(__file__).parents[2] / "query_budgets.json").read_text())


def as_(client: Client, person: User) -> Client:
    client.force_login(person)
    return client


def page(client: Client, claim: Claim, status: int = 200) -> str:
    response = client.get(f"/claims/{claim.pk}/")
    assert response.status_code == status
    return response.content.decode()


def test_the_exact_words_stand_between_those_around_them(client: Client, team: Team) -> None:
    text = page(as_(client, team.editor), make_claim(team))
    assert "Volgens het ziekenhuis werden er <mark>minstens vijftig gewonden</mark> binnengebracht." in text


def test_a_claim_that_was_proposed_says_what_for(client: Client, team: Team) -> None:
    claim = make_claim(team)
    assert "Proposed for" not in page(as_(client, team.editor), claim)

    Claim.objects.filter(pk=claim.pk).update(score_reasons={"name": "Salud <Chacao>", "figure": "vijftig"})

    text = page(as_(client, team.editor), claim)
    assert "<dt>Proposed for</dt>" in text
    assert "a figure: vijftig · a name: Salud &lt;Chacao&gt;" in text


def test_a_claim_of_another_desk_is_not_there(client: Client, team: Team) -> None:
    page(as_(client, team.outsider), make_claim(team), status=404)


def test_a_viewer_reads_everything_and_is_offered_no_form(client: Client, team: Team) -> None:
    claim = make_claim(team)
    make_evidence(team, claim)
    text = page(as_(client, team.viewer), claim)
    assert claim.statement in text
    assert "https://example.org/a" in text
    main = text[text.index("<main") : text.index("</main>")]
    assert "<form" not in main


def test_an_editor_finds_sources_verdict_and_queue_in_one_page(client: Client, team: Team) -> None:
    claim = make_claim(team)
    text = page(as_(client, team.editor), claim)
    for name in (
        "sources/",
        "verdict/",
        "assign/",
        "prioritise/",
        "tag/",
        "skip/",
        "park/",
        "take/",
        "dismiss/",
    ):
        assert f'action="/claims/{claim.pk}/{name}"' in text


def test_whoever_opens_a_held_claim_reads_it_and_is_told_who_has_it(client: Client, team: Team) -> None:
    claim = make_claim(team)
    leases.hold(claim.pk, by=team.editor)
    text = page(as_(client, team.colleague), claim)
    assert f"<strong>{team.editor.display_name}</strong> is working on this claim until" in text
    assert f'action="/claims/{claim.pk}/verdict/"' not in text
    assert f'action="/claims/{claim.pk}/sources/"' not in text
    assert "Take over…" not in text
    assert "Take over…" in page(as_(client, team.manager), claim)


def test_a_lapsed_hold_keeps_nobody_out(client: Client, team: Team) -> None:
    claim = make_claim(team)
    leases.hold(claim.pk, by=team.editor)
    Claim.objects.filter(pk=claim.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    text = page(as_(client, team.colleague), claim)
    assert "Nobody has this claim in hand." in text
    assert f'action="/claims/{claim.pk}/verdict/"' in text


def test_typing_takes_the_hold_and_the_answer_carries_its_token(client: Client, team: Team) -> None:
    claim = make_claim(team)
    response = as_(client, team.editor).post(f"/claims/{claim.pk}/take/", headers=HTMX)
    claim.refresh_from_db()
    assert claim.lease_holder == team.editor
    assert f'data-token="{claim.lease_token}"' in response.content.decode()


def test_typing_into_a_held_claim_is_refused_and_leaves_it_where_it_is(client: Client, team: Team) -> None:
    claim = make_claim(team)
    leases.hold(claim.pk, by=team.editor)
    assert as_(client, team.colleague).post(f"/claims/{claim.pk}/take/", headers=HTMX).status_code == 409
    claim.refresh_from_db()
    assert claim.lease_holder == team.editor


def test_a_script_lets_go_without_a_word_on_the_next_page(client: Client, team: Team) -> None:
    claim = make_claim(team)
    handout = leases.hold(claim.pk, by=team.editor)
    response = as_(client, team.editor).post(
        f"/claims/{claim.pk}/release/", {"lease_token": handout.lease_token}, headers={"HX-Request": "true"}
    )
    assert response.status_code == 204
    claim.refresh_from_db()
    assert claim.lease_holder is None
    assert "You let go" not in page(client, claim)


def test_an_old_page_does_not_let_go_of_a_newer_hold(client: Client, team: Team) -> None:
    claim = make_claim(team)
    old = leases.hold(claim.pk, by=team.editor)
    leases.release(claim.pk, by=team.editor)
    leases.hold(claim.pk, by=team.editor)
    as_(client, team.editor).post(f"/claims/{claim.pk}/release/", {"lease_token": old.lease_token})
    claim.refresh_from_db()
    assert claim.lease_holder == team.editor


@pytest.mark.parametrize("action", ["edit", "accept", "dismiss", "assign", "prioritise", "tag", "take"])
def test_a_viewer_may_do_nothing_and_an_outsider_finds_nothing(
    client: Client, team: Team, action: str
) -> None:
    claim = make_claim(team)
    before = Claim.objects.values().get(pk=claim.pk)
    given = {"statement": "Other", "version": claim.version, "priority": "1", "add": "x", "reason": "x"}
    assert as_(client, team.viewer).post(f"/claims/{claim.pk}/{action}/", given).status_code == 403
    assert as_(client, team.outsider).post(f"/claims/{claim.pk}/{action}/", given).status_code == 404
    assert Claim.objects.values().get(pk=claim.pk) == before


def test_the_wording_is_edited_on_its_own_page(client: Client, team: Team) -> None:
    claim = make_claim(team)
    address = f"/claims/{claim.pk}/edit/"
    assert f">\n{claim.statement}</textarea>" in as_(client, team.editor).get(address).content.decode()
    response = client.post(
        address,
        {
            "statement": "At least fifty people were injured.",
            "claimant_name": "A hospital",
            "claimant_kind": "organization",
            "said_on": "2019-04-30",
            "tags": "Figures, hospital",
            "version": claim.version,
        },
    )
    assert response["Location"] == f"/claims/{claim.pk}/"
    claim.refresh_from_db()
    assert (claim.statement, claim.claimant_name, claim.tags) == (
        "At least fifty people were injured.",
        "A hospital",
        ["figures", "hospital"],
    )


def test_a_stale_edit_shows_both_texts_and_the_second_attempt_saves(client: Client, team: Team) -> None:
    claim = make_claim(team)
    address = f"/claims/{claim.pk}/edit/"
    edit.edit_claim(
        claim.pk,
        version=claim.version,
        particulars=edit.Particulars(statement="Theirs."),
        by=team.colleague,
    )
    response = as_(client, team.editor).post(address, {"statement": "Mine.", "version": claim.version})
    text = response.content.decode()
    assert response.status_code == 409
    assert "Theirs." in text
    assert ">\nMine.</textarea>" in text
    claim.refresh_from_db()
    assert claim.statement == "Theirs."
    assert f'name="version" value="{claim.version}"' in text
    assert client.post(address, {"statement": "Mine.", "version": claim.version}).status_code == 302
    claim.refresh_from_db()
    assert claim.statement == "Mine."


def test_an_empty_statement_keeps_the_rest_of_what_was_typed(client: Client, team: Team) -> None:
    claim = make_claim(team)
    response = as_(client, team.editor).post(
        f"/claims/{claim.pk}/edit/", {"statement": "", "claimant_name": "Someone", "version": claim.version}
    )
    assert response.status_code == 422
    assert 'value="Someone"' in response.content.decode()
    claim.refresh_from_db()
    assert claim.claimant_name == ""


def test_the_wording_of_a_claim_in_review_is_not_offered(client: Client, team: Team) -> None:
    claim = make_claim_in_review(team)
    text = as_(client, team.editor).get(f"/claims/{claim.pk}/edit/").content.decode()
    assert "The wording is locked while the claim is" in text
    assert "<textarea" not in text


def test_priority_due_day_person_and_tags_are_set_here(client: Client, team: Team) -> None:
    claim = make_claim(team)
    as_(client, team.editor)
    client.post(f"/claims/{claim.pk}/prioritise/", {"priority": "1", "due": "2030-05-01"})
    client.post(f"/claims/{claim.pk}/assign/", {"assignee": team.colleague.pk})
    client.post(f"/claims/{claim.pk}/tag/", {"add": "figures, hospital"})
    client.post(f"/claims/{claim.pk}/tag/", {"add": "", "remove": "figures"})
    claim.refresh_from_db()
    assert claim.priority == 1
    assert claim.due_at is not None
    assert timezone.localtime(claim.due_at).isoformat()[:16] == "2030-05-01T18:00"
    assert claim.assignee == team.colleague
    assert claim.tags == ["hospital"]
    client.post(f"/claims/{claim.pk}/prioritise/", {"priority": "2", "due": ""})
    client.post(f"/claims/{claim.pk}/assign/", {"assignee": ""})
    claim.refresh_from_db()
    assert (claim.priority, claim.due_at, claim.assignee) == (2, None, None)


def test_an_unknown_person_is_not_assigned(client: Client, team: Team) -> None:
    claim = make_claim(team)
    response = as_(client, team.editor).post(f"/claims/{claim.pk}/assign/", {"assignee": "999999"})
    assert response.status_code == 404
    claim.refresh_from_db()
    assert claim.assignee is None


def test_in_review_only_a_second_person_can_be_chosen(client: Client, team: Team) -> None:
    claim = make_claim_in_review(team)
    text = page(as_(client, team.editor), claim)
    choices = text[text.index('id="assignee"') : text.index("</select>", text.index('id="assignee"'))]
    assert f'value="{team.reviewer.pk}"' in choices
    assert f'value="{team.manager.pk}"' in choices
    assert f'value="{team.editor.pk}"' not in choices


def test_a_proposed_claim_is_accepted_dismissed_and_restored_here(client: Client, team: Team) -> None:
    claim = Claim.objects.create(
        desk=team.desk,
        document=make_document(team),
        state=ClaimState.PROPOSED,
        origin="proposed",
        statement="Fifty people were injured.",
    )
    as_(client, team.editor)
    client.post(f"/claims/{claim.pk}/accept/")
    claim.refresh_from_db()
    assert claim.state == ClaimState.OPEN
    client.post(f"/claims/{claim.pk}/dismiss/", {"reason": "No news."})
    claim.refresh_from_db()
    assert claim.state == ClaimState.DISMISSED
    text = page(client, claim)
    assert "Dismissed as not worth checking." in text
    assert "No news." in text
    client.post(f"/claims/{claim.pk}/restore/")
    claim.refresh_from_db()
    assert claim.state == ClaimState.OPEN


def test_the_log_pages_by_key_within_the_claim(client: Client, team: Team) -> None:
    claim = make_claim(team)
    for at in range(30):
        organise.tag_claims([claim.pk], by=team.editor, add=[f"t{at}"], remove=[f"t{at - 1}"])
    text = page(as_(client, team.viewer), claim)
    assert text.count("changed the tags") == 25
    older = text[text.index("?log=") :].split('"')[0].removesuffix("#log")
    assert client.get(f"/claims/{claim.pk}/{older}").content.decode().count("changed the tags") == 5


def test_the_history_marks_what_changed_in_the_reasoning(client: Client, team: Team) -> None:
    claim = make_claim(team)
    give_verdict(team, claim)
    later = Draft(
        rating_id=team.ratings["false"].pk,
        reasoning="Two papers say so.",
        as_of=AS_OF,
        reason_for_change="A newer source.",
    )
    give.give_verdict(claim.pk, draft=later, base_number=1, by=team.colleague)
    text = page(as_(client, team.viewer), claim)
    assert "<strong>Why it changed:</strong> A newer source." in text
    assert "Two <del>sources</del><ins>papers</ins> say so." in text


@pytest.mark.parametrize(("sources", "number"), [("few", 2), ("many", 20)])
def test_the_page_costs_the_same_with_few_and_many_sources(
    client: Client, team: Team, sources: str, number: int
) -> None:
    claim = make_claim(team)
    for at in range(number):
        make_evidence(team, claim, url=f"https://example.org/{at}")
        give_verdict(team, claim)
    as_(client, team.editor)
    page(client, claim)
    with CaptureQueriesContext(connection) as queries:
        page(client, claim)
    assert len(queries) == BUDGETS["claim"]


def test_a_verified_claim_says_who_signed_it_off(client: Client, team: Team) -> None:
    claim = make_verified_claim(team, document=make_document(team))
    text = page(as_(client, team.viewer), claim)
    assert f"{team.reviewer.display_name} approved it" in text
    assert "Reopen…" not in text
    assert "Reopen…" in page(as_(client, team.reviewer), claim)
