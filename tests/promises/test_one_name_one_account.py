"""Of two who want one user name at the same moment, one gets it and the other is told."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from annotations.models import OutsideIdentity, User
from annotations.workflow.desks import accounts, manage, outside_identity
from annotations.workflow.desks.accounts import NameUnusable
from annotations.workflow.desks.outside_identity import Identity, NameTaken
from annotations.workflow.desks.saved_filters import save_filter
from tests.factories import Team, make_team

pytestmark = pytest.mark.django_db(transaction=True)

ISSUER = "https://sign-in.example.org"


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Return what each act returned or raised; all begin at once, each on its own connection."""
    start = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            start.wait(20)
            return act()
        except Exception as wrong:
            return wrong
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_two_windows_that_come_for_the_first_time_from_the_newsrooms_sign_in_open_one_account() -> None:
    identity = Identity(ISSUER, "subject-1", "nora", "Nora Smit")
    found = at_once(*[partial(outside_identity.account_of, identity)] * 4)
    [user] = User.objects.all()
    assert found == [user] * 4
    assert OutsideIdentity.objects.get().user == user


def test_of_two_people_whose_provider_gives_one_name_the_second_is_told_that_it_is_taken() -> None:
    found = at_once(
        *[
            partial(outside_identity.account_of, Identity(ISSUER, f"subject-{name}", name))
            for name in ("nora", "Nora", "NORA")
        ]
    )
    assert sorted(type(one).__name__ for one in found) == [NameTaken.__name__] * 2 + ["User"]
    assert User.objects.count() == OutsideIdentity.objects.count() == 1


def test_of_two_desks_that_make_an_account_of_one_name_one_makes_it(team: Team) -> None:
    other = make_team()
    found = at_once(
        *[
            partial(accounts.create_account, desk.desk.pk, username="nora", role="editor", by=desk.manager)
            for desk in (team, other)
        ]
    )
    assert sorted(type(one).__name__ for one in found) == ["Membership", NameUnusable.__name__]
    assert User.objects.filter(username="nora").count() == 1


def test_of_two_desks_made_with_one_name_one_is_made(team: Team) -> None:
    owner = User.objects.create_superuser("root")
    found = at_once(*[partial(manage.create_desk, name="Night desk", by=owner)] * 3)
    assert sorted(type(one).__name__ for one in found) == ["AlreadyThere", "AlreadyThere", "Desk"]


def test_a_filter_saved_twice_at_once_is_there_once(team: Team) -> None:
    found = at_once(*[partial(save_filter, desk_id=team.desk.pk, name="Mine", query="", by=team.editor)] * 3)
    assert sorted(type(one).__name__ for one in found) == ["FilterExists", "FilterExists", "SavedFilter"]


def test_of_two_accounts_that_connect_one_identity_one_is_connected(team: Team) -> None:
    identity = Identity(ISSUER, "subject-1")
    found = at_once(
        *[partial(outside_identity.connect, identity, by=who) for who in (team.editor, team.reviewer)]
    )
    assert sorted(type(one).__name__ for one in found) == ["IdentityTaken", "NoneType"]
    assert OutsideIdentity.objects.count() == 1
