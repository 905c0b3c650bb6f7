"""Canonical JSON: equal values have equal bytes, and so equal hashes."""

import json
import re
from typing import Any

_SAFE_INTEGER = 2**53 - 1  # every JSON reader keeps integers up to this exactly
_DIGITS = re.compile(r"[0-9a-f]{64}")


class NotCanonical(ValueError):
    """The bytes are not the canonical form of their value, or the value has no canonical form."""


def canonical(value: Any) -> bytes:
    """`value` as UTF-8 JSON by the rules of RFC 8785, without fractions.

    Accepts objects with text keys, lists, text, whole numbers between -(2**53 - 1) and 2**53 - 1, true,
    false and null. Fractions are refused because programs disagree on how to write them. Text is not
    normalised: composed and decomposed letters stay as they are. Raises `NotCanonical` for anything else.
    """
    try:
        return json.dumps(_ordered(value), ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    except UnicodeEncodeError:
        raise NotCanonical("text with half a surrogate pair") from None
    except RecursionError:
        raise NotCanonical("nested too deep") from None


def read_canonical(data: bytes) -> Any:
    """The value of `data`. Raises `NotCanonical` unless `canonical` would write exactly these bytes."""
    try:
        value = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise NotCanonical(f"not JSON: {error}") from None
    if canonical(value) != data:
        raise NotCanonical("written in another way than the canonical one")
    return value


def is_sha256(value: Any) -> bool:
    """Whether `value` is a SHA-256 as it is always written here: 64 lower-case hexadecimal digits."""
    return isinstance(value, str) and _DIGITS.fullmatch(value) is not None


def _ordered(value: Any) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        if abs(value) > _SAFE_INTEGER:
            raise NotCanonical(f"{value} is too large for every JSON reader to keep")
        return value
    if isinstance(value, list | tuple):
        return [_ordered(item) for item in value]
    if isinstance(value, dict):
        if not all(isinstance(name, str) for name in value):
            raise NotCanonical("a name that is not text")
        # RFC 8785 sorts by UTF-16 units. Beyond U+FFFF that differs from the order of code points.
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return {name: _ordered(value[name]) for name in names}
    raise NotCanonical(f"a value of type {type(value).__name__}")
