"""Code points here, UTF-16 units in browsers: the one place in Python where the two meet.

The twin that runs in the page is `annotations/static/annotations/js/offsets.js`; both are held to the
same cases.
"""

_ASTRAL = "\U00010000"


def to_utf16(text: str, offset: int) -> int:
    """UTF-16 offset of a code point offset. Raises ValueError when it lies outside the text."""
    if not 0 <= offset <= len(text):
        raise ValueError(f"offset {offset} lies outside a text of {len(text)} code points")
    return offset + sum(character >= _ASTRAL for character in text[:offset])


def from_utf16(text: str, units: int) -> int:
    """Code point offset of a UTF-16 offset.

    Raises ValueError when it lies outside the text or between the halves of a surrogate pair.
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
