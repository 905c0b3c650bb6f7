"""The manual leads somewhere: its links, pictures and commands exist, and every page can be reached."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.core.management import get_commands

ROOT = Path(settings.BASE_DIR)
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
LINK = re.compile(r"\]\(([^)\s]+)\)")
COMMAND = re.compile(r"manage\.py ([a-z_]+)")


def own_links(page: Path) -> Iterator[tuple[str, Path]]:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if not re.match(r"[a-z]+:|#", target):
            yield target, (page.parent / unquote(target.partition("#")[0])).resolve()


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_page_leads_to_a_file_and_a_heading(path: Path) -> None:
    for target, file in own_links(path):
        assert file.exists(), target
        fragment = target.partition("#")[2]
        assert not fragment or fragment in anchors(file), target


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_of_a_page_exists(path: Path) -> None:
    named = set(COMMAND.findall(path.read_text(encoding="utf-8")))
    assert named <= set(get_commands())


def test_the_readme_leads_to_every_page_of_the_manual() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        waiting += [file for _, file in own_links(page) if file.suffix == ".md" and file not in reached]
    assert {page.resolve() for page in PAGES} <= {page.resolve() for page in reached}


def test_every_picture_is_shown_on_some_page() -> None:
    shown = {file for page in PAGES for _, file in own_links(page)}
    assert {picture.resolve() for picture in (DOCS / "images").glob("*")} <= shown


# A key and what it does stand side by side in templates, in the attributes of form fields and in the script.
KEYS = (
    re.compile(r'data-(?:chosen-)?key="([^"{]+)"(?: data-key-focus)? data-key-label="([^"{]+)"'),
    re.compile(r'\bkey="([^"{]+)" key_label="([^"{]+)"'),
    re.compile(r'"data-key": "([^"]+)",\s*"data-key-label": "([^"]+)"'),
    re.compile(r'found\.set\("([^"]+)", "([^"]+)"\)'),
)


def test_the_page_of_keys_has_every_key_of_every_page() -> None:
    sources = [
        *(ROOT / "templates").rglob("*.html"),
        *(ROOT / "annotations" / "web").rglob("*.py"),
        *(ROOT / "annotations" / "static").rglob("*.js"),
    ]
    text = "\n".join(source.read_text(encoding="utf-8") for source in sources)
    pairs = {pair for pattern in KEYS for pair in pattern.findall(text)}
    listed = set(
        re.findall(r"^\| `([^`]+)` \| (.+) \|$", (DOCS / "reference" / "keyboard.md").read_text(), re.M)
    )
    assert len(pairs) > 15
    assert pairs - listed == set()
