"""Makes the description strict, so that a client generated from it sends what its caller sent and no more.

Such a client fills in every `default` that it finds. In a change of one field that would empty the others.
"""

from typing import Any

_REF = "#/components/schemas/"


def make_strict(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Take all defaults away, and close every object that a request holds; for drf-spectacular."""
    schemas = result["components"]["schemas"]
    _without_defaults(result["paths"])
    _without_defaults(schemas)
    open_ones = [
        content["schema"]
        for operations in result["paths"].values()
        for operation in operations.values()
        for content in operation.get("requestBody", {}).get("content", {}).values()
    ]
    closed = set[str]()
    while open_ones:
        for name in _named(open_ones.pop()) - closed:
            closed.add(name)
            described = schemas[name]
            if described.get("type") == "object":
                described["additionalProperties"] = False
            open_ones.append(described)
    return result


def _without_defaults(described: Any) -> None:
    """Remove `default` from every schema; a property of that name stays."""
    if isinstance(described, dict):
        if not isinstance(described.get("default"), dict):
            described.pop("default", None)
        for name, inner in described.items():
            if name not in ("example", "examples"):
                _without_defaults(inner)
    elif isinstance(described, list):
        for inner in described:
            _without_defaults(inner)


def _named(described: Any) -> set[str]:
    """Return the components that a schema refers to, without those behind them."""
    if isinstance(described, list):
        return {name for inner in described for name in _named(inner)}
    if not isinstance(described, dict):
        return set()
    found = {described["$ref"].removeprefix(_REF)} if "$ref" in described else set()
    return found | {name for inner in described.values() for name in _named(inner)}
