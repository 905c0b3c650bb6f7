"""Conversion between code points here and UTF-16 units in browsers, the only place in Python for it.

`annotations/static/annotations/js/offsets.js` does the same in the page. Both pass the same test cases.
"""

_ASTRAL = "\U00010000"


def to_utf16(text: str, offset: int) -> int:
    """Return the UTF-16 offset of a code point offset. Raises ValueError when it is outside the text."""
    if not 0 <= offset <= len(text):
        raise ValueError(f"offset {offset} lies outside a text of {len(text)} code points")
    return offset + sum(character >= _ASTRAL for character in text[:offset])


def from_utf16(text: str, units: int) -> int:
    """Return the code point offset of a UTF-16 offset.

    Raises ValueError when it is outside the text or between the halves of a surrogate pair.
    """
    if units < 0:
        raise ValueError("a UTF-16 offset cannot be negative")
    passed = 0
    # A code point is one or two units, so the answer lies between half the units and all of them.
    for offset in range(len(text) + 1):
        if passed == units:
            return offset
        if passed > units or offset == len(text):
            break
        passed += 2 if text[offset] >= _ASTRAL else 1
    raise ValueError(f"UTF-16 offset {units} is not between two characters of the text")
