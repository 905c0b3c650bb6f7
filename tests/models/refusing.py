"""Expect the database itself to refuse, by the name of the rule that refuses."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from psycopg.errors import Diagnostic


@contextmanager
def refused_by(name: str) -> Iterator[None]:
    """Expect the named constraint to refuse, and leave the transaction usable."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        yield
    assert _diagnostic(refusal.value).constraint_name == name


@contextmanager
def refused_by_trigger(name: str) -> Iterator[None]:
    """Expect the named trigger to refuse, which raises no constraint, and leave the transaction usable."""
    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        yield
    raised_in = _diagnostic(refusal.value).context or ""
    assert re.search(rf"\bpgtrigger_{name}_[0-9a-f]{{5}}\(\)", raised_in), refusal.value


def _diagnostic(error: DatabaseError) -> Diagnostic:
    cause = error.__cause__
    assert cause is not None
    return cause.diag  # type: ignore[attr-defined,no-any-return]
