"""What somebody has in hand, and what another does meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from annotations.models import (
    FetchJob,
)
from tests.factories import (
    Team,
    make_claim,
)
from tests.workflow.fetches.steps import attach, make_due


@dataclass(frozen=True)
class Meeting:
    """The rows that somebody else has in hand, and what a person or a worker does meanwhile."""

    in_hand: QuerySet[Any]
    act: Callable[[], object]


def of(row: Any) -> QuerySet[Any]:
    return type(row)._default_manager.filter(pk=row.pk)


def a_fetch(team: Team, url: str = "https://192.0.2.1/page") -> FetchJob:
    _, job = attach(team, make_claim(team), url)
    make_due(job)
    return job
