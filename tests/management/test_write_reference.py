"""The manual's generated pages are those the code would write today."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from annotations.domain.claims.states import MOVES
from annotations.management.reference import commands_page, error_codes_page, pages, states_page

DOCS = Path(settings.BASE_DIR) / "docs" / "reference"


@pytest.mark.parametrize("name", ["states.md", "permissions.md", "error-codes.md", "commands.md", "api.md"])
def test_the_checked_in_page_is_the_generated_one(name: str) -> None:
    checked_in = (DOCS / name).read_text(encoding="utf-8")
    assert checked_in == pages()[name], "run `manage.py write_reference`"


def test_the_diagram_has_one_arrow_for_every_move_from_every_state() -> None:
    page = states_page()
    for rule in MOVES.values():
        for source in rule.sources:
            assert page.count(f"    {source} --> {rule.target}: {rule.move}\n") == 1


def test_every_argument_of_a_command_has_its_meaning() -> None:
    rows = [line for line in commands_page().splitlines() if line.startswith("| `")]
    assert rows
    assert [row for row in rows if row.split(" | ")[1].strip(" |") == "" or "%(" in row] == []


def test_every_refusal_says_when_it_is_met() -> None:
    rows = [line for line in error_codes_page().splitlines() if line.startswith("| `")]
    assert rows
    assert [row for row in rows if row.split(" | ")[1].strip() == ""] == []


def test_the_command_writes_all_pages_and_names_them(
    tmp_path: Path, settings: object, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.BASE_DIR = tmp_path  # type: ignore[attr-defined]
    call_command("write_reference")
    assert capsys.readouterr().out.split() == [f"docs/reference/{name}" for name in pages()]
    assert {
        path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "docs" / "reference").iterdir()
    } == pages()
