"""The migration names the maker of an account where the log shows them, and nobody where it does not."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection, migrations
from django.utils import timezone

from annotations.models import Activity, User
from tests.factories import Team, make_user
from tests.without_rules import as_owner, rules_off

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("joined_after", "is_made"),
    [(timedelta(milliseconds=20), True), (timedelta(seconds=-1), False), (timedelta(minutes=1), False)],
)
def test_an_account_was_made_by_whoever_added_its_person_in_that_moment(
    joined_after: timedelta, is_made: bool, team: Team
) -> None:
    """An account that was there before, such as one from the command line, was not made by the manager."""
    at, person = timezone.now() - timedelta(days=9), make_user("nora")
    User.objects.filter(pk=person.pk).update(date_joined=at + joined_after)
    with rules_off("annotations_activity"):
        Activity.objects.create(
            desk=team.desk,
            actor=team.manager,
            verb="added_member",
            object_type="member",
            object_id=person.pk,
            at=at,
        )
    module = import_module("annotations.migrations.0060_who_made_an_account")
    (step,) = [one for one in module.Migration.operations if isinstance(one, migrations.RunSQL)]
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE annotations_user DISABLE TRIGGER USER")
        cursor.execute(step.sql)

    person.refresh_from_db()
    assert (person.made_by, person.made_by_desk) == ((team.manager, team.desk) if is_made else (None, None))
    team.editor.refresh_from_db()
    assert team.editor.made_by is None
