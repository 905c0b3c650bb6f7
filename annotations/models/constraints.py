"""Builders for the constraints and triggers that many models share."""

from collections.abc import Iterable
from enum import StrEnum

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.lookups import Exact

from annotations.models.guards import Protect


def one_of(name: str, field: str, choices: type[StrEnum]) -> models.CheckConstraint:
    """Return a constraint that holds `field` to the values of an enum; Django's `choices` do not."""
    return models.CheckConstraint(
        name=name, condition=Q(**{f"{field}__in": [choice.value for choice in choices]})
    )


def keys_of(name: str, field: str, keys: type[StrEnum]) -> models.CheckConstraint:
    """Return a constraint that holds `field` to JSON objects whose keys are values of an enum."""
    known = Value([key.value for key in keys], ArrayField(models.TextField()))
    # A migration writes these arguments in the order of the alphabet, and Django compares them in order.
    beyond = Func(
        F(field), known, arg_joiner=" - ", output_field=models.JSONField(), template="%(expressions)s"
    )
    return models.CheckConstraint(name=name, condition=Exact(beyond, Value({}, models.JSONField())))


def sha256_of(field: str) -> Func:
    """Return the SHA-256 of the UTF-8 bytes of a text column, in lower-case hexadecimal."""
    return Func(
        Func(Func(F(field), Value("UTF8"), function="convert_to"), function="sha256"),
        Value("hex"),
        function="encode",
        output_field=models.CharField(),
    )


def choices_of(enum: type[StrEnum]) -> list[tuple[str, str]]:
    """Return Django choices from an enum, labelled by its `label` where it has one."""
    return [(member.value, getattr(member, "label", member.value)) for member in enum]


def append_only(name: str) -> Protect:
    """Return a trigger that refuses to change or delete a row once it is written."""
    return Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete)


def sql_values(values: Iterable[StrEnum]) -> str:
    """Return what stands after IN in a trigger: `('open', 'returned')`.

    It is sorted, so that the trigger and its migration change only when the values do.
    """
    quoted = sorted(f"'{value}'" for value in values)
    return f"({', '.join(quoted)})"


def sql_pairs(pairs: Iterable[tuple[StrEnum, StrEnum]]) -> str:
    """Return what stands after `(a, b) IN` in a trigger, one pair a line, sorted like `sql_values`."""
    quoted = sorted(f"    ('{first}', '{second}')" for first, second in pairs)
    lines = ",\n".join(quoted)
    return f"(\n{lines}\n)"
