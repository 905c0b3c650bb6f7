"""The owner and the application: what each role may, and who is told to stop."""

from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from annotations.models.grants import GRANTS, rights_by_table
from factcheck import roles
from factcheck.embedded.postgres import APPLICATION
from tests.without_rules import as_owner

pytestmark = pytest.mark.django_db


def test_every_table_has_its_rights_written_down() -> None:
    managed = {
        model._meta.label
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }
    assert set(GRANTS) == managed


def test_every_column_that_may_be_changed_is_there() -> None:
    for table, (_, columns) in rights_by_table().items():
        with connection.cursor() as cursor:
            there = {column.name for column in connection.introspection.get_table_description(cursor, table)}
        assert set(columns) <= there, table


def test_the_application_may_no_more_than_it_needs() -> None:
    assert roles.too_much(APPLICATION) == []


def test_what_a_role_has_too_much_is_said_in_words() -> None:
    with connection.cursor() as cursor, as_owner():
        cursor.execute("SELECT current_user")
        (owner,) = cursor.fetchone()
    assert "owns tables, or is a member of a role that does" in roles.too_much(owner)
    assert roles.too_much("postgres") == ["is a superuser"]


@pytest.mark.parametrize(("environment", "stops"), [("production", True), ("development", False)])
def test_in_production_a_process_that_owns_the_tables_stops(
    settings: Any, environment: str, stops: bool
) -> None:
    settings.ENVIRONMENT = environment
    with as_owner():
        found = roles.check_database_role(None, databases=["default"])
    assert [message.id for message in found] == (["factcheck.E001"] if stops else [])
    assert not roles.check_database_role(None, databases=["default"])


def test_the_role_is_not_asked_where_no_database_may_be_asked(settings: Any) -> None:
    settings.ENVIRONMENT = "production"
    with as_owner():
        assert roles.check_database_role(None, databases=None) == []


def test_roles_are_not_made_without_an_owner_of_its_own(settings: Any) -> None:
    settings.OWNER_DATABASE = None
    with pytest.raises(CommandError, match="Set OWNER_DATABASE_URL to the role that owns the tables"):
        call_command("make_roles")
