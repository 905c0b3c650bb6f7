"""Reasons why a sentence is worth checking. A claim keeps each code with the words that show it."""

from enum import StrEnum


class CheckReason(StrEnum):
    """One kind of checkable thing in a sentence, strongest first."""

    OFFICE = "office"
    PERCENTAGE = "percentage"
    MONEY = "money"
    FIGURE = "figure"
    UTTERANCE = "utterance"
    ACT = "act"
    COMPARISON = "comparison"
    DATE = "date"
    NAME = "name"

    # A phrase stored before codes existed that matches none of them; nothing writes it any more.
    OTHER = "other"


MAX_SHOWN = 200
"""The largest number of characters of the sentence that a reason shows."""
