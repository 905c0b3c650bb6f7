"""The plan for the Dutch article: which sample person takes which claim, with which sources, and how far."""

import json
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from annotations.domain.desks.roles import Role
from annotations.domain.evidence.stance import Stance

PLAN = Path(__file__).parent / "plan.json"
DESK_NAME = "Voorbeelddesk / Sample desk"
DESK_SLUG = "sample"
SAID_ON = "2019-04-30"
REPORT_TITLE = "Onrust in Caracas, 30 april 2019: gecontroleerde uitspraken"


@dataclass(frozen=True)
class Person:
    """A sample account. Its password is public; the account exists only in a copy for demonstration."""

    username: str
    first_name: str
    last_name: str
    role: Role

    @property
    def password(self) -> str:
        """Return the person's sign-in password, long enough for the sign-in rules."""
        return f"sample-{self.username}-2019"


PEOPLE = (
    Person("eva", "Eva", "Voorbeeld", Role.EDITOR),
    Person("ruben", "Ruben", "Voorbeeld", Role.EDITOR),
    Person("rosa", "Rosa", "Voorbeeld", Role.REVIEWER),
    Person("max", "Max", "Voorbeeld", Role.MANAGER),
    Person("vera", "Vera", "Voorbeeld", Role.VIEWER),
)


class Fate(StrEnum):
    """The state to which the sample takes a claim."""

    OPEN = "open"
    PARKED = "parked"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    VERIFIED = "verified"
    DISMISSED = "dismissed"


@dataclass(frozen=True)
class PlannedSource:
    """A page of the sample site, and its stance towards the claim."""

    path: str
    stance: Stance
    passage: str = ""
    note: str = ""


@dataclass(frozen=True)
class PlannedClaim:
    """A claim of the article, found by words that occur in it once, and the plan for it."""

    words: str
    fate: Fate
    editor: str = "eva"
    statement: str = ""
    claimant_name: str = ""
    claimant_kind: str = ""
    claimant_role: str = ""
    said_on: date | None = None
    said_where: str = ""
    chosen_because: str = ""
    priority: int = 3
    due_in_hours: int | None = None
    tags: tuple[str, ...] = ()
    sources: tuple[PlannedSource, ...] = ()
    rating: str = ""
    reasoning: str = ""
    reviewer: str = "rosa"
    note: str = ""


def planned_claims() -> list[PlannedClaim]:
    """Return the claims of plan.json, in the order in which the sample people take them."""
    return [_claim(entry) for entry in json.loads(PLAN.read_text(encoding="utf-8"))]


def _claim(entry: dict[str, Any]) -> PlannedClaim:
    said_on = entry.pop("said_on", SAID_ON)
    return PlannedClaim(
        fate=Fate(entry.pop("fate")),
        said_on=date.fromisoformat(said_on) if said_on else None,
        tags=tuple(entry.pop("tags", ())),
        sources=tuple(_source(source) for source in entry.pop("sources", ())),
        **entry,
    )


def _source(entry: dict[str, Any]) -> PlannedSource:
    return PlannedSource(stance=Stance(entry.pop("stance")), **entry)
