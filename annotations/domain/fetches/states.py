"""The states of a fetch, and who asked for it."""

from enum import StrEnum


class FetchState(StrEnum):
    """Where the fetch of a linked page stands."""

    QUEUED = "queued"
    FETCHING = "fetching"
    FETCHED = "fetched"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        return self.value.capitalize()


class FetchKind(StrEnum):
    """Why a page is fetched; people come before the watch."""

    ASKED = "asked"
    WATCH = "watch"
