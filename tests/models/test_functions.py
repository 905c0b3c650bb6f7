"""What the models say of the database's functions and search configuration is what migrations left there."""

import pytest
from django.db import connection

from annotations.models.functions import FUNCTIONS, SEARCH, DatabaseObject

pytestmark = pytest.mark.django_db


def rows(sql: str, *values: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def definition(name: str) -> str:
    [(found,)] = rows("SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = %s", name)
    return str(found)


def words_of_search() -> list[tuple[object, ...]]:
    """Which dictionaries each kind of word passes through, in order."""
    found = rows(
        "SELECT token.alias, dictionary.dictname FROM pg_ts_config AS config"
        " JOIN pg_ts_config_map AS map ON map.mapcfg = config.oid"
        " JOIN pg_ts_dict AS dictionary ON dictionary.oid = map.mapdict"
        " JOIN ts_token_type(config.cfgparser) AS token ON token.tokid = map.maptokentype"
        " WHERE config.cfgname = %s ORDER BY token.alias, map.mapseqno",
        SEARCH.name,
    )
    assert found
    return found


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
def test_a_function_is_what_the_models_say_it_is(function: DatabaseObject) -> None:
    migrated = definition(function.name)

    run(function.definition)

    assert definition(function.name) == migrated


def test_the_search_configuration_is_what_the_models_say_it_is() -> None:
    migrated = words_of_search()
    run(f"ALTER TEXT SEARCH CONFIGURATION {SEARCH.name} RENAME TO as_migrated")

    run(SEARCH.definition)

    assert words_of_search() == migrated


def test_the_models_name_every_function_and_search_configuration_that_migrations_left() -> None:
    own = (
        "SELECT {name} FROM {catalog} AS object WHERE {namespace} = current_schema()::regnamespace"
        " AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = object.oid AND deptype = 'e')"
    )
    functions = rows(own.format(name="proname", catalog="pg_proc", namespace="pronamespace"))
    configurations = rows(own.format(name="cfgname", catalog="pg_ts_config", namespace="cfgnamespace"))

    # What triggers do stands beside the models they guard.
    named = {str(name) for (name,) in functions if "pgtrigger_" not in str(name)}
    assert named == {function.name for function in FUNCTIONS}
    assert configurations == [(SEARCH.name,)]
