"""The states of a fetch, and who asked for it."""

from enum import StrEnum


class FetchState(StrEnum):
    """The state of the fetch of a linked page."""

    QUEUED = "queued"
    FETCHING = "fetching"
    FETCHED = "fetched"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        return self.value.capitalize()


class FetchKind(StrEnum):
    """The reason why a page is fetched. People's requests come before the watch."""

    ASKED = "asked"
    WATCH = "watch"
