"""Whoever has the application's password types SQL: what it has no right to, and what the tables refuse it.

The tests work with the rights of the application's role, as every test outside `tests/models` does.
"""

from typing import Any

import pytest
from django.db import connection

from annotations.domain.reports.criteria import Criteria
from annotations.models import Report, Review
from annotations.workflow.reports.freeze import freeze_report
from factcheck.embedded.postgres import APPLICATION
from tests.api.scenario import everything
from tests.factories import Team, make_claim, make_claim_in_review, make_verified_claim
from tests.models.refusing import denied, refused_by

pytestmark = pytest.mark.django_db


def run(statement: str, values: dict[str, Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_the_tests_work_with_the_rights_of_the_application() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (APPLICATION,)


DENIED = {
    "empty a table": "TRUNCATE annotations_activity CASCADE",
    "turn the rules of a table off": "ALTER TABLE annotations_claim DISABLE TRIGGER USER",
    "drop a rule": "DROP FUNCTION annotations_contributors(bigint, bigint, bigint[])",
    "drop a table": "DROP TABLE annotations_review",
    "add a column": "ALTER TABLE annotations_claim ADD COLUMN x int",
    "take part in no rule": "SET LOCAL session_replication_role = replica",
    "put a table of its own before ours": "CREATE TEMP TABLE annotations_claim (id bigint)",
    "make a function": "CREATE FUNCTION public.now2() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "make a schema": "CREATE SCHEMA mine",
    "make a role": "CREATE ROLE mine SUPERUSER",
    "become the owner": "SET LOCAL ROLE postgres",
    "set a number back": "SELECT setval('annotations_activity_id_seq', 1)",
    "run a program": "COPY annotations_claim TO PROGRAM 'cat'",
    "read a file": "SELECT pg_read_file('/etc/passwd')",
    "change a line of the log": "UPDATE annotations_activity SET details = '{}'",
    "delete a line of the log": "DELETE FROM annotations_activity",
    "change a verdict": "UPDATE annotations_verdict SET reasoning = 'x'",
    "change a review": "UPDATE annotations_review SET note = 'x'",
    "change a record": "UPDATE annotations_signedrecord SET hand_ids = '{}'",
    "change a row of a report": "UPDATE annotations_reportrow SET data = '{}'",
    "delete a row of a report": "DELETE FROM annotations_reportrow",
    "change a manifest": "UPDATE annotations_manifest SET body = '{}'",
    "change the text of an article": "UPDATE annotations_documentversion SET text = 'x'",
    "change a capture": "UPDATE annotations_capture SET text = 'x'",
    "change who made a claim": "UPDATE annotations_claim SET created_by_id = NULL",
    "say that the workbench found a claim": "UPDATE annotations_claim SET origin = 'proposed'",
    "move a claim to another desk": "UPDATE annotations_claim SET desk_id = 0",
    "delete a claim": "DELETE FROM annotations_claim",
    "delete an account": "DELETE FROM annotations_user",
    "put somebody else into a membership": "UPDATE annotations_membership SET user_id = 0",
    "forget a migration": "DELETE FROM django_migrations",
}


@pytest.mark.parametrize("what", DENIED)
def test_the_application_has_no_right_beyond_its_own(what: str, team: Team) -> None:
    make_verified_claim(team)
    before = everything(but="")

    with denied():
        run(DENIED[what])

    assert everything(but="") == before


def test_no_setting_of_a_session_switches_a_rule_off(team: Team) -> None:
    claim = make_verified_claim(team)
    run("SELECT set_config('pgtrigger.ignore', '{*,annotations:claim:claim_guard,claim_guard}', true)")
    with refused_by("claim_statement_locked"):
        run("UPDATE annotations_claim SET statement = 'Forged.' WHERE id = %(claim)s", {"claim": claim.pk})
    claim.refresh_from_db()
    assert claim.statement != "Forged."


def test_nobody_approves_by_making_somebody_else_the_sender(team: Team) -> None:
    claim = make_claim_in_review(team)
    values = {"claim": claim.pk, "other": team.colleague.pk, "editor": team.editor.pk}
    with refused_by("claim_submission_kept"):
        run("UPDATE annotations_claim SET submitted_by_id = %(other)s WHERE id = %(claim)s", values)
    with refused_by("review_four_eyes"):
        run(
            """INSERT INTO annotations_review
            (claim_id, verdict_id, record_id, submitted_at, reviewer_id, decision, note, reviewer_name)
            SELECT c.id, c.verdict_id, r.id, c.submitted_at, %(editor)s, 'approved', '', ''
            FROM annotations_claim c JOIN annotations_signedrecord r ON r.claim_id = c.id
            WHERE c.id = %(claim)s""",
            values,
        )
    assert not Review.objects.exists()


SIGNED = {
    "another rating": ("rating_id = %(rating)s", "claim_verdict_own"),
    "another claimant": ("claimant_name = 'Forged'", "claim_statement_locked"),
    "another day of the signature": ("verified_at = now()", "claim_signature_kept"),
    "another signer": ("verified_by_id = %(other)s", "claim_signature_kept"),
    "another sender": ("submitted_by_id = %(other)s", "claim_submission_kept"),
    "another day of the submission": ("submitted_at = now()", "claim_submission_kept"),
    "no author": ("statement_author_ids = '{}'", "claim_statement_locked"),
}


@pytest.mark.parametrize("what", SIGNED)
def test_what_was_signed_of_a_verified_claim_is_not_changed(what: str, team: Team) -> None:
    claim = make_verified_claim(team)
    before = everything(but="")
    changed, rule = SIGNED[what]
    values = {"rating": team.ratings["false"].pk, "other": team.colleague.pk, "claim": claim.pk}

    with refused_by(rule):
        run(f"UPDATE annotations_claim SET {changed} WHERE id = %(claim)s", values)

    assert everything(but="") == before


def test_a_ready_report_takes_no_row(team: Team) -> None:
    make_verified_claim(team)
    report = freeze_report(desk=team.desk, by=team.editor, title="", criteria=Criteria())
    other, before = make_claim(team), everything(but="")
    with refused_by("report_rows_closed"):
        run(
            """INSERT INTO annotations_reportrow (report_id, position, claim_id, data)
            VALUES (%(report)s, 99, %(claim)s, '{}')""",
            {"report": report.pk, "claim": other.pk},
        )
    with refused_by("report_frozen"):
        Report.objects.filter(pk=report.pk).update(content_hash="0" * 64)
    assert everything(but="") == before
