"""Small builders for the constraints and triggers that many models share."""

from enum import StrEnum

import pgtrigger
from django.db import models
from django.db.models import Q


def one_of(name: str, field: str, choices: type[StrEnum]) -> models.CheckConstraint:
    """Return a constraint that holds `field` to the values of an enum; Django's `choices` do not."""
    return models.CheckConstraint(
        name=name, condition=Q(**{f"{field}__in": [choice.value for choice in choices]})
    )


def choices_of(enum: type[StrEnum]) -> list[tuple[str, str]]:
    """Return Django choices from an enum, labelled by its `label` where it has one."""
    return [(member.value, getattr(member, "label", member.value)) for member in enum]


def append_only(name: str) -> pgtrigger.Trigger:
    """Return a trigger that refuses to change or delete a row once it is written."""
    return pgtrigger.Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete)
