"""The rules of the house for templates: lines that fit a window, and partials that name what they take."""

import re
from pathlib import Path

from factcheck.embedded.places import PROJECT

TEMPLATES = PROJECT / "templates"
LONGEST_LINE = 120
# Of the lines named below.
LONGEST_LINE_OF_ALL = 160
# What cannot be broken without changing what a page says or shows.
LONGER_LINES = {
    # An accessible name: a line break would be part of it.
    "evidence/_source_text.html": "data-selecting=",
}
HEAD = re.compile(r"\{#.+?#\}|\{% comment %\}.+?\{% endcomment %\}", re.DOTALL)


def _templates() -> dict[str, str]:
    return {
        path.relative_to(TEMPLATES).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(TEMPLATES.rglob("*.html"))
    }


def test_the_lines_of_templates_fit_a_window() -> None:
    long = {
        f"{name}:{number}": line.strip()
        for name, text in _templates().items()
        for number, line in enumerate(text.splitlines(), start=1)
        if len(line) > LONGEST_LINE
    }
    allowed = {
        place: line
        for place, line in long.items()
        if line.startswith(LONGER_LINES.get(place.partition(":")[0], "\n"))
        and len(line) <= LONGEST_LINE_OF_ALL
    }
    assert long.keys() - allowed.keys() == set()
    assert {place.partition(":")[0] for place in allowed} == set(LONGER_LINES)


def test_every_partial_begins_with_what_it_takes() -> None:
    partials = {
        name: text
        for name, text in _templates().items()
        if Path(name).name.startswith("_") or name.startswith("components/")
    }
    assert len(partials) > 50
    assert [name for name, text in partials.items() if not HEAD.match(text)] == []


def test_templates_name_their_addresses() -> None:
    # The example on the page of the API is shown, not followed.
    written_out = re.compile(r"(?:href|action|src|hx-(?:get|post))=[\"']/|\burl=[\"']/")
    assert [name for name, text in _templates().items() if written_out.search(text)] == []
