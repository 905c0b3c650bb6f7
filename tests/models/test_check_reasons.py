"""Why a claim was proposed is kept as codes, also what earlier versions kept as phrases."""

from importlib import import_module
from types import ModuleType

import pytest
from django.db import connection

from annotations.models import Claim
from factcheck.embedded.places import PROJECT
from tests.factories import Team, make_claim, make_verified_claim
from tests.models.refusing import refused_by

PHRASES = [
    (["a figure: vijftig", "a name: Salud Chacao"], {"figure": "vijftig", "name": "Salud Chacao"}),
    (["a date or time: 12.30: uur"], {"date": "12.30: uur"}),
    ([], {}),
    (["a figure", "someone is quoted"], {"figure": "", "other": "someone is quoted"}),
    (["a figure: drie", "a figure", "a figure: vier"], {"figure": "drie · vier"}),
    (["", "zo", "maar"], {"other": "zo · maar"}),
    (["a figurehead: x"], {"other": "a figurehead: x"}),
    (['a name: O"Neill\\{,}', "A Name: y"], {"name": 'O"Neill\\{,}', "other": "A Name: y"}),
]


def _migration() -> ModuleType:
    (file,) = (PROJECT / "annotations/migrations").glob("*_store_reasons_as_codes.py")
    return import_module(f"annotations.migrations.{file.stem}")


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        # A table with checks of keys still to come cannot be altered.
        for statement in ("SET CONSTRAINTS ALL IMMEDIATE", *statements):
            cursor.execute(statement)


def _kept() -> dict[int, object]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, score_reasons FROM annotations_claim ORDER BY id")
        return dict(cursor.fetchall())


def test_only_reasons_that_have_words_are_kept(team: Team) -> None:
    claim = make_claim(team)

    for wrong in ({"sunshine": "zon"}, {"figure": "vijftig", "": "?"}, ["figure"]):
        with refused_by("claim_score_reasons_known"):
            Claim.objects.filter(pk=claim.pk).update(score_reasons=wrong)

    claim.refresh_from_db()
    assert claim.score_reasons == {}


@pytest.fixture
def phrases(team: Team) -> dict[int, list[str]]:
    """A database of an earlier version: claims in several states, with phrases of many kinds."""
    claims = [make_verified_claim(team), *(make_claim(team) for _ in PHRASES[1:])]
    _run("ALTER TABLE annotations_claim DROP CONSTRAINT claim_score_reasons_known", _migration().PHRASES)
    kept = {claim.pk: phrases for claim, (phrases, _) in zip(claims, PHRASES, strict=True)}
    with connection.cursor() as cursor:
        for pk, words in kept.items():
            cursor.execute("UPDATE annotations_claim SET score_reasons = %s WHERE id = %s", [words, pk])
    return kept


def test_phrases_of_an_earlier_version_become_codes_and_lose_nothing(phrases: dict[int, list[str]]) -> None:
    _run(_migration().CODES)

    kept = dict(Claim.objects.order_by("id").values_list("id", "score_reasons"))
    assert kept == {pk: codes for pk, (_, codes) in zip(sorted(phrases), PHRASES, strict=True)}


def test_codes_become_phrases_again_for_whoever_goes_back(phrases: dict[int, list[str]]) -> None:
    _run(_migration().CODES, _migration().PHRASES)

    joined = {("a figure: drie", "a figure", "a figure: vier"): ["a figure: drie · vier"]}
    joined["", "zo", "maar"] = ["zo · maar"]
    assert _kept() == {pk: joined.get(tuple(words), words) for pk, words in phrases.items()}
