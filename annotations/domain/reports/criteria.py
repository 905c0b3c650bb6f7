"""The criteria by which a report selects verified claims, and their description in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from annotations.domain.errors import Invalid
from annotations.domain.reports.contents import day_in_words

MAX_CHOICES = 200
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)
"""No claim was verified before or after; days at the ends of the calendar have no next day."""


class CriteriaUnusable(Invalid):
    """The criteria contradict themselves or ask for too much; `fields` says where."""

    code = "report_criteria_unusable"


@dataclass(frozen=True, slots=True)
class Criteria:
    """The properties that a claim must have. An empty field requires nothing.

    `documents` are identifiers and `ratings` slugs of the desk. For each of the two that is given, a claim
    needs one of the values, and likewise one of the tags. Both days are inclusive. `claimant` may occur
    anywhere in the name.
    """

    documents: tuple[int, ...] = ()
    verified_from: date | None = None
    verified_to: date | None = None
    ratings: tuple[str, ...] = ()
    claimant: str = ""
    tags: tuple[str, ...] = ()
    language: str = ""

    def check(self) -> None:
        """Raise CriteriaUnusable when no claim could ever meet the criteria, or they are too many."""
        if self.verified_from and self.verified_to and self.verified_from > self.verified_to:
            sentence = "The first day comes after the last day: swap them, or leave one empty."
            raise CriteriaUnusable(sentence, fields={"verified_to": sentence})
        for name in ("verified_from", "verified_to"):
            day = getattr(self, name)
            if day is not None and not FIRST_DAY <= day <= LAST_DAY:
                sentence = f"Choose a day from {FIRST_DAY.year} to {LAST_DAY.year}."
                raise CriteriaUnusable(sentence, fields={name: sentence})
        for name in ("documents", "ratings", "tags"):
            if len(getattr(self, name)) > MAX_CHOICES:
                sentence = f"Choose at most {MAX_CHOICES}, or leave the choice open."
                raise CriteriaUnusable(sentence, fields={name: sentence})

    def stored(self) -> dict[str, object]:
        """Return the criteria as JSON. `Criteria.read` reverses it."""
        return {
            "documents": list(self.documents),
            "verified_from": self.verified_from.isoformat() if self.verified_from else None,
            "verified_to": self.verified_to.isoformat() if self.verified_to else None,
            "ratings": list(self.ratings),
            "claimant": self.claimant,
            "tags": list(self.tags),
            "language": self.language,
        }

    @classmethod
    def read(cls, stored: Mapping[str, object]) -> "Criteria":
        """Return the criteria that `stored()` wrote."""
        return cls(
            documents=tuple(int(str(pk)) for pk in _many(stored.get("documents"))),
            verified_from=_day(stored.get("verified_from")),
            verified_to=_day(stored.get("verified_to")),
            ratings=tuple(str(slug) for slug in _many(stored.get("ratings"))),
            claimant=str(stored.get("claimant") or ""),
            tags=tuple(str(tag) for tag in _many(stored.get("tags"))),
            language=str(stored.get("language") or ""),
        )

    def in_words(self, titles: Sequence[str], labels: Sequence[str]) -> str:
        """Return one sentence for readers. `titles` and `labels` name the chosen documents and ratings."""
        parts = ["Verified claims"]
        if titles:
            parts.append("of " + _either([f"“{title}”" for title in titles], "and"))
        if labels:
            parts.append("rated " + _either([f"“{label}”" for label in labels], "or"))
        if self.claimant:
            parts.append(f"by “{self.claimant}”")
        if self.tags:
            parts.append("tagged " + _either([f"“{tag}”" for tag in self.tags], "or"))
        if self.language:
            parts.append(f"in the language “{self.language}”")
        if self.verified_from and self.verified_from == self.verified_to:
            parts.append(f"verified on {day_in_words(self.verified_from.isoformat())}")
        else:
            if self.verified_from:
                parts.append(f"verified from {day_in_words(self.verified_from.isoformat())}")
            if self.verified_to:
                until = f"until {day_in_words(self.verified_to.isoformat())}"
                parts.append(until if self.verified_from else f"verified {until}")
        return (" ".join(parts) if len(parts) > 1 else "All verified claims of the desk") + "."


def _many(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []


def _day(value: object) -> date | None:
    return date.fromisoformat(str(value)) if value else None


def _either(words: list[str], last: str) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"
