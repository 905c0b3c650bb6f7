"""Why a sentence is worth checking: codes, each of which a claim keeps with the words that show it."""

from enum import StrEnum


class CheckReason(StrEnum):
    """One kind of thing in a sentence that can be checked, strongest first."""

    OFFICE = "office"
    PERCENTAGE = "percentage"
    MONEY = "money"
    FIGURE = "figure"
    UTTERANCE = "utterance"
    ACT = "act"
    COMPARISON = "comparison"
    DATE = "date"
    NAME = "name"

    # A phrase that was kept before there were codes and is none of these; nothing writes it any more.
    OTHER = "other"


MAX_SHOWN = 200
"""How many characters of the sentence a reason shows at most."""
