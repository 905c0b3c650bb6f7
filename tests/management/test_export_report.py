import hashlib
import json
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from annotations.models import Report
from tests.workflow.reports.verified import Newsroom

pytestmark = pytest.mark.django_db


@pytest.fixture
def room():
    return Newsroom()


def export(tmp_path, *args, form="json"):
    target = tmp_path / "report"
    call_command("export_report", "--format", form, "--output", str(target), *args)
    return target.read_bytes()


def test_it_freezes_and_writes_every_format(room, tmp_path):
    room.verified()
    assert export(tmp_path, form="html").startswith(b"<!doctype html>")
    assert export(tmp_path, form="csv").startswith(b"\xef\xbb\xbf")
    assert json.loads(export(tmp_path, form="claimreview"))[0]["@type"] == "ClaimReview"
    assert json.loads(export(tmp_path))["report"]["number"] == 4
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_a_report_that_is_there_is_written_the_same_each_time(room, tmp_path, capsys):
    claim = room.verified()
    first = export(tmp_path, "--title", "April")
    room.reopen(claim)
    assert export(tmp_path, "--report", "1") == first
    report = Report.objects.get()
    assert f"Report 1 of The foreign desk: 1 claim, SHA-256 {report.content_hash}" in capsys.readouterr().err


def test_a_document_names_its_desk(room, tmp_path):
    other = Newsroom("local")
    room.verified("Ours.")
    other.verified("Theirs.")
    file = json.loads(export(tmp_path, "--document", str(other.document.pk)))
    assert [claim["statement"] for claim in file["claims"]] == ["Theirs."]
    assert file["report"]["desk"] == "The local desk"


def test_the_desk_has_to_be_said_where_there_are_several(room, tmp_path):
    Newsroom("local")
    room.verified()
    with pytest.raises(CommandError, match="--desk: foreign, local"):
        export(tmp_path)
    assert len(json.loads(export(tmp_path, "--desk", "foreign"))["claims"]) == 1


def test_the_first_manager_freezes_unless_someone_is_named(room, tmp_path):
    room.verified()
    export(tmp_path)
    export(tmp_path, "--by", room.editor.username)
    assert [r.created_by for r in Report.objects.order_by("number")] == [room.manager, room.editor]


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        ((), "No verified claim meets"),
        (("--desk", "nope"), "There is no desk “nope”"),
        (("--document", "999999"), "There is no such document"),
        (("--report", "7"), "There is no report 7"),
        (("--by", "nobody"), "There is nobody"),
        (("--by", "vera-foreign"), "takes the role"),
        (("--rating", "nope"), "Choose ratings of this desk"),
        (("--from", "2019-05-02", "--to", "2019-05-01"), "comes after the last day"),
        (("--from", "yesterday"), "write it as 2019-04-30"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(room, tmp_path, args, sentence):
    with pytest.raises(CommandError, match=sentence):
        export(tmp_path, *args)
    assert list(tmp_path.iterdir()) == []
    assert not Report.objects.exists()


def test_an_output_that_cannot_be_written_is_a_sentence(room, tmp_path):
    room.verified()
    with pytest.raises(CommandError, match="could not be written: No such file"):
        call_command("export_report", "--format", "csv", "--output", str(tmp_path / "no" / "file"))


def test_rows_changed_behind_the_workbench_are_noticed(room, tmp_path, monkeypatch):
    room.verified()
    export(tmp_path)
    monkeypatch.setattr("annotations.management.commands.export_report.content_hash", lambda rows: "0" * 64)
    with pytest.raises(CommandError, match="do not match its content hash"):
        export(tmp_path, "--report", "1")


def test_standard_output_carries_the_report_alone(room, capfdbinary):
    room.verified()
    call_command("export_report", "--format", "json", "--output", "-")
    file = json.loads(capfdbinary.readouterr().out)
    line = json.dumps(file["claims"][0], ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"
    assert hashlib.sha256(line.encode()).hexdigest() == file["report"]["content_hash"]


def test_markup_that_search_tools_would_cut_is_named(room, tmp_path, capsys):
    room.verified("A long claim. " * 8)
    export(tmp_path, form="claimreview")
    assert "advice in 1 of the claims: The claim is longer than 75 characters" in capsys.readouterr().err


def test_help_says_what_it_does():
    done = subprocess.run(
        [sys.executable, "manage.py", "export_report", "--help"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert "the same bytes each time" in " ".join(done.stdout.split())
