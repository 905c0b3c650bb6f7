"""The kinds and states of what proves a capture: manifests, time stamps, second witnesses."""

from enum import StrEnum


class ManifestKind(StrEnum):
    """What a link of a desk's chain states."""

    CAPTURE = "capture"
    PASSAGE = "passage"


class StampState(StrEnum):
    """Where the time stamp of one authority on one batch stands."""

    QUEUED = "queued"
    ASKING = "asking"
    HELD = "held"
    FAILED = "failed"

    @property
    def label(self) -> str:
        return self.value.capitalize()


class WitnessKind(StrEnum):
    """Who else is asked to have seen a page."""

    WAYBACK_SAVE = "wayback_save"
    MEMENTO_LOOKUP = "memento_lookup"

    @property
    def label(self) -> str:
        return WITNESS_LABELS[self]


WITNESS_LABELS: dict[WitnessKind, str] = {
    WitnessKind.WAYBACK_SAVE: "Saved by the Wayback Machine",
    WitnessKind.MEMENTO_LOOKUP: "Found in another web archive",
}


class WitnessState(StrEnum):
    """Where a question to a second witness stands."""

    QUEUED = "queued"
    ASKING = "asking"
    DONE = "done"
    FAILED = "failed"

    @property
    def label(self) -> str:
        return self.value.capitalize()
