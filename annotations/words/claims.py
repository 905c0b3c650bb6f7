"""Facts about a claim, in words."""

from collections.abc import Mapping

from annotations.domain.claims.anchoring import AnchorState
from annotations.domain.claims.check_reasons import CheckReason

_REASONS: dict[CheckReason, str] = {
    CheckReason.OFFICE: "a change of office",
    CheckReason.PERCENTAGE: "a percentage",
    CheckReason.MONEY: "an amount of money",
    CheckReason.FIGURE: "a figure",
    CheckReason.UTTERANCE: "an utterance with a speaker",
    CheckReason.ACT: "a reported act",
    CheckReason.COMPARISON: "a comparison",
    CheckReason.DATE: "a date or time",
    CheckReason.NAME: "a name",
    CheckReason.OTHER: "",
}


def reason_words(reasons: Mapping[str, str]) -> list[str]:
    """Return why a claim is worth checking, strongest reason first: “a figure: fifty”.

    `reasons` holds, by code, the words that show each reason, as `Claim.score_reasons` keeps them.
    """
    return [
        ": ".join(filter(None, (_REASONS[reason], reasons[reason])))
        for reason in CheckReason
        if reason in reasons
    ]


_LOST: dict[AnchorState, str] = {
    AnchorState.EDITED: "The article reads differently there now",
    AnchorState.AMBIGUOUS: "It is not sure which words of the article are meant now",
    AnchorState.ORPHANED: "The words are gone from the article",
}


def lost_words(state: AnchorState) -> str:
    """Return what a newer version of the article did to the words of a claim, without a full stop.

    Raises KeyError for a state in which the words are surely the same.
    """
    return _LOST[state]
