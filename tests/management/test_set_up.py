"""The first person, desks and people, made by commands on the machine."""

import io
import sys

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from annotations.models import Activity, Desk, Membership, User
from tests.factories import Team, make_user

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


def set_up(monkeypatch: pytest.MonkeyPatch, password: str = PASSWORD, **options: str) -> str:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{password}\n"))
    said = io.StringIO()
    call_command("set_up", **{"username": "nora", "desk": "Newsroom", **options}, stdout=said)
    return said.getvalue()


def test_a_new_copy_gets_its_first_person_and_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "nora can sign in now" in set_up(monkeypatch, full_name="Nora van Dam")

    person = User.objects.get()
    assert (person.display_name, person.is_superuser) == ("Nora van Dam", True)
    assert Membership.objects.get().role == "manager"
    assert Activity.objects.get().actor == person
    client = Client()
    client.post("/sign-in/", {"username": "nora", "password": PASSWORD})
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"password": "short"}, "at least 10 characters"),
        ({"password": "password123"}, "too common"),
        ({"username": "no ra"}, "without spaces"),
        ({"desk": " "}, "Give the desk a name"),
    ],
)
def test_what_cannot_be_used_makes_nothing(
    monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str], says: str
) -> None:
    with pytest.raises(CommandError, match=says):
        set_up(monkeypatch, **wrong)
    assert not User.objects.exists()
    assert not Desk.objects.exists()


def test_a_copy_is_set_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    make_user("somebody")
    with pytest.raises(CommandError, match="an account already"):
        set_up(monkeypatch)
    assert User.objects.count() == 1


def test_without_a_terminal_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="--username"):
        set_up(monkeypatch, username="")
    assert not User.objects.exists()


def test_an_administrator_makes_a_desk_and_nobody_else_does(team: Team) -> None:
    boss = make_user("boss", is_superuser=True)
    call_command("make_desk", "Sports", by=boss.username)
    assert Membership.objects.get(desk__name="Sports").user == boss
    for name, says in ((team.manager.username, "administrator"), ("nobody", "nobody with")):
        with pytest.raises(CommandError, match=says):
            call_command("make_desk", "Other", by=name)
    assert not Desk.objects.filter(name="Other").exists()


def test_a_person_is_made_with_a_link_to_set_a_password(team: Team) -> None:
    said = io.StringIO()
    call_command(
        "make_person", "nora", desk=team.desk.slug, role="reviewer", by=team.manager.username, stdout=said
    )
    member = Membership.objects.get(user__username="nora")
    assert (member.role, member.user.made_by) == ("reviewer", team.manager)
    address = "/" + said.getvalue().strip().split("/", 3)[3]
    assert Client().get(address, follow=True).status_code == 200
    with pytest.raises(CommandError, match="cannot be used"):
        call_command("make_person", "nora", desk=team.desk.slug)
    with pytest.raises(CommandError, match="nobody with"):
        call_command("make_person", "ole", desk=team.desk.slug, by="nobody")
    assert not User.objects.filter(username="ole").exists()
