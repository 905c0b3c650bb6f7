"""`verify` finds whatever was changed: a bit of a file, a value of a row, a file that is gone."""

import json
import random
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from annotations.models import Capture, Evidence, Manifest
from annotations.workflow.captures import storage
from annotations.workflow.evidence.attach import attach_file
from annotations.workflow.proof.manifest_files import sweep
from annotations.workflow.proof.verify import verify
from tests.factories import Team, make_claim, make_team
from tests.without_rules import change_row

PAGE = b"<html><title>The bridge</title><body><p>The bridge cost 41 million euros.</p></body></html>"


@pytest.fixture(autouse=True)
def _own_key(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def evidence(team: Team) -> Evidence:
    return kept(team)


def kept(team: Team) -> Evidence:
    evidence = attach_file(
        claim_id=make_claim(team).pk, filename="a.html", content=PAGE, stance="supports",
        passage="The bridge cost", by=team.editor,
    )  # fmt: skip
    sweep()
    return evidence


def told(*arguments: str) -> tuple[int, str]:
    """The exit code of the command, and what it printed."""
    out = StringIO()
    try:
        call_command("verify", *arguments, stdout=out)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue()
    return 0, out.getvalue()


def files(settings: Any) -> list[Path]:
    found = sorted(path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())
    assert found
    return found


def test_what_nobody_touched_holds(evidence: Evidence) -> None:
    status, words = told()
    assert status == 0, words
    assert "All holds." in words


def test_one_flipped_bit_in_any_kept_file_is_found_and_the_file_is_named(
    evidence: Evidence, settings: Any
) -> None:
    chance = random.Random(3)
    for path in files(settings):
        before = path.read_bytes()
        for place in chance.sample(range(len(before) * 8), 5):
            changed = bytearray(before)
            changed[place // 8] ^= 1 << place % 8
            path.chmod(0o600)
            path.write_bytes(changed)
            name = path.relative_to(settings.MEDIA_ROOT).as_posix()
            assert any(problem.name == name for problem in verify().problems), (name, place)
        path.write_bytes(before)
    assert verify().problems == []


def test_a_file_that_is_gone_or_cut_is_found(evidence: Evidence, settings: Any) -> None:
    for path in files(settings):
        before = path.read_bytes()
        path.unlink()
        assert verify().problems
        path.write_bytes(before[:-1])
        assert verify().problems
        path.write_bytes(before)
    assert verify().problems == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("text", "The bridge cost 42 million euros."),
        ("text_sha256", "0" * 64),
        ("title", "The ferry"),
        ("author", "Somebody else"),
        ("published_on", "2001-01-01"),
        ("final_url", "https://example.org/other"),
        ("outcome_code", "http_404"),
        ("status", 404),
        ("media_type", "text/plain"),
        ("body_sha256", "0" * 64),
        ("body_size", 1),
        ("body_key", "captures/00/other"),
        ("wire_sha256", "0" * 64),
        ("filename", "b.html"),
        ("extractor", "another"),
        ("language", "xx"),
        ("excerpt", "Something else"),
        ("fetched_at", "2001-01-01T00:00:00Z"),
        ("tls_unverified", True),
        ("attempt", 7),
        ("headers", '[["X", "y"]]'),
        ("hops", '[{"url": "https://example.org"}]'),
        ("warnings", '["truncated"]'),
        ("provenance", '{"title": "elsewhere"}'),
    ],
)
def test_a_changed_column_of_a_capture_is_found(evidence: Evidence, column: str, value: Any) -> None:
    change_row(f"UPDATE annotations_capture SET {column} = %s WHERE id = %s", value, evidence.capture_id)
    name = f"capture {evidence.capture_id}"
    assert name in {problem.name for problem in verify().problems}


_DETAILS = (
    "one of: attempt, author, charset, excerpt, headers, hops, job, language, provenance, published_on, "
    "site, title, uploaded_by, warnings"
)


@pytest.mark.parametrize(
    ("assignment", "named"),
    [
        ("status = 404", "status"),
        ("outcome_code = 'http_404', status = 404", "outcome; status"),
        ("final_url = 'https://example.org/other'", "address"),
        ("fetched_at = fetched_at - interval '1 day'", "time"),
        ("tls_unverified = true", "certificate check"),
        ("body_size = 1", "bytes"),
        ("media_type = 'text/plain'", "media type"),
        ("extractor = 'another'", "reader"),
        ("text = text || '.'", "text"),
        ("filename = 'b.html'", "file name"),
        ("wire_sha256 = repeat('0', 64)", "kept exchange"),
        ("author = 'Somebody else'", _DETAILS),
        ("warnings = '[\"truncated\"]'", f"warnings; {_DETAILS}"),
    ],
)
def test_what_differs_between_a_capture_and_its_manifest_is_named(
    evidence: Evidence, assignment: str, named: str
) -> None:
    change_row(f"UPDATE annotations_capture SET {assignment} WHERE id = %s", evidence.capture_id)
    number = Manifest.objects.get(capture=evidence.capture_id, kind="capture").number
    told = [
        problem.sentence for problem in verify().problems if problem.name == f"capture {evidence.capture_id}"
    ]
    assert f"is not what manifest {number} states: {named}" in told


@pytest.mark.parametrize(
    ("table", "assignment"),
    [
        ("annotations_manifest", "signature = repeat('0', 128) WHERE kind = 'capture'"),
        ("annotations_manifest", "public_key = repeat('0', 64) WHERE kind = 'capture'"),
        ("annotations_manifest", "previous_sha256 = repeat('0', 64) WHERE number = 2"),
        ("annotations_manifest", "number = 100 WHERE number = 2"),
        ("annotations_manifest", "made_at = made_at - interval '1 day' WHERE kind = 'capture'"),
        ("annotations_manifest", "capture_id = NULL WHERE number = 2"),
        (
            "annotations_proofchain",
            "number = 1, sha256 = '' WHERE number = (SELECT max(number) FROM annotations_proofchain)",
        ),
        ("annotations_evidence", "passage_end = passage_end + 1"),
        ("annotations_keptfile", "size = size + 1 WHERE key LIKE 'texts/%%'"),
    ],
)
def test_a_changed_row_of_the_proof_is_found(evidence: Evidence, table: str, assignment: str) -> None:
    change_row(f"UPDATE {table} SET {assignment}")
    assert verify().problems


def test_a_manifest_rewritten_with_its_hash_is_found(evidence: Evidence) -> None:
    other = "replace(body, 'a.html', 'b.html')"
    change_row(
        f"UPDATE annotations_manifest SET body = {other}, sha256 = "
        f"encode(sha256(convert_to({other}, 'UTF8')), 'hex') WHERE kind = 'capture'"
    )
    names = {problem.name for problem in verify().problems}
    assert f"manifest 1 of desk {evidence.reference.desk_id}" in names


def test_a_capture_that_nobody_stated_is_found(evidence: Evidence) -> None:
    stored = storage.keep(b"more")
    capture = Capture.objects.create(
        reference=evidence.reference, outcome_code="ok", body_sha256=stored.sha256, body_key=stored.key,
        body_size=4,
    )  # fmt: skip
    [problem] = verify().problems
    assert str(problem) == f"capture {capture.pk}: nobody signed it"


def test_the_command_ends_with_1_and_names_what_does_not_hold(evidence: Evidence, settings: Any) -> None:
    path = Path(settings.MEDIA_ROOT) / f"texts/{evidence.capture.text_sha256[:2]}"  # type: ignore[union-attr]
    [text] = path.iterdir()
    text.unlink()
    status, words = told()
    assert status == 1
    assert text.name in words
    status, words = told("--json")
    found = json.loads(words)
    assert (status, found["holds"]) == (1, False)
    assert text.relative_to(settings.MEDIA_ROOT).as_posix() in {row["name"] for row in found["problems"]}


def test_one_desk_can_be_checked_without_the_others(evidence: Evidence, settings: Any) -> None:
    other = make_team()
    kept(other)
    assert told("--desk", other.desk.slug)[0] == 0
    change_row("UPDATE annotations_capture SET title = 'x' WHERE id = %s", evidence.capture_id)
    assert told("--desk", other.desk.slug)[0] == 0
    assert told("--desk", evidence.reference.desk.slug)[0] == 1


def test_a_day_from_which_to_check_leaves_out_what_was_before(evidence: Evidence) -> None:
    assert told("--since", "2001-01-01")[0] == 0
    change_row("UPDATE annotations_capture SET title = 'x' WHERE id = %s", evidence.capture_id)
    assert told("--since", "2001-01-01")[0] == 1
    assert told("--since", "2999-01-01")[0] == 0


def test_an_unknown_desk_or_day_is_told(team: Team) -> None:
    with pytest.raises(CommandError, match="no desk"):
        told("--desk", "none")
    with pytest.raises(CommandError, match="is no day"):
        told("--since", "yesterday")


def test_checking_changes_nothing(evidence: Evidence, settings: Any) -> None:
    before = [(path, path.read_bytes()) for path in files(settings)], Manifest.objects.count()
    verify()
    assert ([(path, path.read_bytes()) for path in files(settings)], Manifest.objects.count()) == before
