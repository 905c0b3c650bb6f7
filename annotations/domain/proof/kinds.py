"""Kinds and states of the proof of a capture: manifests, time stamps, and copies in other archives."""

from enum import StrEnum


class ManifestKind(StrEnum):
    """The subject of a manifest in a desk's chain."""

    CAPTURE = "capture"
    PASSAGE = "passage"


class StampState(StrEnum):
    """The state of one authority's time stamp on one batch."""

    QUEUED = "queued"
    ASKING = "asking"
    HELD = "held"
    FAILED = "failed"

    @property
    def label(self) -> str:
        return self.value.capitalize()


class WitnessKind(StrEnum):
    """The way in which another archive is asked about a page."""

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
    """The state of a question to another archive."""

    QUEUED = "queued"
    ASKING = "asking"
    DONE = "done"
    FAILED = "failed"

    @property
    def label(self) -> str:
        return self.value.capitalize()
