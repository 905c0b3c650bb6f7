"""Numbers that people and programs send as text."""

from collections.abc import Iterable

# One digit fewer than the largest id that the database holds.
_MOST_DIGITS = 18


def number_in(text: str | None) -> int | None:
    """Return the id or count that `text` represents; None for anything else.

    Only plain digits count, and only as many as the database can hold.
    """
    if text and text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS:
        return int(text)
    return None


def numbers_in(texts: Iterable[str]) -> list[int]:
    """Return the ids among `texts`, in order. Anything else is ignored."""
    return [number for number in map(number_in, texts) if number is not None]
