"""Small changes to Python functions, and how a running process takes them up."""

import ast
import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FunctionType

from tests.mutants.sql import Change

_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
# Calls without which a chain still runs: those that order or lock, and those that narrow.
_IN_A_CHAIN = {"select_for_update", "order_by", "distinct"}
_NARROWING = {"filter", "exclude"}
# Calls of which each keyword is left out in turn, where there are several.
_WITH_KEYWORDS = {"filter", "exclude", "get", "update", "create"}
Undo = Callable[[], None]


class Function:
    """One function of a module: its name in the module, and its tree."""

    def __init__(self, name: str, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.name = name
        self.node = node


def functions_of(tree: ast.Module) -> Iterator[Function]:
    """Yield the functions of a module that stand in no other function, as `name` or `Class.name`."""

    def within(body: list[ast.stmt], before: str) -> Iterator[Function]:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield Function(before + node.name, node)
            elif isinstance(node, ast.ClassDef):
                yield from within(node.body, f"{before}{node.name}.")

    yield from within(tree.body, "")


def changes(path: Path) -> Iterator[tuple[str, Change]]:
    """Yield the function and every change of it, each as the text of the whole module.

    Docstrings, annotations, default values, decorators and texts stay as they are, and so does what runs
    while a module is imported.
    """
    source = path.read_text()
    tree = ast.parse(source)
    for function in functions_of(tree):
        if function.name.endswith("__str__"):
            continue
        named: dict[str, int] = {}
        for node, old, apply in _of_function(function.node):
            before = ast.unparse(node)
            undo = apply()
            after = _seen(node, old)
            what = f"{_short(old or before)} -> {_short(after)}"
            text = ast.unparse(ast.fix_missing_locations(tree))
            undo()
            named[what] = named.get(what, 0) + 1
            yield function.name, Change(what if named[what] == 1 else f"{what} #{named[what]}", text)


def _seen(node: ast.AST, old: str) -> str:
    return "nothing" if old.startswith("without ") else ast.unparse(node)


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= 110 else f"{plain[:70]} … {plain[-35:]}"


def _of_function(
    function: ast.FunctionDef | ast.AsyncFunctionDef,
) -> Iterator[tuple[ast.AST, str, Callable[[], Undo]]]:
    for statement in function.body:
        yield from _of_statement(function.body, statement)


def _of_statement(
    body: list[ast.stmt], statement: ast.stmt
) -> Iterator[tuple[ast.AST, str, Callable[[], Undo]]]:
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return
    removed = isinstance(
        statement, ast.Expr | ast.Raise | ast.AugAssign | ast.Continue | ast.Break | ast.Delete
    ) or (
        isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Attribute | ast.Subscript)
    )
    if removed and not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Yield)):
        yield statement, f"without {ast.unparse(statement)}", _replacing(body, statement, ast.Pass())
    if isinstance(statement, ast.Return) and statement.value and not _is_none(statement.value):
        yield statement, "", _setting(statement, "value", ast.Constant(None))
    if isinstance(statement, ast.If | ast.While):
        yield (
            statement.test,
            f"if {ast.unparse(statement.test)}",
            _setting(statement, "test", ast.UnaryOp(ast.Not(), statement.test)),
        )
    for name, value in ast.iter_fields(statement):
        if name in ("annotation", "decorator_list", "returns", "args") or isinstance(statement, ast.Raise):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.stmt):
                yield from _of_statement(value, child)
            elif isinstance(child, ast.ExceptHandler | ast.match_case):
                for inner in child.body:
                    yield from _of_statement(child.body, inner)
            elif isinstance(child, ast.AST):
                yield from _of_expression(child, statement, name)


def _of_expression(
    node: ast.AST, parent: ast.AST, field: str
) -> Iterator[tuple[ast.AST, str, Callable[[], Undo]]]:
    if isinstance(node, ast.Compare):
        for number, operator in enumerate(node.ops):
            other = _COMPARED[type(operator)]()
            yield node, ast.unparse(node), _replacing(node.ops, operator, other, number)
    elif isinstance(node, ast.BoolOp):
        other_join: ast.boolop = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield node, ast.unparse(node), _setting(node, "op", other_join)
        if len(node.values) > 1:
            for value in node.values:
                yield node, ast.unparse(node), _dropping(node.values, value)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        # `not (not x)` is the truth of `x`, and a boolean as before.
        yield node, ast.unparse(node), _setting(node, "operand", ast.UnaryOp(ast.Not(), node.operand))
    elif isinstance(node, ast.IfExp):
        yield node, ast.unparse(node), _setting(node, "test", ast.UnaryOp(ast.Not(), node.test))
    elif isinstance(node, ast.Constant) and type(node.value) in (bool, int):
        new = not node.value if isinstance(node.value, bool) else int(str(node.value)) + 1
        yield parent, ast.unparse(parent), _setting(node, "value", new)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        if any(
            isinstance(side, ast.Constant) and type(side.value) is int for side in (node.left, node.right)
        ):
            turned = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
            yield node, ast.unparse(node), _setting(node, "op", turned)
    elif isinstance(node, ast.Call):
        yield from _of_call(node)
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not isinstance(child, ast.expr_context | ast.operator):
                yield from _of_expression(child, node if isinstance(node, ast.expr) else parent, name)


def _of_call(node: ast.Call) -> Iterator[tuple[ast.AST, str, Callable[[], Undo]]]:
    called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    if called in _IN_A_CHAIN | _NARROWING and isinstance(node.func, ast.Attribute):
        said = f".{called}({', '.join(ast.unparse(given) for given in [*node.args, *node.keywords])})"
        yield node, f"without {said}", _without_call(node)
    if called in _WITH_KEYWORDS and len(node.keywords) > 1:
        for keyword in node.keywords:
            yield node, ast.unparse(node), _dropping(node.keywords, keyword)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _setting(node: ast.AST, field: str, new: object) -> Callable[[], Undo]:
    def apply() -> Undo:
        old = getattr(node, field)
        setattr(node, field, new)
        return lambda: setattr(node, field, old)

    return apply


def _replacing(items: list, old: ast.AST, new: ast.AST, at: int | None = None) -> Callable[[], Undo]:  # type: ignore[type-arg]
    def apply() -> Undo:
        place = items.index(old) if at is None else at
        items[place] = new

        def undo() -> None:
            items[place] = old

        return undo

    return apply


def _dropping(items: list, item: ast.AST) -> Callable[[], Undo]:  # type: ignore[type-arg]
    def apply() -> Undo:
        place = items.index(item)
        items.remove(item)
        return lambda: items.insert(place, item)

    return apply


def _without_call(node: ast.Call) -> Callable[[], Undo]:
    """Leave a call out of a chain: `.all()` stands in its place, which changes nothing."""

    def apply() -> Undo:
        assert isinstance(node.func, ast.Attribute)
        old = node.func.attr, node.args, node.keywords
        node.func.attr, node.args, node.keywords = "all", [], []

        def undo() -> None:
            assert isinstance(node.func, ast.Attribute)
            node.func.attr, node.args, node.keywords = old

        return undo

    return apply


Live = dict[tuple[str, str], list[FunctionType]]


def live_functions(folder: Path) -> Live:
    """Return the functions of the running process whose source lies in `folder`, by file and name."""
    found: Live = {}
    for thing in gc.get_objects():
        # `isinstance` would ask objects that stand for others, some of which are gone.
        if type(thing) is FunctionType and thing.__code__.co_filename.startswith(str(folder)):
            found.setdefault((thing.__code__.co_filename, thing.__code__.co_qualname), []).append(thing)
    return found


def take_up(path: Path, name: str, text: str, live: Live) -> bool:
    """Let the running functions of `path` called `name` do what the changed text says; False if they cannot.

    Functions inside others are made anew whenever these run, and those that were made before change too.
    """
    taken = False
    for code in _codes(compile(text, str(path), "exec", dont_inherit=True)):
        if code.co_qualname != name and not code.co_qualname.startswith(f"{name}.<locals>"):
            continue
        for function in live.get((str(path), code.co_qualname), []):
            try:
                function.__code__ = code
                taken = True
            except ValueError:
                # A removed line was the only one that used a variable of the function around.
                return False
    return taken


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)
