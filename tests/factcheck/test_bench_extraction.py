import json
from pathlib import Path

import pytest

from factcheck.bench import extraction
from tests.extraction.test_pages import NEWS


def test_pages_of_both_layouts_are_read_and_compared_with_their_truth(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("html", "cache"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "one.html").write_bytes(NEWS)
    truth = {
        "title": "Brug twee jaar dicht",
        "authors": "Omar Haddad, Sanne de Vries",
        "date": "2026-02-04",
        "articleBody": None,
    }
    (tmp_path / "articles.json").write_text(json.dumps({"one": truth, "missing": truth}))
    passages = {"file": "one.html", "with": ["Het kan niet anders.", "not there"], "without": ["Sport"]}
    (tmp_path / "evaldata.json").write_text(json.dumps({"https://news.example/a": passages}))
    assert extraction.main([str(tmp_path)]) == 0
    ours = capsys.readouterr().out.partition("trafilatura")[0].splitlines()
    assert ours[0] == "workbench, 2 pages"
    assert ours[1:5] == [
        "  title   1.000 of 1; 1.000 of the 1 answered",
        "  author  1.000 of 1; 1.000 of the 1 answered",
        "  date    0.000 of 1; 0.000 of the 1 answered",
        "  text    0.6667 F1; precision 1.0000, recall 0.5000",
    ]


@pytest.mark.parametrize("arguments", [[], ["nowhere"], ["a", "b"]])
def test_a_folder_without_pages_is_said_and_nothing_is_measured(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert extraction.main(arguments) == 2
    assert "articles.json or evaldata.json" in capsys.readouterr().err
