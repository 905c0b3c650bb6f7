"""Whoever is on no desk is told what they can do, on one page to which all others lead."""

import pytest
from django.test import Client

from annotations.models import Desk, User
from annotations.workflow.desks.invitations import invite
from tests.factories import Team, make_user
from tests.web.desks.test_second_factor import signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/", "/claims/", "/documents/", "/sources/", "/reports/", "/desk/"])
def test_every_page_of_a_desk_leads_there(address: str) -> None:
    client = signed_in(make_user("nora"))
    answer = client.get(address, follow=True)
    assert answer.redirect_chain[-1][0] == "/start/"
    assert answer.status_code == 200


def test_somebody_without_a_desk_reads_which_name_to_tell() -> None:
    person = make_user("nora")
    shown = signed_in(person).get("/start/").content.decode()
    assert person.username in shown
    assert "Make the first desk" not in shown


def test_the_first_administrator_makes_the_first_desk_there() -> None:
    client = signed_in(make_user("boss", is_superuser=True))
    assert "Make the first desk" in client.get("/start/").content.decode()
    made = client.post("/desks/new/", {"name": "Newsroom"}, follow=True)
    assert made.status_code == 200
    assert Desk.objects.get().name == "Newsroom"
    assert client.get("/start/")["Location"] == "/"


def test_who_is_asked_joins_there(team: Team) -> None:
    person = make_user("nora")
    invite(team.desk.pk, username=person.username, role="editor", by=team.manager)
    assert f"Join {team.desk.name}" in signed_in(person).get("/start/").content.decode()


def test_a_form_sent_without_a_desk_is_refused_and_not_thrown_away() -> None:
    answer = signed_in(make_user("nora")).post("/documents/new/", {"text": "A long article."})
    assert answer.status_code == 404


def test_a_new_copy_says_at_its_door_how_it_is_set_up() -> None:
    assert "manage.py set_up" in Client().get("/sign-in/").content.decode()
    make_user("nora")
    assert "manage.py set_up" not in Client().get("/sign-in/").content.decode()


def test_nobody_reads_it_who_is_not_signed_in() -> None:
    assert Client().get("/start/")["Location"] == "/sign-in/?next=/start/"
    assert not User.objects.exists()
