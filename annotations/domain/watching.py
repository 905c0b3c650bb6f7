"""What the watch over sources says of a page, of a passage in it, and of a change that matters."""

from enum import StrEnum


class WatchVerdict(StrEnum):
    """How the page behind an address stands, seen over several checks."""

    LIVE = "live"
    CHANGED = "changed"
    MOVED = "moved"
    SOFT_404 = "soft_404"
    BLOCKED = "blocked"
    DEAD = "dead"

    @property
    def label(self) -> str:
        return WATCH_LABELS[self]


WATCH_LABELS: dict[WatchVerdict, str] = {
    WatchVerdict.LIVE: "Live",
    WatchVerdict.CHANGED: "Changed",
    WatchVerdict.MOVED: "Moved",
    WatchVerdict.SOFT_404: "Page missing behind a friendly answer",
    WatchVerdict.BLOCKED: "Closed to us",
    WatchVerdict.DEAD: "Gone",
}


class PassageState(StrEnum):
    """Where the passage that evidence relies on stands in a later capture."""

    FOUND = "found"
    MOVED = "moved"
    CHANGED = "changed"
    GONE = "gone"

    @property
    def label(self) -> str:
        return self.value.capitalize()


class AlertLevel(StrEnum):
    """What kind of change an alert is about, the most serious first."""

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
    """What people made of an alert."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    AMENDED = "amended"
    DISMISSED = "dismissed"

    @property
    def label(self) -> str:
        return ALERT_STATE_LABELS[self]


ALERT_STATE_LABELS: dict[AlertState, str] = {
    AlertState.OPEN: "To look at",
    AlertState.CONFIRMED: "Verdict confirmed",
    AlertState.AMENDED: "Verdict being amended",
    AlertState.DISMISSED: "Does not matter",
}
