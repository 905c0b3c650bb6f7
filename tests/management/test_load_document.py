"""`load_document` prints what it made, or why it made nothing."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from annotations.management.many import processes_for
from annotations.models import Activity, Claim, Desk, Document, Membership, User
from tests.conftest import database_url_of_the_tests

pytestmark = pytest.mark.django_db

TEXT = (
    "Onrust in Caracas\n\nVolgens het ziekenhuis zijn minstens vijftig gewonden binnengebracht. Het was druk."
)


@pytest.fixture
def manager() -> User:
    desk = Desk.objects.create(name="Foreign", slug="foreign")
    user = User.objects.create(username="max")
    Membership.objects.create(desk=desk, user=user, role="manager")
    return user


@pytest.fixture
def article(tmp_path: Path) -> Path:
    path = tmp_path / "bericht.txt"
    path.write_text(TEXT, "utf-8")
    return path


def loaded(*arguments: str) -> dict[str, object]:
    out = StringIO()
    call_command("load_document", *arguments, stdout=out)
    found = json.loads(out.getvalue())
    assert isinstance(found, dict)
    return found


def test_it_prints_the_document_and_its_proposed_claims(manager: User, article: Path) -> None:
    printed = loaded(str(article), "--outlet", "Krant", "--published", "2019-05-01")
    document = Document.objects.get()
    claim = Claim.objects.get()
    assert printed["document"] == document.pk
    assert printed["claims"] == [
        {
            "id": claim.pk,
            "statement": claim.statement,
            "start": 19,
            "end": 19 + len(claim.statement),
            "exact": claim.statement,
            "score": claim.score,
            "reasons": [
                "a figure: vijftig",
                "an utterance with a speaker: volgens",
                "a reported act: gewonden",
                "a comparison: minstens",
            ],
        }
    ]
    assert (document.outlet, str(document.published_on), document.language) == ("Krant", "2019-05-01", "nl")
    assert Activity.objects.get(verb="loaded").actor == manager


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["/no/such/file.txt"], "cannot be read"),
        (["--desk", "nope"], "no desk “nope”. Desks: foreign"),
        (["--by", "nobody"], "nobody with the username “nobody”"),
        (["--language", "Dutch!"], "language code such as nl"),
        (["--published", "yesterday"], "write it as 2019-04-30"),
    ],
)
def test_a_refusal_says_what_to_do_and_stores_nothing(
    manager: User, article: Path, arguments: list[str], sentence: str
) -> None:
    path = [] if arguments[0].startswith("/") else [str(article)]
    with pytest.raises(CommandError, match=sentence):
        loaded(*path, *arguments)
    assert Document.objects.count() == 0


def test_an_empty_file_is_refused(manager: User, tmp_path: Path) -> None:
    empty = tmp_path / "leeg.txt"
    empty.write_bytes(b"")
    with pytest.raises(CommandError, match="empty"):
        loaded(str(empty))
    assert Document.objects.count() == 0


def test_with_several_desks_one_has_to_be_named(manager: User, article: Path) -> None:
    Desk.objects.create(name="Home", slug="home")
    with pytest.raises(CommandError, match="--desk: foreign, home"):
        loaded(str(article))
    assert loaded(str(article), "--desk", "foreign")["document"] == Document.objects.get().pk


def test_a_desk_without_a_manager_needs_a_name(article: Path) -> None:
    Desk.objects.create(name="Empty", slug="empty")
    with pytest.raises(CommandError, match="no manager"):
        loaded(str(article))


def several(*arguments: str) -> tuple[list[dict[str, object]], str]:
    """Load several files; return the lines printed and what the command complained of."""
    out, complaint = StringIO(), ""
    try:
        call_command("load_document", *arguments, stdout=out)
    except CommandError as error:
        complaint = str(error)
    return [json.loads(line) for line in out.getvalue().splitlines()], complaint


def several_by_a_process(*arguments: str) -> tuple[list[dict[str, object]], str]:
    """As `several`, by the command as people start it: this process has threads, and may not fork."""
    ended = subprocess.run(
        [sys.executable, "manage.py", "load_document", *arguments],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": database_url_of_the_tests()},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    complaint = ended.stderr.strip().splitlines()[-1] if ended.returncode else ""
    return [json.loads(line) for line in ended.stdout.splitlines()], complaint


# Other processes see only what is committed.
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("processes", ["1", "2"])
def test_several_files_give_a_line_each_in_their_order(manager: User, tmp_path: Path, processes: str) -> None:
    titles = [f"Bericht {name}" for name in "abcde"]
    paths = [tmp_path / f"{title}.txt" for title in titles]
    for path in paths:
        path.write_text(f"{path.stem}\n\n{TEXT}", "utf-8")
    printed, complaint = several_by_a_process(*map(str, paths), "--processes", processes, "--outlet", "Krant")
    assert complaint == ""
    assert [(line["path"], line["title"], line["proposed"]) for line in printed] == [
        (str(path), path.stem, 1) for path in paths
    ]
    stored = Document.objects.in_bulk(line["document"] for line in printed)
    assert [stored[line["document"]].outlet for line in printed] == ["Krant"] * 5  # type: ignore[index]
    assert Claim.objects.count() == 5
    assert {line.actor for line in Activity.objects.filter(verb="loaded")} == {manager}


@pytest.mark.django_db(transaction=True)
def test_a_file_that_is_refused_does_not_stop_the_others(
    manager: User, article: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "leeg.txt"
    empty.write_bytes(b"")
    gone = tmp_path / "weg.txt"
    printed, complaint = several_by_a_process(str(empty), str(gone), str(article), "--processes", "2")
    assert complaint.endswith("2 of 3 files were refused.")
    assert "empty" in str(printed[0]["refused"])
    assert f"{gone} cannot be read" in str(printed[1]["refused"])
    assert printed[2]["document"] == Document.objects.get().pk


@pytest.mark.parametrize("option", ["--title", "--url"])
def test_what_is_of_one_article_is_not_given_to_several(manager: User, article: Path, option: str) -> None:
    printed, complaint = several(str(article), str(article), option, "https://example.org/")
    assert (printed, complaint) == ([], f"{option} is for one article. Load its file alone.")
    assert Document.objects.count() == 0


def test_as_many_processes_as_files_and_processors_and_never_more_than_four() -> None:
    assert processes_for(1) == 1
    assert 1 <= processes_for(100) <= 4
