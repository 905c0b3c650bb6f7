"""Join the modules that check into one Python file, for people who do not have this project."""

import ast
import functools
from pathlib import Path

_HERE = Path(__file__).parent.parent
_PACKAGE = "annotations."
# The modules below the package, each after those that it needs.
PARTS = (
    "domain.content_codings",
    "domain.hops",
    "archiving.canonical",
    "archiving.merkle",
    "archiving.layout",
    "archiving.http_bytes",
    "archiving.warc_reading",
    "archiving.zip_bytes",
    "archiving.signing",
    "archiving.timestamps",
    "archiving.stamp_batches",
    "archiving.manifest_shape",
    "archiving.findings",
    "archiving.wire_checks",
    "archiving.indexing",
    "archiving.shelf",
    "archiving.stamp_checks",
    "archiving.kept_checks",
    "archiving.wacz_checks",
    "archiving.verify",
)


@functools.cache
def standalone_script() -> str:
    """The source of `verify.py`: the parts joined, without their imports of each other.

    Raises ValueError if two parts give the same name to different things.
    """
    imports: dict[str, set[str]] = {}
    body = ""
    named: dict[str, str] = {}
    for part in PARTS:
        source = _HERE.joinpath(*part.split(".")).with_suffix(".py").read_text(encoding="utf-8")
        tree = ast.parse(source)
        about = (ast.get_docstring(tree) or "").partition("\n")[0]
        body += f"\n\n# {part.rpartition('.')[2]}: {about}\n"
        after = tree.body[0].end_lineno or 0
        for node in tree.body[1:]:
            text = "\n".join(source.splitlines()[after : node.end_lineno]).strip("\n")
            after = node.end_lineno or 0
            if isinstance(node, ast.Import | ast.ImportFrom):
                _take_import(node, imports)
                continue
            names = _names_of(node)
            if any(named.get(name, ast.unparse(node)) != ast.unparse(node) for name in names):
                raise ValueError(f"{names} means two things, the second in {part}")
            if not named.keys() & names:
                body += f"{text}\n" if isinstance(node, ast.Assign) else f"\n\n{text}\n"
            named |= dict.fromkeys(names, ast.unparse(node))
    return f'"""{ast.get_docstring(tree)}\n"""\n\n{_written(imports)}\n{body}'


def _take_import(node: ast.Import | ast.ImportFrom, imports: dict[str, set[str]]) -> None:
    module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
    if not module.startswith(_PACKAGE):
        imports.setdefault(module, set()).update(ast.unparse(alias) for alias in node.names)


def _written(imports: dict[str, set[str]]) -> str:
    whole = [f"import {name}" for name in sorted(imports.get("", ()))]
    parts = [
        f"from {module} import {', '.join(sorted(names))}"
        for module, names in sorted(imports.items())
        if module
    ]
    return "\n".join(whole + parts)


def _names_of(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return []


if __name__ == "__main__":
    Path("verify.py").write_text(standalone_script(), encoding="utf-8")
