"""Kinds and states of what proves: manifests, entries, time stamps, and copies in other archives."""

from enum import StrEnum


class ManifestKind(StrEnum):
    """The subject of a manifest in a desk's chain."""

    CAPTURE = "capture"
    PASSAGE = "passage"
    ENTRIES = "entries"


class EntryKind(StrEnum):
    """The kind of a row that is sealed when it is written, and then stands in the chain of its desk."""

    ACTIVITY = "activity"
    VERDICT = "verdict"
    REVIEW = "review"
    RECORD = "record"
    KEPT_WORDS = "kept_words"
    REPORT = "report"

    @property
    def label(self) -> str:
        return ENTRY_LABELS[self]


ENTRY_LABELS: dict[EntryKind, str] = {
    EntryKind.ACTIVITY: "line of the log",
    EntryKind.VERDICT: "verdict",
    EntryKind.REVIEW: "review",
    EntryKind.RECORD: "signed record",
    EntryKind.KEPT_WORDS: "decision on changed words",
    EntryKind.REPORT: "report",
}


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
