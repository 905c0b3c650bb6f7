"""What no role in the database can stop is found afterwards, because each row is sealed as it is written.

Whoever has the application's password writes in another's name, and an owner of the tables rewrites: `verify`
names the row, and the first link of the chain that does not hold.
"""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from annotations.archiving.signing import SigningKey, new_seed
from annotations.domain.proof.kinds import EntryKind
from annotations.domain.reports.criteria import Criteria
from annotations.models import (
    Activity,
    Claim,
    EarlierEntries,
    Manifest,
    ProofChain,
    Report,
    Review,
    Seal,
    SignedRecord,
    Verdict,
)
from annotations.workflow.captures.storage import keep_named, kept_body
from annotations.workflow.entries import TABLES, entry_hash, signed_bytes
from annotations.workflow.evidence.attach import attach_file
from annotations.workflow.proof.chain import chain_entries
from annotations.workflow.proof.manifest_files import sweep
from annotations.workflow.proof.verify import verify
from annotations.workflow.reports.freeze import freeze_report
from annotations.workflow.signing_key import signing_key
from tests.factories import (
    Team,
    give_verdict,
    keep_words,
    make_claim,
    make_claim_in_review,
    make_claim_with_changed_words,
    make_document,
    make_evidence,
    make_team,
)
from tests.models.refusing import denied, refused_by
from tests.without_rules import as_owner, change_row, rules_off

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_key(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def claim(team: Team) -> Claim:
    """Return a verified claim that was kept as signed, with a report made of it: an entry of every kind."""
    claim = make_claim_with_changed_words(team)
    keep_words(claim, by=team.manager)
    freeze_report(desk=team.desk, by=team.editor, title="", criteria=Criteria())
    sweep()
    return claim


def run(statement: str, **values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def problems() -> list[str]:
    return [str(problem) for problem in verify().problems]


def test_what_nobody_forged_holds_and_every_kind_of_entry_is_sealed_and_chained(claim: Claim) -> None:
    assert problems() == []
    assert not Seal.objects.filter(manifest=None).exists()
    sealed = {kind for seal in Seal.objects.all() for kind in seal.kinds}
    assert sealed == {kind.value for kind in EntryKind}


FORGED = {
    "a review in another's name": (
        """INSERT INTO annotations_review
        (claim_id, verdict_id, record_id, submitted_at, reviewer_id, decision, note, reviewer_name)
        SELECT c.id, c.verdict_id, r.id, c.submitted_at, %(reviewer)s, 'approved', '', ''
        FROM annotations_claim c JOIN annotations_signedrecord r ON r.claim_id = c.id
        WHERE c.id = %(waiting)s""",
        Review,
        "review",
    ),
    "a line of the log": (
        """INSERT INTO annotations_activity
        (desk_id, actor_id, verb, object_type, object_id, claim_id, from_state, to_state, details)
        VALUES (%(desk)s, %(reviewer)s, 'approved', 'claim', %(waiting)s, %(waiting)s, '', '', '{}')""",
        Activity,
        "line of the log",
    ),
    "a verdict": (
        """INSERT INTO annotations_verdict
        (claim_id, number, rating_id, reasoning, as_of, reason_for_change, created_by_id)
        VALUES (%(open)s, 1, %(rating)s, 'Forged.', '2019-05-01', '', %(editor)s)""",
        Verdict,
        "verdict",
    ),
    "a submission": (
        """UPDATE annotations_claim SET state = 'in_review', submitted_by_id = %(editor)s,
        submitted_at = now()
        WHERE id = %(returned)s""",
        SignedRecord,
        "signed record",
    ),
}


@pytest.mark.parametrize("what", FORGED)
def test_whoever_has_the_applications_password_does_not_unseen_write(
    what: str, claim: Claim, team: Team
) -> None:

    waiting = make_claim_in_review(team, words="minstens vijftig gewonden")
    opened = make_claim(team)
    returned = make_claim(team)
    make_evidence(team, returned, url="https://example.org/returned")
    give_verdict(team, returned)
    sweep()
    assert problems() == []
    statement, model, called = FORGED[what]

    run(
        statement, desk=team.desk.pk, reviewer=team.reviewer.pk, editor=team.editor.pk, waiting=waiting.pk,
        open=opened.pk, returned=returned.pk, rating=team.ratings["true"].pk,
    )  # fmt: skip
    sweep()

    forged = model._default_manager.order_by("-pk").first()
    assert forged is not None
    assert problems() == [f"{called} {forged.pk}: was not written by the workbench: nothing sealed it"]


def test_a_seal_with_a_key_of_ones_own_covers_nothing(claim: Claim, team: Team) -> None:
    line = Activity.objects.create(
        desk=team.desk, actor=team.reviewer, verb="approved", object_type="claim", object_id=claim.pk
    )
    key = SigningKey(new_seed())
    row = next(
        iter(Activity.objects.filter(pk=line.pk).values_list("pk", *TABLES[EntryKind.ACTIVITY].columns))
    )
    seal = Seal(
        desk=team.desk, kinds=["activity"], row_ids=[line.pk],
        hashes=[entry_hash(EntryKind.ACTIVITY, row)], public_key=key.public_key,
    )  # fmt: skip
    seal.signature = key.sign(signed_bytes(seal))
    seal.save()
    before = ProofChain.objects.get(desk=team.desk).number

    assert chain_entries() == 0
    assert ProofChain.objects.get(desk=team.desk).number == before
    foreign, unsealed = problems()
    assert foreign.startswith(f"seal {seal.pk}: is signed with key {key.key_id}, which is none of this")
    assert unsealed == f"line of the log {line.pk}: was not written by the workbench: nothing sealed it"


def test_a_seal_that_says_something_else_than_was_signed_does_not_hold(claim: Claim, team: Team) -> None:
    line = Activity.objects.create(
        desk=team.desk, actor=team.reviewer, verb="approved", object_type="claim", object_id=claim.pk
    )
    genuine = Seal.objects.order_by("-pk").first()
    assert genuine is not None
    forged = Seal.objects.create(
        desk=team.desk, kinds=["activity"], row_ids=[line.pk], hashes=["0" * 64],
        public_key=genuine.public_key, signature=genuine.signature,
    )  # fmt: skip
    sweep()
    assert f"seal {forged.pk}: its signature does not fit what it says" in problems()


def test_what_a_former_key_signed_holds_as_long_as_it_is_named(
    claim: Claim, settings: Any, team: Team
) -> None:
    former = Seal.objects.values_list("public_key", flat=True)[0]
    settings.SIGNING_KEY = new_seed()
    make_document(team)
    assert len(problems()) > 1
    settings.FORMER_SIGNING_KEYS = [former]
    assert problems() == []


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
def test_no_owner_of_the_tables_rewrites_unseen(kind: EntryKind, column: str, claim: Claim) -> None:
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
    assert f"{kind.label} {row_id}: is not what manifest {number} of desk {claim.desk_id} states" in found
    assert (
        found[0] == f"chain of desk {claim.desk_id}: the first link that does not hold is manifest {number}"
    )


def _seal_of(kind: EntryKind, row_id: int) -> Seal:
    [seal] = Seal.objects.filter(kinds__contains=[kind.value], row_ids__contains=[row_id])
    return seal


def test_a_row_that_is_deleted_past_its_rules_is_named(claim: Claim, team: Team) -> None:
    line = Activity.objects.filter(claim_id=claim.pk).order_by("pk")[0]
    change_row("DELETE FROM annotations_activity WHERE id = %s", line.pk)
    [first, second] = problems()
    assert "the first link that does not hold" in first
    assert second.startswith(f"line of the log {line.pk}: is gone, but manifest ")


def test_a_seal_that_is_deleted_with_its_rows_is_named_by_the_chain(claim: Claim) -> None:
    line = Activity.objects.filter(claim_id=claim.pk, verb="kept_as_signed").get()
    seal = next(
        s for s in Seal.objects.all() if ("activity", line.pk) in zip(s.kinds, s.row_ids, strict=True)
    )
    change_row("DELETE FROM annotations_seal WHERE id = %s", seal.pk)
    change_row("DELETE FROM annotations_activity WHERE id = %s", line.pk)
    change_row("DELETE FROM annotations_keptwords WHERE claim_id = %s", claim.pk)
    named = f"states seal {seal.pk} of activity {line.pk}, kept_words "
    assert any(named in problem and problem.endswith(", which is gone") for problem in problems())


def test_a_row_added_to_a_ready_report_past_its_rules_is_found(claim: Claim, team: Team) -> None:
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


def test_a_row_of_a_report_rewritten_past_its_rules_is_found(claim: Claim, team: Team) -> None:
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
    claim: Claim, team: Team
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


def test_manifests_that_lie_beyond_a_restored_database_are_named(claim: Claim, team: Team) -> None:
    chain = ProofChain.objects.get(desk=team.desk)

    name = f"manifests/{team.desk.pk}/{chain.number + 1}.json"
    keep_named(name, kept_body(f"manifests/{team.desk.pk}/{chain.number}.json"))
    assert (
        f"{name}: the database holds no such manifest, so it is older than the files: set this file aside"
        in problems()
    )


def test_entries_from_before_there_were_seals_are_sealed_as_found(team: Team) -> None:
    make_claim_in_review(team)
    last = {kind: _last(kind) for kind in EntryKind}
    with rules_off("annotations_seal"):
        run("DELETE FROM annotations_seal")
    with as_owner():
        EarlierEntries.objects.all().delete()
        EarlierEntries.objects.bulk_create(
            EarlierEntries(kind=kind.value, since=timezone.now() + timedelta(hours=1), until_id=last[kind])
            for kind in EntryKind
        )
    assert problems() != []
    sweep()
    assert problems() == []
    assert {seal.is_earlier for seal in Seal.objects.all()} == {True}


def test_nobody_slips_a_row_among_the_earlier_ones(team: Team) -> None:
    make_claim_in_review(team)
    sweep()
    with as_owner():
        EarlierEntries.objects.update(
            since=timezone.now() - timedelta(hours=1), until_id=_last(EntryKind.REVIEW)
        )
        EarlierEntries.objects.filter(kind="activity").update(until_id=10**9, done_id=10**8)
    run(
        """INSERT INTO annotations_activity
        (id, desk_id, actor_id, verb, object_type, object_id, from_state, to_state, details)
        VALUES (100000001, %(desk)s, %(person)s, 'approved', 'claim', 1, '', '', '{}')""",
        desk=team.desk.pk,
        person=team.reviewer.pk,
    )
    sweep()
    assert problems() == ["line of the log 100000001: was not written by the workbench: nothing sealed it"]


def _last(kind: EntryKind) -> int:
    return int(TABLES[kind].rows().order_by("-pk").values_list("pk", flat=True).first() or 0)


def test_a_seal_is_not_changed_and_is_chained_once(claim: Claim) -> None:
    seal = Seal.objects.order_by("pk")[0]
    with denied():
        Seal.objects.filter(pk=seal.pk).update(hashes=["0" * 64])
    with denied():
        Seal.objects.filter(pk=seal.pk).delete()
    with refused_by("seal_chained_once"):
        Seal.objects.filter(pk=seal.pk).update(manifest=None)
    with denied():
        EarlierEntries.objects.create(kind="review", since=timezone.now(), until_id=10**9)


def test_a_seal_that_gets_no_place_in_the_chain_is_found(team: Team) -> None:
    make_document(team)
    sweep()
    with rules_off("annotations_seal"):
        run("UPDATE annotations_seal SET manifest_id = NULL, made_at = now() - interval '1 hour'")
    found = problems()
    assert any(problem.endswith("stands in no manifest") for problem in found)


def test_one_command_says_that_all_of_it_holds(claim: Claim) -> None:
    out = StringIO()
    call_command("verify", stdout=out)
    assert "All holds." in out.getvalue()


def test_a_desk_is_checked_by_itself(claim: Claim, team: Team) -> None:
    other = make_team()
    sweep()
    line = Activity.objects.filter(desk=team.desk).order_by("-pk")[0]
    change_row("UPDATE annotations_activity SET verb = 'renamed' WHERE id = %s", line.pk)
    assert verify(desk_id=other.desk.pk).problems == []
    assert len(verify(desk_id=team.desk.pk).problems) == 2
    assert len(verify(since=timezone.now() - timedelta(days=1)).problems) == 2
    assert verify(since=timezone.now() + timedelta(days=1)).problems == []
