"""`make mutants` makes the mistakes it is meant to make, and a running process takes them up."""

import ast
import sys
from importlib import util
from pathlib import Path
from types import ModuleType

from tests.mutants import python, sql
from tests.mutants.trying import equivalents

GUARD = """
IF (NEW.a, NEW.b) IS DISTINCT FROM (OLD.a, OLD.b) AND NEW.state NOT IN ('open', 'done') THEN
    RAISE EXCEPTION 'a AND b' USING ERRCODE = 'check_violation', CONSTRAINT = 'kept';
END IF;
PERFORM 1 FROM t WHERE t.id = NEW.id AND t.at BETWEEN now() AND later() FOR SHARE;
NEW.hands := hands(NEW.id, NEW.first || NEW.second);
RETURN NEW;
"""
MODULE = '''
def locked(ids, model):
    """Say 1 == 1."""
    found = model.objects.select_for_update(of=("self",)).filter(pk__in=ids, closed=False)
    if len(found) < 2 and not ids:
        raise ValueError("few")
    note(found)
    return sorted(found)
'''


def plain(text: str) -> str:
    return " ".join(text.split())


def changed(text: str) -> list[str]:
    return [plain(change.text) for change in sql.changes(text)]


def lines(text: str) -> set[str]:
    """The lines of the changed texts that the original does not have."""
    return {
        line.strip().removesuffix(" THEN")
        for change in sql.changes(text)
        for line in change.text.splitlines()
        if line not in text.splitlines()
    }


def test_a_condition_is_decided_turned_and_cut_in_parts() -> None:
    row = "(NEW.a, NEW.b) IS DISTINCT FROM (OLD.a, OLD.b)"
    assert {
        "IF (TRUE)",
        "IF (FALSE)",
        "IF TRUE AND NEW.state NOT IN ('open', 'done')",
        f"IF {row} AND TRUE",
        f"IF {row} OR NEW.state NOT IN ('open', 'done')",
        f"IF {row} AND NEW.state IN ('open', 'done')",
        f"IF {row} AND NEW.state NOT IN ('open')",
        f"IF {row} AND NEW.state NOT IN ('done')",
        "IF (NEW.a) IS DISTINCT FROM (OLD.a) AND NEW.state NOT IN ('open', 'done')",
        "IF (NEW.b) IS DISTINCT FROM (OLD.b) AND NEW.state NOT IN ('open', 'done')",
        "IF (NEW.a, NEW.b) <> (OLD.a, OLD.b) AND NEW.state NOT IN ('open', 'done')",
    } <= lines(GUARD)


def test_a_refusal_a_lock_and_a_value_are_left_out() -> None:
    assert {
        "NULL;",
        "PERFORM 1 FROM t WHERE t.id = NEW.id AND t.at BETWEEN now() AND later() ;",
        "PERFORM 1 FROM t WHERE t.id = NEW.id AND t.at NOT BETWEEN now() AND later() FOR SHARE;",
        "PERFORM 1 FROM t WHERE TRUE AND t.at BETWEEN now() AND later() FOR SHARE;",
        "NEW.hands := hands(NEW.id, NEW.first );",
        "NEW.hands := hands(NEW.id,  NEW.second);",
        "RETURN NULL;",
    } <= lines(GUARD)


def test_what_a_refusal_says_stays_and_no_text_comes_twice() -> None:
    texts = changed(GUARD)
    assert all("'a AND b' USING ERRCODE = 'check_violation'" in text or "NULL;" in text for text in texts)
    assert len(set(texts)) == len(texts)
    named = [change.what for change in sql.changes(GUARD)]
    assert len(set(named)) == len(named)


def test_a_function_loses_its_lock_its_filters_its_lines_and_what_it_returns(tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    file.write_text(MODULE)

    texts = {change.text for name, change in python.changes(file) if name == "locked"}

    everything = ast.unparse(ast.parse(MODULE))
    for old, new in (
        (".select_for_update(of=('self',))", ".all()"),
        (".filter(pk__in=ids, closed=False)", ".all()"),
        ("pk__in=ids, ", ""),
        (", closed=False", ""),
        ("closed=False", "closed=True"),
        ("len(found) < 2 and (not ids)", "not (len(found) < 2 and (not ids))"),
        ("len(found) < 2 and (not ids)", "len(found) <= 2 and (not ids)"),
        ("len(found) < 2 and (not ids)", "len(found) < 2 or not ids"),
        ("len(found) < 2 and (not ids)", "len(found) < 3 and (not ids)"),
        ("raise ValueError('few')", "pass"),
        ("note(found)", "pass"),
        ("return sorted(found)", "return None"),
    ):
        assert old in everything
        assert everything.replace(old, new) in texts, (old, new)
    assert not any("1 != 1" in text for text in texts)


def loaded(file: Path) -> ModuleType:
    spec = util.spec_from_file_location("tests_mutants_example", file)
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_a_function_that_others_already_hold_does_what_the_changed_text_says(tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    file.write_text("def above(a):\n    return [n for n in a if (lambda m: m > 1)(n)]\n")
    held = loaded(file).above
    [text] = [change.text for _, change in python.changes(file) if "m >= 1" in change.what]

    assert held([1, 2]) == [2]
    assert python.take_up(file, "above", text, python.live_functions(tmp_path))

    assert held([1, 2]) == [1, 2]
    assert "m > 1" in file.read_text()


def test_every_equivalent_says_why() -> None:
    listed = equivalents()
    assert all(one["reason"].endswith(".") for one in listed)
    places = [(one["where"], one["what"]) for one in listed]
    assert len(set(places)) == len(places)
