"""A forgotten password is set on the machine, and the log of each of the person's desks says so."""

import getpass

import pytest
from django.core.management import CommandError, call_command

from annotations.models import Activity, Membership
from tests.factories import Team, make_team

pytestmark = pytest.mark.django_db


def answering(monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
    left = list(answers)
    monkeypatch.setattr(getpass, "getpass", lambda prompt: left.pop(0))


def test_a_password_set_on_the_machine_stands_on_the_log_of_every_desk(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = make_team()
    Membership.objects.create(desk=elsewhere.desk, user=team.editor, role="viewer")
    answering(monkeypatch, "a long new password", "a long new password")

    call_command("changepassword", team.editor.username)

    team.editor.refresh_from_db()
    assert team.editor.check_password("a long new password")
    lines = Activity.objects.filter(verb="set_password", object_id=team.editor.pk)
    assert {(line.desk_id, line.actor_id, line.details["person"]) for line in lines} == {
        (desk.pk, None, team.editor.display_name) for desk in (team.desk, elsewhere.desk)
    }


@pytest.mark.parametrize("typed", [("one long password", "another long one"), ("short", "short")])
def test_a_password_that_is_refused_changes_nothing(
    typed: tuple[str, str], team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = team.editor.password
    answering(monkeypatch, *typed)

    with pytest.raises(CommandError):
        call_command("changepassword", team.editor.username)

    team.editor.refresh_from_db()
    assert team.editor.password == before
    assert not Activity.objects.filter(verb="set_password").exists()
