"""Alerts about sources that changed: how serious a change is, and how people responded."""

from enum import StrEnum


class AlertLevel(StrEnum):
    """The kind of change that an alert is about, most serious first."""

    PASSAGE = "passage"
    PAGE = "page"
    DETAILS = "details"
    TEXT = "text"

    @property
    def label(self) -> str:
        return ALERT_LABELS[self]


ALERT_LABELS: dict[AlertLevel, str] = {
    AlertLevel.PASSAGE: "The passage relied on",
    AlertLevel.PAGE: "The page is gone",
    AlertLevel.DETAILS: "Headline, author or date",
    AlertLevel.TEXT: "Much of the text",
}


class AlertState(StrEnum):
    """The response of people to an alert."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    AMENDED = "amended"
    DISMISSED = "dismissed"

    @property
    def label(self) -> str:
        return ALERT_STATE_LABELS[self]

    @property
    def is_decided(self) -> bool:
        """Return whether a person has responded."""
        return self is not AlertState.OPEN


ALERT_STATE_LABELS: dict[AlertState, str] = {
    AlertState.OPEN: "To look at",
    AlertState.CONFIRMED: "Verdict confirmed",
    AlertState.AMENDED: "Verdict being amended",
    AlertState.DISMISSED: "Does not matter",
}


ALERT_ORDER: tuple[AlertLevel, ...] = tuple(AlertLevel)
"""The levels, most serious first."""


def more_serious(one: AlertLevel, other: AlertLevel) -> AlertLevel:
    """Return the more serious of two levels."""
    return min(one, other, key=ALERT_ORDER.index)
