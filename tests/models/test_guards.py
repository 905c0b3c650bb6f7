"""The guards hold in every session: no setting switches them off, and no temporary table deceives them."""

import pgtrigger
import pytest
from django.db import connection

from annotations.domain.claims.states import ClaimState
from annotations.models import Claim
from annotations.models.guards import Guard
from tests.factories import Team
from tests.models.claim_histories import make_claim_in
from tests.models.refusing import refused_by

pytestmark = pytest.mark.django_db

# Ours: what an extension brings along is its own.
_FUNCTIONS = """
    SELECT p.proname, p.prosrc, p.prosqlbody IS NOT NULL, coalesce(p.proconfig, '{}'), p.prosecdef
    FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""
_PINNED = "search_path=pg_catalog, public, pg_temp"


def asked(sql: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def test_every_function_looks_up_names_where_its_tables_are() -> None:
    found = asked(_FUNCTIONS)
    assert len(found) > len(pgtrigger.registered())
    # What is parsed when it is made looks up nothing later.
    assert [name for name, _, parsed, given, _ in found if not parsed and given != [_PINNED]] == []


def test_no_function_asks_for_a_switch_or_lends_the_rights_of_its_owner() -> None:
    found = asked(_FUNCTIONS)
    assert [name for name, body, *_ in found if "ignore" in f"{name} {body}"] == []
    assert [name for name, *_, lends in found if lends] == []


def test_every_function_of_a_trigger_has_its_trigger_and_every_trigger_is_on() -> None:
    attached = asked(
        "SELECT p.proname, t.tgenabled FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
        " WHERE NOT t.tgisinternal"
    )
    functions = {name for name, *_ in asked(_FUNCTIONS) if str(name).startswith("pgtrigger_")}
    assert {name for name, _ in attached} == functions
    assert {enabled for _, enabled in attached} == {"O"}
    assert functions == {trigger.get_pgid(model) for model, trigger in pgtrigger.registered()}


def test_every_trigger_of_a_model_is_a_guard() -> None:
    assert [trigger.name for _, trigger in pgtrigger.registered() if not isinstance(trigger, Guard)] == []


def test_the_switch_of_the_trigger_library_switches_nothing_off(team: Team) -> None:
    claim = make_claim_in(team, ClaimState.VERIFIED)
    names = ",".join(f'"{trigger.get_pgid(model)}"' for model, trigger in pgtrigger.registered())

    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", ["{" + names + "}"])
    with refused_by("claim_statement_locked"):
        Claim.objects.filter(pk=claim.pk).update(statement="Changed.")
    with refused_by("claim_not_deleted"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM annotations_claim WHERE id = %s", [claim.pk])
    with pgtrigger.ignore(), refused_by("claim_statement_locked"):
        Claim.objects.filter(pk=claim.pk).update(statement="Changed.")

    assert Claim.objects.get(pk=claim.pk).statement == claim.statement


@pytest.mark.parametrize("path", ["", "pg_temp, public", "elsewhere, public"])
def test_a_table_of_the_same_name_is_never_read_instead(team: Team, path: str) -> None:
    claim = make_claim_in(team, ClaimState.IN_REVIEW)
    evidence = claim.evidence.get()
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA elsewhere")
        for place in ("pg_temp", "elsewhere"):
            cursor.execute(
                f"CREATE TABLE {place}.annotations_claim AS SELECT * FROM public.annotations_claim"
            )
            cursor.execute(f"UPDATE {place}.annotations_claim SET state = 'open'")
        if path:
            cursor.execute("SELECT set_config('search_path', %s, true)", [path])

    with refused_by("evidence_while_workable"), connection.cursor() as cursor:
        cursor.execute("UPDATE public.annotations_evidence SET note = 'x' WHERE id = %s", [evidence.pk])
    with refused_by("verdict_while_workable"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO public.annotations_verdict"
            " (claim_id, number, rating_id, reasoning, as_of, reason_for_change, created_by_id)"
            " VALUES (%s, 9, %s, 'x', now(), 'x', %s)",
            [claim.pk, claim.rating_id, team.editor.pk],
        )
