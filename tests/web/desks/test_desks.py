"""The pages of a desk."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.domain.desks.roles import ACTION_WORDS, Role
from annotations.models import Desk, Membership, User
from annotations.workflow.claims import organise
from annotations.workflow.desks.invitations import invite
from annotations.workflow.desks.manage import rename_desk
from tests.factories import Team, make_claim, make_user

pytestmark = pytest.mark.django_db


def as_(client: Client, person: User) -> Client:
    client.force_login(person)
    return client


def test_desk_leads_to_the_people_of_the_desk_in_hand(client: Client, team: Team) -> None:
    assert as_(client, team.editor).get("/desk/")["Location"] == f"/desks/{team.desk.slug}/"


def test_the_matrix_of_roles_is_shown_whole_to_everyone(client: Client, team: Team) -> None:
    text = as_(client, team.viewer).get(f"/desks/{team.desk.slug}/").content.decode()
    for words in ACTION_WORDS.values():
        assert words.replace("'", "&#x27;") in text
    assert "Ask someone" not in text
    assert "Make an account" not in text


@pytest.mark.parametrize("part", ["", "ratings/", "log/", "settings/"])
def test_a_desk_of_others_is_not_there(client: Client, team: Team, part: str) -> None:
    assert as_(client, team.outsider).get(f"/desks/{team.desk.slug}/{part}").status_code == 404


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR, Role.REVIEWER])
def test_only_a_manager_runs_the_desk(client: Client, team: Team, role: Role) -> None:
    as_(client, team.in_role(role))
    base = f"/desks/{team.desk.slug}"
    before = Membership.objects.filter(desk=team.desk).count()
    assert client.post(f"{base}/accounts/", {"username": "new", "role": "viewer"}).status_code == 403
    assert client.post(f"{base}/invitations/", {"ask-username": "n", "ask-role": "viewer"}).status_code == 403
    assert client.post(f"{base}/members/{team.viewer.pk}/role/", {"role": "manager"}).status_code == 403
    assert client.post(f"{base}/members/{team.viewer.pk}/remove/").status_code == 403
    assert client.get(f"{base}/settings/").status_code == 403
    assert Membership.objects.filter(desk=team.desk).count() == before
    assert not User.objects.filter(username="new").exists()


def test_a_new_person_gets_a_link_that_works_once(client: Client, team: Team) -> None:
    fields = {"username": "nora", "full_name": "Nora Ek", "role": "reviewer"}
    response = as_(client, team.manager).post(f"/desks/{team.desk.slug}/accounts/", fields)
    link = response.context["welcome_url"]
    assert response["Cache-Control"] == "no-store"
    nora = User.objects.get(username="nora")
    assert Membership.objects.get(desk=team.desk, user=nora).role == Role.REVIEWER
    fresh = Client()
    form = fresh.get(link, follow=True)
    address = form.redirect_chain[-1][0]
    chosen = {"new_password1": "a password of her own", "new_password2": "a password of her own"}
    assert fresh.post(address, chosen)["Location"] == "/"
    assert fresh.get("/").status_code == 200
    again = Client().get(link, follow=True)
    assert "This link has ended" in again.content.decode()


def test_nobody_gets_a_link_into_an_account_with_a_password(client: Client, team: Team) -> None:
    address = f"/desks/{team.desk.slug}/members/{team.editor.pk}/link/"
    assert as_(client, team.manager).post(address).status_code == 403


def test_someone_with_an_account_is_asked_and_can_be_asked_no_more(client: Client, team: Team) -> None:
    fields = {"ask-username": team.outsider.username, "ask-role": "viewer"}
    base = f"/desks/{team.desk.slug}"
    assert as_(client, team.manager).post(f"{base}/invitations/", fields).status_code == 302
    assert not Membership.objects.filter(desk=team.desk, user=team.outsider).exists()
    asked = client.get(f"{base}/").context["invitations"][0]
    assert client.post(f"{base}/invitations/{asked.pk}/withdraw/").status_code == 302
    assert client.get(f"{base}/").context["invitations"] == []


def test_an_invitation_is_declined_on_the_account_page(client: Client, team: Team) -> None:
    asked = invite(team.desk.pk, username=team.outsider.username, role="viewer", by=team.manager)
    as_(client, team.outsider)
    assert client.get("/account/").context["invitations"] == [asked]
    assert client.post(f"/account/invitations/{asked.pk}/decline/")["Location"] == "/account/"
    assert client.get("/account/").context["invitations"] == []
    assert client.post(f"/account/invitations/{asked.pk}/accept/").status_code == 404
    assert not Membership.objects.filter(desk=team.desk, user=team.outsider).exists()


def test_a_second_time_is_told_beside_the_name(client: Client, team: Team) -> None:
    fields = {"ask-username": team.editor.username, "ask-role": "viewer"}
    response = as_(client, team.manager).post(f"/desks/{team.desk.slug}/invitations/", fields)
    assert response.status_code == 422
    assert "Already a member." in response.content.decode()


def test_a_role_is_changed_and_the_log_says_so(client: Client, team: Team) -> None:
    as_(client, team.manager).post(
        f"/desks/{team.desk.slug}/members/{team.viewer.pk}/role/", {"role": "editor"}
    )
    assert Membership.objects.get(desk=team.desk, user=team.viewer).role == Role.EDITOR
    text = client.get(f"/desks/{team.desk.slug}/log/").content.decode()
    assert "changed a role" in text
    assert "viewer → editor" in text


def test_the_log_names_the_claim_and_narrows_to_a_person(client: Client, team: Team) -> None:
    claim = make_claim(team)
    organise.tag_claims([claim.pk], by=team.colleague, add=["x"])
    as_(client, team.viewer)
    text = client.get(f"/desks/{team.desk.slug}/log/").content.decode()
    assert claim.statement in text
    only = client.get(f"/desks/{team.desk.slug}/log/?person={team.colleague.pk}").context["page"].rows
    assert [line.words for line in only] == ["changed the tags"]


def test_the_log_says_moments_as_people_read_them(client: Client, team: Team) -> None:
    claim = make_claim(team)
    until = datetime(2100, 1, 2, 8, 30, tzinfo=UTC)
    organise.park(claim.pk, by=team.editor, reason="Waits", until=until)
    client.force_login(team.viewer)
    line = client.get(f"/desks/{team.desk.slug}/log/").context["page"].rows[0]
    assert line.detail == f"Waits · until {timezone.localtime(until):%-d %B %Y, %H:%M}"


def test_the_log_pages_by_key(client: Client, team: Team) -> None:
    claim = make_claim(team)
    for number in range(60):
        tag, other = f"t{number % 15}", f"t{(number + 1) % 15}"
        organise.tag_claims([claim.pk], by=team.editor, add=[tag], remove=[other])
    as_(client, team.viewer)
    first = client.get(f"/desks/{team.desk.slug}/log/")
    older = client.get(first.context["older"])
    ids = [line.id for line in [*first.context["page"].rows, *older.context["page"].rows]]
    assert ids == sorted(set(ids), reverse=True)
    assert len(first.context["page"].rows) == 50


def test_the_log_asks_as_often_for_2_lines_as_for_50(client: Client, team: Team) -> None:
    as_(client, team.viewer)
    asked = []
    for number in (2, 50):
        for at in range(number):
            make_claim(team) if at == 0 else organise.tag_claims(
                [make_claim(team).pk], by=team.editor, add=["x"]
            )
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/desks/{team.desk.slug}/log/")
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_ratings_are_shown_with_their_definitions(client: Client, team: Team) -> None:
    text = as_(client, team.viewer).get(f"/desks/{team.desk.slug}/ratings/").content.decode()
    for rating in team.ratings.values():
        assert rating.definition in text


def test_only_an_administrator_makes_a_desk(client: Client, team: Team) -> None:
    before = Desk.objects.count()
    assert as_(client, team.manager).get("/desks/new/").status_code == 403
    assert client.post("/desks/new/", {"name": "Mine"}).status_code == 403
    assert Desk.objects.count() == before
    boss = make_user("boss", is_superuser=True)
    response = as_(client, boss).post("/desks/new/", {"name": "Science"})
    assert response["Location"] == "/desks/science/"
    assert Membership.objects.get(desk__slug="science").user == boss


def test_a_renamed_desk_keeps_its_address(client: Client, team: Team) -> None:
    as_(client, team.manager).post(f"/desks/{team.desk.slug}/settings/", {"name": "Foreign affairs"})
    team.desk.refresh_from_db()
    assert team.desk.name == "Foreign affairs"
    assert client.get(f"/desks/{team.desk.slug}/").status_code == 200


def test_switching_takes_only_a_desk_of_ones_own_in_hand(client: Client, team: Team) -> None:
    as_(client, team.outsider)
    assert client.post("/desks/switch/", {"desk": team.desk.slug}).status_code == 404
    Membership.objects.create(desk=team.desk, user=team.outsider, role=Role.VIEWER)
    assert client.post("/desks/switch/", {"desk": team.desk.slug}).status_code == 302
    assert client.get("/").context["desk"] == team.desk


def test_a_name_given_to_a_desk_meanwhile_is_not_written_over(client: Client, team: Team) -> None:
    address = f"/desks/{team.desk.slug}/settings/"
    seen = as_(client, team.manager).get(address).context["desk"].version
    rename_desk(team.desk.pk, name="Foreign affairs", by=team.manager)

    late = client.post(address, {"name": "Abroad", "version": seen})

    assert late.status_code == 409
    text = late.content.decode()
    assert 'value="Abroad"' in text
    assert "Someone changed this desk" in text
    assert Desk.objects.get(pk=team.desk.pk).name == "Foreign affairs"
    assert client.post(address, {"name": "Abroad", "version": seen + 1}).status_code == 302
