"""How long a text may be, as the column that holds it says."""

from django.db import models


def longest(model: type[models.Model], name: str) -> int:
    """Return the most characters that the column `name` of `model` holds."""
    length = model._meta.get_field(name).max_length  # type: ignore[union-attr]
    assert length is not None
    return int(length)
