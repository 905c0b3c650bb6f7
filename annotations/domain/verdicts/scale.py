"""The rating scale that every desk starts with, and the requirements for sending a verdict to review."""

from dataclasses import dataclass
from enum import StrEnum

from annotations.domain.errors import Invalid


class Decision(StrEnum):
    """A decision of the second person."""

    APPROVED = "approved"
    RETURNED = "returned"

    @property
    def label(self) -> str:
        return self.value.capitalize()


@dataclass(frozen=True)
class RatingDefinition:
    """One rating of a scale. A higher `value` is truer; None means the rating is outside the order."""

    slug: str
    label: str
    definition: str
    value: int | None
    tone: str
    needs_evidence: bool


DEFAULT_SCALE_NAME = "Standard"
DEFAULT_SCALE: tuple[RatingDefinition, ...] = (
    RatingDefinition(
        "true",
        "True",
        "The statement is accurate and nothing that matters for understanding it is left out.",
        4,
        "true",
        needs_evidence=True,
    ),
    RatingDefinition(
        "mostly_true",
        "Mostly true",
        "The core of the statement is accurate, but a detail is wrong or needs explanation.",
        3,
        "mostly",
        needs_evidence=True,
    ),
    RatingDefinition(
        "misleading",
        "Misleading",
        "Parts are accurate, but what is left out or suggested gives a wrong impression.",
        2,
        "misleading",
        needs_evidence=True,
    ),
    RatingDefinition(
        "false",
        "False",
        "The statement is contradicted by sources that can be relied on.",
        1,
        "false",
        needs_evidence=True,
    ),
    RatingDefinition(
        "unproven",
        "Unproven",
        "The sources found neither confirm nor contradict the statement.",
        None,
        "unproven",
        needs_evidence=True,
    ),
    RatingDefinition(
        "not_checkable",
        "Not checkable",
        "An opinion, a prediction or a private matter that no source could settle.",
        None,
        "none",
        needs_evidence=False,
    ),
)


class VerdictIncomplete(Invalid):
    """The claim cannot be submitted yet; the sentence names everything that is missing."""

    code = "verdict_incomplete"


def check_ready_for_review(*, has_verdict: bool, needs_evidence: bool, evidence_count: int) -> None:
    """Raise VerdictIncomplete unless the claim has everything a second person needs to judge it.

    A verdict must be in force, and a rating that rests on sources needs at least one source.
    """
    if not has_verdict:
        raise VerdictIncomplete("Give a verdict first; then it can be submitted for review.")
    if needs_evidence and not evidence_count:
        raise VerdictIncomplete(
            "This rating rests on sources: attach at least one before submitting it for review."
        )
