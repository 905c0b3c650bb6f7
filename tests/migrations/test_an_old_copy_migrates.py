"""A copy of version 0.1.0, with rows in every table, becomes one of this version and loses nothing.

A migration that renames a table or a column adds it to `RENAMED`. One that changes what a column says adds
that column to `REWRITTEN`. The queries here ask the copy before it is migrated, so they keep the old names.
"""

import html
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.migrations.old_copy import VERSIONS, OldCopy, old_copy

# The first test waits until the copy is migrated and read, which a busy machine does slowly.
pytestmark = pytest.mark.timeout(300)

VERSION = "0.1.0"

# Old names to new ones, of tables and of columns: "table": "table", "table.column": "table.column".
RENAMED: dict[str, str] = {
    "annotations_capture.reader": "annotations_capture.extractor",
    "annotations_reading": "annotations_extraction",
    "annotations_reading.read_at": "annotations_extraction.extracted_at",
    "annotations_reading.reader": "annotations_extraction.extractor",
    "annotations_sourcealert": "annotations_alert",
    "annotations_watch.verdict": "annotations_watch.page_status",
    "annotations_watch.verdict_since": "annotations_watch.page_status_since",
    "annotations_watchcheck.verdict": "annotations_watchcheck.page_status",
}
# Columns that a migration rewrites on purpose or drops, by their old names: "table.column".
REWRITTEN = frozenset(
    {
        # Phrases became codes.
        "annotations_claim.score_reasons",
        # The key "verdict" of a page's findings became "page_status".
        "annotations_sourcealert.findings",
        # Only a question that still waits has a next attempt.
        "annotations_witnessjob.next_attempt_at",
    }
)
# Django writes into these what the code is made of, so they grow with it.
GROWN_BY_CODE = {"auth_permission", "django_content_type", "django_migrations"}

# The command that checks everything kept, and what it and the downloaded verifier say at the end.
CHECK_EVERYTHING = "verify --no-color"
ALL_HOLDS, SOMETHING_DOES_NOT = "All holds.", "Something does not hold."
NOTHING_LEFT = "migrate --check --no-color"
SIGN_IN = "/sign-in/"
OVERVIEWS = ("/", "/claims/", "/sources/", "/documents/", "/reports/", "/alerts/", "/account/")
# The address of the standalone verifier.
VERIFIER = "/sources/verify.py"
# Tables that version 0.1.0 never wrote: its settings keep no log of sign-ins.
NEVER_WRITTEN = {"axes_accessattemptexpiration", "axes_accessfailurelog", "axes_accesslog"}

STATES = {
    "annotations_anchor.state": "ambiguous confirmed edited exact moved orphaned",
    "annotations_claim.origin": "proposed selected",
    "annotations_claim.state": "dismissed in_review open proposed returned verified",
    "annotations_document.loading_state": "failed loading ready",
    "annotations_evidence.stance": "context refutes supports",
    "annotations_fetchjob.kind": "asked watch",
    "annotations_fetchjob.state": "cancelled failed fetched fetching queued",
    "annotations_manifest.kind": "capture passage",
    "annotations_membership.role": "editor manager reviewer viewer",
    "annotations_passageplace.state": "changed found gone moved",
    "annotations_reference.fetch_state": "cancelled failed fetched fetching queued",
    "annotations_report.state": "failed queued ready",
    "annotations_review.decision": "approved returned",
    "annotations_sourcealert.level": "details page passage text",
    "annotations_sourcealert.state": "amended confirmed dismissed open",
    "annotations_stamp.state": "asking failed held queued",
    "annotations_watch.verdict": "blocked changed dead live moved soft_404",
    "annotations_witnessjob.kind": "memento_lookup wayback_save",
    "annotations_witnessjob.state": "asking done failed queued",
    "annotations_activity.verb": """
        accepted added_member added_version amended_for_source anchor_changed approved asked_for_report
        asked_to_load assigned attached cancelled_fetch changed_role chose_passage confirmed_anchor
        confirmed_source corrected_language could_not_freeze_report created dismissed dismissed_source_change
        edited edited_evidence failed_to_fetch failed_to_load fetched fetched_unverified froze_report
        gave_verdict loaded parked prioritised proposed_claims removed_member renamed reopened restored
        restored_evidence retried_fetch returned skipped source_changed submitted tagged took_over
        uploaded_capture withdrew withdrew_evidence woke
    """,
}
REASONS = {
    "a change of office",
    "a comparison",
    "a date or time",
    "a figure",
    "a name",
    "a percentage",
    "a reported act",
    "an amount of money",
    "an utterance with a speaker",
}


class Before:
    """What the copy held before it was migrated, by the names of its own version."""

    def __init__(self, copy: OldCopy) -> None:
        self.counts = copy.counts()
        self.contents = copy.contents()
        self.states = {
            name: {value for (value,) in copy.rows(_DISTINCT.format(*name.split(".")))} for name in STATES
        }
        self.reasons: list[tuple[int, list[str]]] = copy.rows(
            "SELECT id, score_reasons FROM annotations_claim WHERE score_reasons <> '{}' ORDER BY id"
        )
        self.captures: dict[str, int] = {kind: copy.rows(query)[0][0] for kind, query in _CAPTURES.items()}
        self.reports: list[tuple[int, str, list[Any]]] = copy.rows(
            "SELECT r.id, r.content_hash, array_agg(w.data ORDER BY w.position) FROM annotations_report r"
            " JOIN annotations_reportrow w ON w.report_id = r.id WHERE r.state = 'ready' GROUP BY r.id"
        )
        self.pages = [
            *(f"/claims/{number}/" for number in _one_in_each(copy, "claim", "state")),
            *(f"/sources/{number}/" for number in _one_in_each(copy, "reference", "fetch_state")),
            *(f"/documents/{number}/" for number in _one_in_each(copy, "document", "loading_state")),
            *(f"/alerts/{number}/" for number in _one_in_each(copy, "sourcealert", "state")),
            *(f"/reports/{number}/" for number in _one_in_each(copy, "report", "state")),
            *(f"/sources/captures/{number}/" for number in self.captures.values()),
        ]

    def paths(self) -> list[str]:
        """All pages and downloads that are read from the migrated copy."""
        reports = (f"/reports/{number}/json/" for number, _, _ in self.reports)
        chosen = [*OVERVIEWS, *self.pages, *self.downloads().values(), *reports, *self.proposed(), VERIFIER]
        return list(dict.fromkeys(chosen))

    def downloads(self) -> dict[str, str]:
        """The address of the WACZ of one capture of each kind."""
        return {kind: f"/sources/captures/{number}/download.wacz" for kind, number in self.captures.items()}

    def proposed(self) -> dict[str, list[str]]:
        """The pages of a few proposed claims with their stored reasons; every kind of reason occurs."""
        wanted = set(REASONS)
        chosen = {}
        for number, reasons in self.reasons:
            kinds = {reason.partition(":")[0] for reason in reasons}
            if kinds & wanted:
                chosen[f"/claims/{number}/"] = reasons
                wanted -= kinds
        return chosen


_DISTINCT = "SELECT DISTINCT {1} FROM {0}"
_CAPTURES = {
    "stamped": """SELECT m.capture_id FROM annotations_manifest m
        JOIN annotations_stampleaf l ON l.manifest_id = m.id
        JOIN annotations_stamp s ON s.batch_id = l.batch_id AND s.state = 'held'
        WHERE m.kind = 'passage' LIMIT 1""",
    "redirected": "SELECT id FROM annotations_capture WHERE jsonb_array_length(hops) > 1 LIMIT 1",
    "uploaded": "SELECT id FROM annotations_capture WHERE uploaded_by_id IS NOT NULL LIMIT 1",
    "cut short": "SELECT id FROM annotations_capture WHERE outcome_code = 'truncated_body' LIMIT 1",
    "of a bad certificate": "SELECT id FROM annotations_capture WHERE tls_unverified LIMIT 1",
}


def _one_in_each(copy: OldCopy, table: str, state: str) -> list[int]:
    rows = copy.rows(f"SELECT min(id) FROM annotations_{table} GROUP BY {state} ORDER BY {state}")
    return [row[0] for row in rows]


class Migrated:
    """The copy after it was migrated and used, and what it held before."""

    def __init__(self, copy: OldCopy, before: Before) -> None:
        self.copy, self.before = copy, before
        self.counts, self.contents = copy.counts(), copy.contents()
        self.commands: dict[str, tuple[int, str]] = {}
        self.statuses: dict[str, int] = {}
        self.pages: dict[str, bytes] = {}

    def use(self, folder: Path, commands: list[str], paths: list[str]) -> None:
        """Run commands, then read pages as an editor who signs in with her old password."""
        wish = {
            "commands": [command.split() for command in commands],
            "name": "eva",
            "password": "sample-eva-2019",
            "paths": paths,
        }
        used = self.copy.run("-m", "tests.migrations.use", str(folder), given=json.dumps(wish))
        assert used.returncode == 0, used.stderr
        done = json.loads(used.stdout)
        self.commands = {name: tuple(told) for name, told in zip(commands, done["commands"], strict=True)}
        self.statuses = dict(zip([SIGN_IN, *paths], done["statuses"], strict=True))
        self.pages = {path: (folder / str(number)).read_bytes() for number, path in enumerate(paths)}


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Migrated]:
    with old_copy(VERSION, tmp_path_factory.mktemp("old")) as copy:
        before = Before(copy)
        ran = copy.run("manage.py", "migrate", "--no-input", "--no-color")
        assert ran.returncode == 0, ran.stderr
        migrated = Migrated(copy, before)
        migrated.use(tmp_path_factory.mktemp("pages"), [NOTHING_LEFT, CHECK_EVERYTHING], before.paths())
        yield migrated


def test_the_old_copy_has_rows_in_every_table(migrated: Migrated) -> None:
    counts = migrated.before.counts
    assert {table for table, count in counts.items() if not count} == NEVER_WRITTEN
    assert sum(table.startswith("annotations_") for table in counts) == 39


def test_the_old_copy_has_rows_in_every_state(migrated: Migrated) -> None:
    assert migrated.before.states == {name: set(states.split()) for name, states in STATES.items()}
    phrases = {reason.partition(":")[0] for _, reasons in migrated.before.reasons for reason in reasons}
    assert phrases == REASONS


def test_every_row_is_still_there(migrated: Migrated) -> None:
    before = {
        RENAMED.get(table, table): count
        for table, count in migrated.before.counts.items()
        if table not in GROWN_BY_CODE
    }
    assert {table: migrated.counts.get(table) for table in before} == before


def test_every_column_says_what_it_said(migrated: Migrated) -> None:
    before = {name: digest for name, digest in migrated.before.contents.items() if name not in REWRITTEN}
    assert len(before) > 300
    assert [name for name, digest in before.items() if migrated.contents.get(_new_name(name)) != digest] == []


def _new_name(name: str) -> str:
    table, column = name.split(".")
    return RENAMED.get(name, f"{RENAMED.get(table, table)}.{column}")


def test_no_migration_is_left(migrated: Migrated) -> None:
    assert migrated.commands[NOTHING_LEFT] == (0, "")


@pytest.mark.django_db
def test_the_migrated_copy_is_built_like_a_new_one(migrated: Migrated) -> None:
    for what, query in _BUILT_OF.items():
        with connection.cursor() as cursor:
            cursor.execute(query)
            new = {_plain(row[0]) for row in cursor.fetchall()}
        old = {_plain(row[0]) for row in migrated.copy.rows(query)}
        assert new, what
        assert (what, old - new, new - old) == (what, set(), set())


# Constraints of kind "n" are left out: since PostgreSQL 18 they repeat which columns are NOT NULL.
_BUILT_OF = {
    "columns": """
        SELECT concat_ws(' ', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
            a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid))
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
    """,
    "constraints": """
        SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
    """,
    "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "triggers": """
        SELECT concat_ws(' ', tgenabled, pg_get_triggerdef(t.oid)) FROM pg_trigger t
        JOIN pg_class c ON c.oid = t.tgrelid
        WHERE c.relnamespace = 'public'::regnamespace AND NOT tgisinternal
    """,
    "functions": """
        SELECT concat_ws(' ', p.oid::regprocedure, p.provolatile, p.proconfig::text, p.prosrc) FROM pg_proc p
        LEFT JOIN pg_depend d ON d.objid = p.oid AND d.deptype = 'e'
        WHERE p.pronamespace = 'public'::regnamespace AND d.objid IS NULL
    """,
    "extensions": "SELECT extname FROM pg_extension",
}


def _plain(definition: str) -> str:
    """Drop casts and brackets: PostgreSQL places them differently after it has read its own dump."""
    return re.sub(r"::(?:character varying|text)(?:\[\])?|[()\s]", "", definition)


def test_all_that_was_kept_still_holds(migrated: Migrated) -> None:
    code, told = migrated.commands[CHECK_EVERYTHING]
    assert (code, told.splitlines()[-1].partition(" were checked. ")[2]) == (0, ALL_HOLDS), told


def test_old_captures_are_accepted_by_the_downloaded_verifier(migrated: Migrated, tmp_path: Path) -> None:
    verifier, downloads = migrated.pages[VERIFIER], migrated.before.downloads()
    told = {kind: _verified(verifier, migrated.pages[path], tmp_path) for kind, path in downloads.items()}
    assert {kind: line for kind, line in told.items() if not line.startswith(ALL_HOLDS)} == {}


def test_what_was_downloaded_before_is_accepted_by_the_verifier_of_today(
    migrated: Migrated, tmp_path: Path
) -> None:
    old = (migrated.copy.kept / "downloaded.wacz").read_bytes()
    assert _verified(migrated.pages[VERIFIER], old, tmp_path).startswith(ALL_HOLDS)
    changed = bytearray(old)
    changed[len(old) // 2] ^= 1
    assert _verified(migrated.pages[VERIFIER], bytes(changed), tmp_path).startswith(SOMETHING_DOES_NOT)


def _verified(verifier: bytes, download: bytes, folder: Path) -> str:
    """Run the verifier on a download, as a reader does, and return the last line it prints."""
    (folder / "verify.py").write_bytes(verifier)
    (folder / "capture.wacz").write_bytes(download)
    roots = VERSIONS / f"version-{VERSION}" / "authority.pem"
    ran = subprocess.run(
        [sys.executable, "-I", "verify.py", "capture.wacz", "--roots", str(roots)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode == 0) == (ALL_HOLDS in ran.stdout), ran.stdout + ran.stderr
    return ran.stdout.splitlines()[-1]


def test_a_member_signs_in_and_reads_every_page(migrated: Migrated) -> None:
    refused = {path: status for path, status in migrated.statuses.items() if status != 200}
    # Whoever has signed in is sent on.
    assert refused == {SIGN_IN: 302}


def test_why_a_claim_was_proposed_reads_as_it_did(migrated: Migrated) -> None:
    proposed = migrated.before.proposed()
    assert {reason.partition(":")[0] for reasons in proposed.values() for reason in reasons} == REASONS
    for path, reasons in proposed.items():
        page = html.unescape(migrated.pages[path].decode())
        assert (path, [reason for reason in reasons if reason not in page]) == (path, [])


def test_a_report_frozen_before_says_what_it_said(migrated: Migrated) -> None:
    assert len(migrated.before.reports) == 2
    for number, content_hash, rows in migrated.before.reports:
        download = json.loads(migrated.pages[f"/reports/{number}/json/"])
        assert download["report"]["content_hash"] == content_hash
        assert download["claims"] == rows
