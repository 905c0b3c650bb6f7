"""What can be there once, where two want it at the same moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from annotations.domain.errors import Refused


@contextmanager
def refused_where_taken(constraint: str, refusal: Refused) -> Iterator[None]:
    """Raise `refusal` where the block meets this unique constraint, because somebody else came first.

    The transaction goes on as if the block had not begun. Other errors pass.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as wrong:
        if getattr(getattr(wrong.__cause__, "diag", None), "constraint_name", None) != constraint:
            raise
        raise refusal from wrong
