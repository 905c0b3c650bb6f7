"""An owner of the tables who rewrites or deletes a row is found afterwards.

`verify` names the row, and the first link of the chain of its desk that does not hold.
"""

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from annotations.domain.proof.kinds import EntryKind
from annotations.models import (
    Activity,
    Claim,
    Manifest,
    ProofChain,
    Report,
    Seal,
)
from annotations.workflow.captures.storage import keep_named, kept_body
from annotations.workflow.entries import TABLES
from annotations.workflow.evidence.attach import attach_file
from annotations.workflow.proof.manifest_files import sweep
from annotations.workflow.proof.verify import verify
from annotations.workflow.signing_key import signing_key
from tests.factories import (
    Team,
    make_claim,
    make_claim_in_review,
)
from tests.promises.facts import problems, run
from tests.without_rules import as_owner, change_row, rules_off

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_key")]


COLUMNS = [(kind, column) for kind, table in TABLES.items() for column in table.columns]
OTHER = {
    "int": "coalesce({0}, 0) + 1", "str": "overlay({0} placing 'x' from 1)", "json": """'{{"x": 1}}'""",
    "date": "{0} - 1", "moment": "{0} - interval '1 day'", "list": "{0} || 4711",
}  # fmt: skip


def _rewritten(kind: EntryKind, column: str) -> str:
    model = TABLES[kind].model
    field = model._meta.get_field(column)
    type_of = {
        "JSONField": "json", "DateField": "date", "DateTimeField": "moment", "ArrayField": "list",
        "CharField": "str", "TextField": "str",
    }.get(field.get_internal_type(), "int")  # fmt: skip
    return f"UPDATE {model._meta.db_table} SET {column} = {OTHER[type_of].format(column)}"


@pytest.mark.parametrize(("kind", "column"), COLUMNS, ids=str)
def test_no_owner_of_the_tables_rewrites_unseen(kind: EntryKind, column: str, recorded: Claim) -> None:
    table = TABLES[kind]
    row_id = table.rows().order_by("pk").values_list("pk", flat=True)[0]
    with as_owner(), connection.cursor() as cursor:
        # Keys and checks would refuse some of it; an owner drops them.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table.model._meta.db_table} DISABLE TRIGGER USER")
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('c', 'f')",
            [table.model._meta.db_table],
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {table.model._meta.db_table} DROP CONSTRAINT "{name}"')
        cursor.execute(f"{_rewritten(kind, column)} WHERE id = %s", [row_id])

    found = problems()

    manifest = _seal_of(kind, row_id).manifest
    assert manifest is not None
    number = manifest.number
    assert f"{kind.label} {row_id}: is not what manifest {number} of desk {recorded.desk_id} states" in found
    assert (
        found[0]
        == f"chain of desk {recorded.desk_id}: the first link that does not hold is manifest {number}"
    )


def _seal_of(kind: EntryKind, row_id: int) -> Seal:
    # A seal of many rows names each by kind and number; either alone may be that of another row.
    named = Seal.objects.filter(kinds__contains=[kind.value], row_ids__contains=[row_id])
    [seal] = [seal for seal in named if (kind.value, row_id) in zip(seal.kinds, seal.row_ids, strict=True)]
    return seal


def test_a_row_that_is_deleted_past_its_rules_is_named(recorded: Claim, team: Team) -> None:
    line = Activity.objects.filter(claim_id=recorded.pk).order_by("pk")[0]
    change_row("DELETE FROM annotations_activity WHERE id = %s", line.pk)
    [first, second] = problems()
    assert "the first link that does not hold" in first
    assert second.startswith(f"line of the log {line.pk}: is gone, but manifest ")


def test_a_seal_that_is_deleted_with_its_rows_is_named_by_the_chain(recorded: Claim) -> None:
    line = Activity.objects.filter(claim_id=recorded.pk, verb="kept_as_signed").get()
    seal = next(
        s for s in Seal.objects.all() if ("activity", line.pk) in zip(s.kinds, s.row_ids, strict=True)
    )
    change_row("DELETE FROM annotations_seal WHERE id = %s", seal.pk)
    change_row("DELETE FROM annotations_activity WHERE id = %s", line.pk)
    change_row("DELETE FROM annotations_keptwords WHERE claim_id = %s", recorded.pk)
    named = f"states seal {seal.pk} of activity {line.pk}, kept_words "
    assert any(named in problem and problem.endswith(", which is gone") for problem in problems())


def test_a_row_added_to_a_ready_report_past_its_rules_is_found(recorded: Claim, team: Team) -> None:
    report = Report.objects.get()
    other = make_claim_in_review(team)
    with rules_off("annotations_reportrow"):
        run(
            """INSERT INTO annotations_reportrow (report_id, position, claim_id, data)
            VALUES (%(report)s, 0, %(claim)s, '{}')""",
            report=report.pk,
            claim=other.pk,
        )
    assert problems() == [f"report 1 of desk {team.desk.pk}: its rows are not those that were frozen"]


def test_a_row_of_a_report_rewritten_past_its_rules_is_found(recorded: Claim, team: Team) -> None:
    change_row("""UPDATE annotations_reportrow SET data = jsonb_set(data, '{statement}', '"Forged."')""")
    assert problems() == [f"report 1 of desk {team.desk.pk}: its rows are not those that were frozen"]


def test_a_passage_rewritten_against_its_signed_manifest_is_found(team: Team) -> None:
    evidence = attach_file(
        claim_id=make_claim(team).pk, filename="a.html", stance="supports", passage="41 million",
        by=team.editor, content=b"<html><body><p>The bridge cost 41 million euros.</p></body></html>",
    )  # fmt: skip
    sweep()
    assert problems() == []
    run("UPDATE annotations_evidence SET passage = '42 million' WHERE id = %(id)s", id=evidence.pk)
    assert f"evidence {evidence.pk}: its passage is not the one that was signed" in problems()


def test_a_manifest_whose_row_is_not_its_file_is_found_though_both_are_signed(
    recorded: Claim, team: Team
) -> None:
    """As after a restore to an earlier day, when the chain went on from there."""
    last = Manifest.objects.filter(desk=team.desk).order_by("-number")[0]
    body = json.loads(last.body)
    body["made_at"] = "2019-05-01T00:00:00Z"

    other = signing_key().seal(body)
    with rules_off("annotations_manifest", "annotations_proofchain"):
        run(
            "UPDATE annotations_manifest SET body = %(body)s, sha256 = %(sha)s, signature = %(sig)s, "
            "made_at = '2019-05-01T00:00:00Z' WHERE id = %(id)s",
            body=other.body, sha=other.sha256, sig=other.signature, id=last.pk,
        )  # fmt: skip
        run(
            "UPDATE annotations_proofchain SET sha256 = %(sha)s WHERE desk_id = %(desk)s",
            sha=other.sha256, desk=team.desk.pk,
        )  # fmt: skip
    name = f"manifests/{team.desk.pk}/{last.number}.json"
    assert problems() == [
        f"chain of desk {team.desk.pk}: the first link that does not hold is manifest {last.number}",
        f"manifest {last.number} of desk {team.desk.pk}: is not what {name} holds",
    ]


def test_manifests_that_lie_beyond_a_restored_database_are_named(recorded: Claim, team: Team) -> None:
    chain = ProofChain.objects.get(desk=team.desk)

    name = f"manifests/{team.desk.pk}/{chain.number + 1}.json"
    keep_named(name, kept_body(f"manifests/{team.desk.pk}/{chain.number}.json"))
    assert (
        f"{name}: the database holds no such manifest, so it is older than the files: set this aside"
        in problems()
    )


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE annotations_evidence SET stance = 'refutes'", "is not what its record states: sources"),
        ("UPDATE annotations_claim SET statement = 'Forged.'", "is not what its record states: statement"),
        ("UPDATE annotations_rating SET label = 'Fine' WHERE slug = 'true'", "record states: rating"),
        (
            "UPDATE annotations_claim SET verified_by_id = submitted_by_id",
            "did not approve the record in force",
        ),
        ("DELETE FROM annotations_review", "did not approve the record in force"),
        (
            "UPDATE annotations_manifest SET made_at = made_at - interval '1 day'",
            "else than it does",
        ),
    ],
    ids=["stance", "statement", "label", "signer", "approval", "day of a link"],
)
def test_what_people_work_with_is_held_against_what_was_signed(
    statement: str, sentence: str, recorded: Claim
) -> None:
    assert problems() == []
    table = re.findall(r"annotations_\w+", statement)[0]
    with rules_off(table):
        run(statement)
    assert any(problem.endswith(sentence) for problem in problems())


def test_a_text_rewritten_with_its_hash_is_not_the_one_that_records_quote(recorded: Claim) -> None:
    change_row(
        """UPDATE annotations_documentversion
        SET text = 'Forged.', length = 7, sha256 = encode(sha256('Forged.'), 'hex') WHERE number = 1"""
    )
    assert (
        f"version 1 of article {recorded.document_id}: is not the text that records were made of"
        in problems()
    )


def test_a_row_of_a_report_tied_to_another_claim_than_it_states_is_found(recorded: Claim, team: Team) -> None:
    other = make_claim_in_review(team)
    with rules_off("annotations_reportrow"):
        run("UPDATE annotations_reportrow SET claim_id = %(claim)s", claim=other.pk)
    assert problems() == [
        f"report 1 of desk {team.desk.pk}: a row of it is tied to another claim than it states"
    ]


def test_a_row_deleted_since_a_day_is_named_by_a_check_since_that_day(recorded: Claim) -> None:
    yesterday = timezone.now() - timedelta(days=1)
    line = Activity.objects.filter(claim_id=recorded.pk).order_by("pk")[0]
    assert verify(since=yesterday).problems == []
    change_row("DELETE FROM annotations_activity WHERE id = %s", line.pk)
    named = [str(problem) for problem in verify(since=yesterday).problems]
    assert any(problem.startswith(f"line of the log {line.pk}: is gone, but manifest ") for problem in named)
