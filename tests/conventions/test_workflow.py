"""One door for writes: what a person does is one function, whole, and no part of another."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from factcheck.embedded.places import PROJECT

WORKFLOW = PROJECT / "annotations/workflow"
PRIVATE = "private to this package"
IN_THE_RUNNING = "in the running transaction"


@dataclass(frozen=True)
class Function:
    """A function at the top of a module of the workflow."""

    module: str
    node: ast.FunctionDef
    is_in_private_module: bool

    @property
    def name(self) -> str:
        return f"{self.module}.{self.node.name}"

    @property
    def is_durable(self) -> bool:
        return "transaction.atomic(durable=True)" in map(ast.unparse, self.node.decorator_list)

    @property
    def is_public(self) -> bool:
        return not (self.node.name.startswith("_") or self.is_in_private_module)

    @property
    def is_shared_step(self) -> bool:
        """Whether it only checks, or says that it writes in the transaction of its caller."""
        says = ast.get_docstring(self.node) or ""
        return self.node.name.startswith("check_") or IN_THE_RUNNING in " ".join(says.split())

    @property
    def is_an_act(self) -> bool:
        """Whether it is something that a person does."""
        arguments = self.node.args.args + self.node.args.kwonlyargs
        return self.is_public and "by" in {argument.arg for argument in arguments} and not self.is_shared_step


def _module(path: Path) -> str:
    return ".".join(path.relative_to(PROJECT).with_suffix("").parts)


@cache
def _private_modules() -> frozenset[str]:
    return frozenset(
        _module(path)
        for path in WORKFLOW.rglob("*.py")
        if path.stem != "__init__" and PRIVATE in (ast.get_docstring(ast.parse(path.read_text())) or "")
    )


@cache
def _functions() -> dict[str, Function]:
    found = [
        Function(_module(path), node, _module(path) in _private_modules())
        for path in WORKFLOW.rglob("*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef)
    ]
    return {function.name: function for function in found}


def _imported(tree: ast.AST) -> dict[str, str]:
    """What each name that a module imports from the application stands for, with its whole path."""
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("annotations")
        for alias in node.names
    }


@cache
def _names_in(module: str) -> dict[str, str]:
    tree = ast.parse((PROJECT / f"{module.replace('.', '/')}.py").read_text())
    own = {node.name: f"{module}.{node.name}" for node in tree.body if isinstance(node, ast.FunctionDef)}
    return _imported(tree) | own


def _called_by(function: Function) -> Iterator[Function]:
    """The functions of the workflow that this one names, as `name` or as `module.name`."""
    names = _names_in(function.module)
    for node in ast.walk(ast.Module(body=function.node.body, type_ignores=[])):
        if isinstance(node, ast.Name):
            path = names.get(node.id, "")
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            path = f"{names.get(node.value.id, '')}.{node.attr}"
        else:
            continue
        if path in _functions():
            yield _functions()[path]


def _acts() -> list[Function]:
    return [function for function in _functions().values() if function.is_an_act]


def test_what_a_person_does_is_one_durable_transaction_or_durable_steps_of_its_own() -> None:
    assert len(_acts()) > 40

    half_done = [
        act.name
        for act in _acts()
        if not act.is_durable and not any(_ends_in_a_step(called) for called in _called_by(act))
    ]

    assert half_done == []


def _ends_in_a_step(function: Function) -> bool:
    """Whether a private function is a durable step, or calls one."""
    return function.node.name.startswith("_") and (
        function.is_durable or any(_ends_in_a_step(called) for called in _called_by(function))
    )


def test_what_a_person_does_is_no_part_of_anything_else() -> None:
    parts = [
        f"{function.name} -> {called.name}"
        for function in _functions().values()
        for called in _called_by(function)
        if called.is_an_act
    ]
    assert parts == []


def test_no_durable_transaction_begins_inside_another() -> None:
    nested = [
        f"{function.name} -> {called.name}"
        for function in _functions().values()
        if function.is_durable
        for called in _called_by(function)
        if called.is_durable
    ]
    assert nested == []


def test_what_is_private_to_the_workflow_is_imported_by_the_workflow_only() -> None:
    assert len(_private_modules()) > 10

    strangers = [
        f"{_module(path)} -> {target}"
        for folder in ("annotations", "factcheck")
        for path in (PROJECT / folder).rglob("*.py")
        if WORKFLOW not in path.parents
        for target in _imported(ast.parse(path.read_text())).values()
        if target in _private_modules() or target.rpartition(".")[0] in _private_modules()
    ]

    assert strangers == []
