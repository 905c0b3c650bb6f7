"""Expect the database itself to refuse, by the name of the rule that refuses."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, transaction
from psycopg.errors import Diagnostic


@contextmanager
def refused_by(name: str) -> Iterator[None]:
    """Expect the named constraint to refuse, and leave the transaction usable."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        yield
    assert _diagnostic(refusal.value).constraint_name == name


@contextmanager
def denied() -> Iterator[None]:
    """Expect that the application has no right to do it, and leave the transaction usable."""
    with pytest.raises(ProgrammingError) as refusal, transaction.atomic():
        yield
    assert _diagnostic(refusal.value).sqlstate == "42501", refusal.value


def _diagnostic(error: DatabaseError) -> Diagnostic:
    cause = error.__cause__
    assert cause is not None
    return cause.diag  # type: ignore[attr-defined,no-any-return]
