"""Facts about a claim, in words."""

from collections.abc import Mapping

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
