"""The queue page, handing out work from it, and the list of claims."""

import html
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from annotations.models import Claim, ClaimSkip, SavedFilter, User
from annotations.workflow.claims import edit, leases, organise
from annotations.workflow.claims.leases import Work
from annotations.workflow.desks.manage import create_desk
from tests.factories import (
    Team,
    give_verdict,
    make_claim,
    make_claim_in_review,
    make_document,
    make_evidence,
    make_user,
)

pytestmark = pytest.mark.django_db


def as_(client: Client, person: User) -> Client:
    client.force_login(person)
    return client


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def many_claims(team: Team, number: int) -> None:
    document = make_document(team, " ".join(f"Zin nummer {at} telt." for at in range(number)))
    for at in range(number):
        edit.create_claim_from_words(document.pk, words=f"Zin nummer {at} telt.", by=team.editor)


def test_a_stranger_is_sent_to_sign_in_and_comes_back(client: Client) -> None:
    response = client.get("/claims/?tag=x")
    assert response.status_code == 302
    assert response["Location"] == "/sign-in/?next=/claims/%3Ftag%3Dx"


def test_a_person_on_no_desk_is_told_whom_to_ask(client: Client) -> None:
    response = as_(client, make_user("alone")).get("/", follow=True)
    assert response.status_code == 200
    assert "Tell a desk’s manager your user name" in html.unescape(response.content.decode())


def test_the_queue_shows_what_waits_and_counts_it(client: Client, team: Team) -> None:
    claim = make_claim(team)
    text = page(as_(client, team.editor), "/")
    assert claim.statement in text
    assert 'Next to check <span class="button__count">1</span>' in text


def test_a_viewer_is_offered_no_work(client: Client, team: Team) -> None:
    make_claim(team)
    text = page(as_(client, team.viewer), "/")
    assert "Next to check" not in text
    assert "Next to review" not in text


def test_only_a_reviewer_is_offered_reviews(client: Client, team: Team) -> None:
    claim = make_claim_in_review(team)
    assert "Next to review" not in page(as_(client, team.editor), "/")
    text = page(as_(client, team.reviewer), "/")
    assert 'Next to review <span class="button__count">1</span>' in text
    assert claim.statement in text
    assert "Nothing that you may sign off." in page(as_(client, team.manager), "/?tag=none")


def test_nobody_is_offered_a_review_of_their_own_work(client: Client, team: Team) -> None:
    claim = make_claim(team, by=team.reviewer)
    make_evidence(team, claim)
    give_verdict(team, claim, submit=True)
    assert "Nothing that you may sign off." in page(as_(client, team.reviewer), "/")
    text = page(as_(client, team.manager), "/")
    assert "Nothing that you may sign off." not in text
    assert claim.statement in text


def test_nothing_of_another_desk_is_on_the_queue_or_the_list(client: Client, team: Team) -> None:
    claim = make_claim(team)
    as_(client, team.outsider)
    for address in ("/", "/claims/", "/claims/?desk=all", f"/claims/?document={claim.document_id}"):
        assert claim.statement not in page(client, address)


def test_next_without_work_says_so_and_stays(client: Client, team: Team) -> None:
    response = as_(client, team.editor).post("/next/", {"work": "check"}, follow=True)
    assert response.redirect_chain == [("/", 302)]
    assert "Nothing waits to be checked right now." in response.content.decode()


def test_next_by_a_viewer_is_refused_and_hands_out_nothing(client: Client, team: Team) -> None:
    claim = make_claim(team)
    assert as_(client, team.viewer).post("/next/", {"work": "check"}).status_code == 403
    claim.refresh_from_db()
    assert claim.lease_holder_id is None


def test_next_is_never_a_link(client: Client, team: Team) -> None:
    assert as_(client, team.editor).get("/next/").status_code == 405


@pytest.mark.parametrize("address", ["/?text=%00", "/claims/?tag=%00", "/documents/?text=%00"])
def test_a_null_character_in_an_address_is_refused_in_words(client: Client, team: Team, address: str) -> None:
    response = as_(client, team.editor).get(address)
    assert response.status_code == 422
    assert "There is a null character in what was sent" in response.content.decode()


@pytest.mark.parametrize("action", ["skip", "park", "dismiss", "tag"])
def test_a_null_character_in_a_form_is_refused_and_changes_nothing(
    client: Client, team: Team, action: str
) -> None:
    claim = make_claim(team)
    given = {"reason": "a\x00b", "add": "a\x00b", "until": "2199-01-01"}
    assert as_(client, team.editor).post(f"/claims/{claim.pk}/{action}/", given).status_code == 422
    before = (claim.version, claim.state, claim.tags)
    claim.refresh_from_db()
    assert (claim.version, claim.state, claim.tags) == before


def test_the_address_of_a_button_leads_back_to_its_claim(client: Client, team: Team) -> None:
    claim = make_claim(team)
    response = as_(client, team.editor).get(f"/claims/{claim.pk}/verdict/")
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert f'href="/claims/{claim.pk}/"' in response.content.decode()


def test_whoever_was_signed_out_comes_back_to_the_page_of_the_form(client: Client, team: Team) -> None:
    claim = make_claim(team)
    here = f"/claims/{claim.pk}/"
    response = client.post(f"{here}verdict/", headers={"Referer": f"http://testserver{here}"})
    assert response["Location"] == f"/sign-in/?next=http%3A//testserver{here}"


def test_a_script_of_whoever_was_signed_out_gets_no_page_to_put_over_the_form(
    client: Client, team: Team
) -> None:
    claim = make_claim(team)
    response = client.post(f"/claims/{claim.pk}/verdict/draft/", headers={"HX-Request": "true"})
    assert (response.status_code, response.content) == (401, b"")


def test_skipping_needs_a_reason_and_keeps_what_was_typed(client: Client, team: Team) -> None:
    claim = make_claim(team)
    as_(client, team.editor)
    refused = client.post(f"/claims/{claim.pk}/skip/", {"reason": " "})
    assert refused.status_code == 422
    assert not ClaimSkip.objects.exists()
    client.post(f"/claims/{claim.pk}/skip/", {"reason": "No Dutch"})
    assert ClaimSkip.objects.get().reason == "No Dutch"
    assert leases.take_next(work=Work.CHECK, by=team.editor) is None


def test_a_parked_claim_wakes_at_the_start_of_that_day(client: Client, team: Team) -> None:
    claim = make_claim(team)
    day = timezone.localdate() + timedelta(days=3)
    as_(client, team.editor).post(
        f"/claims/{claim.pk}/park/", {"reason": "Waits for an answer", "until": day.isoformat()}
    )
    claim.refresh_from_db()
    assert claim.parked_until is not None
    local = timezone.localtime(claim.parked_until)
    assert (local.date(), local.hour, claim.parked_reason) == (day, 8, "Waits for an answer")


@pytest.mark.parametrize("until", ["", "soon", "2026-99-99", "2001-01-01"])
def test_a_wake_day_that_cannot_be_is_refused(client: Client, team: Team, until: str) -> None:
    claim = make_claim(team)
    response = as_(client, team.editor).post(f"/claims/{claim.pk}/park/", {"reason": "x", "until": until})
    assert response.status_code == 422
    claim.refresh_from_db()
    assert claim.parked_until is None


def test_renewing_with_a_lost_token_is_told_without_a_new_page(client: Client, team: Team) -> None:
    claim = make_claim(team)
    handout = leases.hold(claim.pk, by=team.editor)
    leases.take_over(claim.pk, by=team.manager)
    response = as_(client, team.editor).post(
        f"/claims/{claim.pk}/renew/", {"lease_token": handout.lease_token}, headers={"HX-Request": "true"}
    )
    assert response.status_code == 409
    assert response["HX-Retarget"] == "#refusal"
    assert "<html" not in response.content.decode()


def test_letting_go_never_leads_to_another_site(client: Client, team: Team) -> None:
    claim = make_claim(team)
    as_(client, team.editor)
    response = client.post(f"/claims/{claim.pk}/release/", {"next": "https://evil.example/"})
    assert response["Location"] == "/"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("tag=x", True),
        ("tag=y", False),
        ("state=open,returned", True),
        ("state=verified", False),
        ("text=vijftig", True),
        ("text=zestig", False),
        ("language=nl", True),
        ("language=es", False),
        ("person=nobody", True),
        ("person=me", False),
        ("overdue=1", False),
        ("rating=false", False),
        ("document=nonsense", False),
    ],
)
def test_each_part_of_the_filter_narrows_the_list(
    client: Client, team: Team, query: str, found: bool
) -> None:
    claim = make_claim(team)
    organise.tag_claims([claim.pk], by=team.editor, add=["x"])
    text = page(as_(client, team.editor), f"/claims/?{query}")
    assert (f'value="{claim.pk}" form="bulk"' in text) is found


def test_a_damaged_link_to_a_later_page_is_explained(client: Client, team: Team) -> None:
    response = as_(client, team.editor).get("/claims/?after=nonsense")
    assert response.status_code == 422
    assert "Start from the first page." in response.content.decode()


def test_pages_of_the_list_meet_without_gap_or_overlap(client: Client, team: Team) -> None:
    many_claims(team, 53)
    as_(client, team.editor)
    first = client.get("/claims/")
    shown = [claim.pk for claim in first.context["page"].rows]
    older = client.get(first.context["older"])
    rest = [claim.pk for claim in older.context["page"].rows]
    assert (len(shown), len(rest)) == (50, 3)
    assert shown + rest == list(Claim.objects.in_queue_order().values_list("pk", flat=True))


def test_many_claims_are_assigned_at_once(client: Client, team: Team) -> None:
    many_claims(team, 3)
    ids = list(Claim.objects.values_list("pk", flat=True))
    response = as_(client, team.editor).post(
        "/claims/bulk/?tag=",
        {"claim": ids[:2], "action": "assign", "assignee": team.colleague.pk},
        follow=True,
    )
    assert "2 claims assigned to Colleague." in response.content.decode()
    assert Claim.objects.filter(assignee=team.colleague).count() == 2


def test_all_that_match_means_the_filter_not_the_page(client: Client, team: Team) -> None:
    many_claims(team, 53)
    last = Claim.objects.order_by("-pk").first()
    assert last is not None
    organise.tag_claims([last.pk], by=team.editor, add=["keep"])
    as_(client, team.editor).post(
        "/claims/bulk/?person=nobody", {"all_matching": "1", "action": "tag", "add_tags": "a, b"}
    )
    assert Claim.objects.filter(tags__contains=["a", "b"]).count() == 53


def test_priority_and_due_day_are_set_together(client: Client, team: Team) -> None:
    claim = make_claim(team)
    as_(client, team.editor).post(
        "/claims/bulk/", {"claim": [claim.pk], "action": "prioritise", "priority": "1", "due": "2030-02-03"}
    )
    claim.refresh_from_db()
    assert claim.priority == 1
    assert claim.due_at is not None
    assert timezone.localtime(claim.due_at).isoformat()[:13] == "2030-02-03T18"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"action": "assign", "assignee": "nobody"}, "nothing_selected"),
        ({"action": "destroy", "claim": ["1"]}, "unknown_action"),
        ({"action": "assign", "claim": ["1"], "assignee": "x"}, "unknown_action"),
        ({"action": "prioritise", "claim": ["1"]}, "unknown_action"),
        ({"action": "tag", "claim": ["1"]}, "unknown_action"),
    ],
)
def test_a_bulk_action_that_makes_no_sense_is_refused(
    client: Client, team: Team, fields: dict[str, object], code: str
) -> None:
    response = as_(client, team.editor).post("/claims/bulk/", fields)
    assert response.status_code == 422
    assert code in response.content.decode()


def test_a_viewer_changes_nothing_in_bulk(client: Client, team: Team) -> None:
    claim = make_claim(team)
    as_(client, team.viewer)
    assert "bulk__acts" not in page(client, "/claims/")
    response = client.post("/claims/bulk/", {"claim": [claim.pk], "action": "tag", "add_tags": "x"})
    assert response.status_code == 403
    claim.refresh_from_db()
    assert claim.tags == []


def test_claims_of_another_desk_are_not_there_for_a_bulk_action(client: Client, team: Team) -> None:
    claim = make_claim(team)
    response = as_(client, team.outsider).post(
        "/claims/bulk/", {"claim": [claim.pk], "action": "tag", "add_tags": "x"}
    )
    assert response.status_code == 404
    claim.refresh_from_db()
    assert claim.tags == []


def test_a_filter_is_kept_found_again_and_forgotten(client: Client, team: Team) -> None:
    as_(client, team.editor)
    client.post("/claims/filters/?state=open&tag=x", {"name": "My open ones"})
    kept = SavedFilter.objects.get()
    assert kept.query == "state=open&tag=x"
    assert "My open ones" in page(client, "/")
    client.post(reverse("forget_filter", args=[kept.pk]))
    assert not SavedFilter.objects.exists()


def test_nobody_forgets_another_persons_filter(client: Client, team: Team) -> None:
    as_(client, team.editor).post("/claims/filters/?tag=x", {"name": "Mine"})
    kept = SavedFilter.objects.get()
    assert as_(client, team.manager).post(reverse("forget_filter", args=[kept.pk])).status_code == 404
    assert SavedFilter.objects.filter(pk=kept.pk).exists()


def test_every_desk_of_mine_can_be_listed_together(client: Client, team: Team) -> None:
    owner = make_user("boss", is_superuser=True)
    create_desk(name="A second one", by=owner)
    team.desk.memberships.create(user=owner, role="viewer")
    claim = make_claim(team)
    as_(client, owner)
    assert claim.statement not in page(client, "/claims/?desk=a-second-one")
    assert claim.statement in page(client, "/claims/?desk=all")


@pytest.mark.parametrize(("address", "budget", "more"), [("/", 15, 1), ("/claims/", 9, 0)])
def test_a_page_asks_the_database_as_often_for_2_rows_as_for_200(
    client: Client, team: Team, address: str, budget: int, more: int
) -> None:
    as_(client, team.reviewer)
    asked = []
    for number in (2, 200):
        many_claims(team, number)
        with CaptureQueriesContext(connection) as queries:
            page(client, address)
        asked.append(len(queries))
    # Only counting starts when there is more than the page shows.
    assert asked[1] - asked[0] <= more
    assert asked[1] <= budget


@pytest.mark.parametrize("address", ["foo", "queue", "²", "//elsewhere.example/", "javascript:alert(1)"])
def test_what_is_no_address_of_ours_leads_to_the_queue(client: Client, team: Team, address: str) -> None:
    claim = make_claim(team)
    client.force_login(team.editor)
    response = client.post(f"/claims/{claim.pk}/skip/", {"reason": "Not mine.", "next": address})
    assert (response.status_code, response["Location"]) == (302, "/")
