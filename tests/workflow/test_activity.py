"""What people and the workbench do is told in the log by the verbs there are."""

import ast

from annotations.domain.activity import RETIRED, Verb
from factcheck.embedded.places import PROJECT


def _written() -> set[Verb]:
    return {
        Verb[node.attr]
        for path in (PROJECT / "annotations/workflow").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Verb"
    }


def test_each_verb_is_written_by_some_act_but_for_those_of_earlier_versions() -> None:
    assert set(Verb) - _written() == RETIRED
