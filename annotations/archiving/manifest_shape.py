"""The form of a manifest. It is checked before anything in the manifest is relied on."""

import re
from dataclasses import fields
from datetime import datetime
from typing import Any

from annotations.archiving.canonical import is_sha256
from annotations.domain.hops import Hop

_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_BEGINNING = {
    "format": str,
    "version": int,
    "kind": str,
    "chain": {"desk": str, "number": int, "previous": str},
    "made_at": str,
    "software": dict,
}
# The headers are in the WARC file only.
_WRITTEN: dict[Any, Any] = {str: str, int: int, tuple[str, ...]: [str], datetime | None: (str, None)}
HOP = {field.name: _WRITTEN[field.type] for field in fields(Hop) if field.name != "headers"}
_CAPTURE = _BEGINNING | {
    "capture": {
        "id": str,
        "reference": str,
        "asked": str,
        "final": str,
        "fetched_at": str,
        "outcome": str,
        "status": (int, None),
        "tls_unverified": bool,
        "warnings": [str],
        "filename": str,
        "details": str,
        "hops": [dict],
    },
    "wire": ({"sha256": is_sha256, "size": int}, None),
    "payload": {"sha256": is_sha256, "size": int, "media_type": str},
    "text": ({"sha256": is_sha256, "size": int, "reader": str}, None),
}
_PASSAGE = _BEGINNING | {
    "passages": [
        {
            "evidence": str,
            "claim": str,
            "capture": str,
            "capture_manifest": is_sha256,
            "stance": str,
            "exact": str,
            "prefix": str,
            "suffix": str,
            "start": int,
            "end": int,
            "text_sha256": is_sha256,
        }
    ]
}
_ENTRIES = _BEGINNING | {
    "seals": [
        {
            "id": str,
            "sha256": is_sha256,
            "entries": [{"kind": str, "id": str, "sha256": is_sha256}],
        }
    ]
}
_SHAPES = {"capture": _CAPTURE, "passage": _PASSAGE, "entries": _ENTRIES}


def is_manifest(value: dict[str, Any]) -> bool:
    """Whether `value` is a manifest of this format: it has all parts, of the right types, and no others."""
    if value.get("format") != "factcheck-manifest" or value.get("version") != 1:
        return False
    kind = value.get("kind")
    if not isinstance(kind, str) or kind not in _SHAPES:
        return False
    if not (_fits(value, _SHAPES[kind]) and _begins(value)):
        return False
    return kind != "capture" or all(_is_hop(hop) for hop in value["capture"]["hops"])


def _begins(value: dict[str, Any]) -> bool:
    previous, number = value["chain"]["previous"], value["chain"]["number"]
    linked = previous == "" if number == 1 else is_sha256(previous)
    software = all(isinstance(version, str) for version in value["software"].values())
    return number > 0 and linked and software and _MOMENT.fullmatch(value["made_at"]) is not None


def _is_hop(hop: dict[str, Any]) -> bool:
    # An older manifest may have fewer facts of a hop, but never more.
    return "url" in hop and all(name in HOP and _fits(item, HOP[name]) for name, item in hop.items())


def _fits(value: Any, shape: Any) -> bool:
    if isinstance(shape, tuple):
        return any(_fits(value, choice) for choice in shape)
    if shape is None:
        return value is None
    if isinstance(shape, type):
        return type(value) is shape
    if isinstance(shape, list):
        return isinstance(value, list) and all(_fits(item, shape[0]) for item in value)
    if isinstance(shape, dict):
        return (
            isinstance(value, dict)
            and set(value) == set(shape)
            and all(_fits(value[name], inner) for name, inner in shape.items())
        )
    return bool(shape(value))
