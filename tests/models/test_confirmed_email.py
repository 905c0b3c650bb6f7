"""An e-mail address counts as confirmed only as long as it stays the one that was confirmed."""

from datetime import UTC, datetime

import pytest

from annotations.models import User
from tests.factories import Team

pytestmark = pytest.mark.django_db

FIRST, SECOND = datetime(2019, 5, 2, tzinfo=UTC), datetime(2019, 5, 3, tzinfo=UTC)


def confirmed(team: Team) -> User:
    User.objects.filter(pk=team.editor.pk).update(email="eva@example.org", email_confirmed_at=FIRST)
    team.editor.refresh_from_db()
    assert team.editor.email_confirmed_at == FIRST
    return team.editor


def test_another_address_is_not_confirmed_by_what_confirmed_the_earlier_one(team: Team) -> None:
    user = confirmed(team)
    User.objects.filter(pk=user.pk).update(email="other@example.org")
    user.refresh_from_db()
    assert (user.email, user.email_confirmed_at) == ("other@example.org", None)


def test_an_address_that_is_confirmed_as_it_is_written_stays_so(team: Team) -> None:
    user = confirmed(team)
    User.objects.filter(pk=user.pk).update(email="other@example.org", email_confirmed_at=SECOND)
    user.refresh_from_db()
    assert user.email_confirmed_at == SECOND


def test_the_same_address_written_again_stays_confirmed(team: Team) -> None:
    user = confirmed(team)
    User.objects.filter(pk=user.pk).update(email="eva@example.org", first_name="Eva")
    user.refresh_from_db()
    assert user.email_confirmed_at == FIRST


def test_a_first_address_is_confirmed_by_nothing(team: Team) -> None:
    User.objects.filter(pk=team.editor.pk).update(email="", email_confirmed_at=None)
    User.objects.filter(pk=team.editor.pk).update(email="eva@example.org")
    team.editor.refresh_from_db()
    assert team.editor.email_confirmed_at is None
