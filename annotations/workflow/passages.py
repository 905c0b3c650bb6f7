"""Find the passages that evidence relies on again in a later capture; private to this package."""

from dataclasses import dataclass

from annotations.domain.passages import LaterReading, Placed
from annotations.domain.watching import PassageState
from annotations.models import Capture, Evidence, PassagePlace

# The text of such a capture says nothing about the page: our reader failed at it.
UNREAD = frozenset({"read_failed", "read_memory", "read_timeout"})
_OUT_OF_PLACE = (PassageState.CHANGED, PassageState.GONE)


@dataclass(frozen=True)
class Shift:
    """Where a passage stood when it was last placed, and where it stands now."""

    evidence: Evidence
    was_state: PassageState
    was_words: str
    now: Placed

    @property
    def matters(self) -> bool:
        """Whether the page has stopped saying it, or says something else than at the last look."""
        before, after = (self.was_state, self.was_words), (self.now.state, self.now.words)
        return self.now.state in _OUT_OF_PLACE and before != after

    @property
    def is_restored(self) -> bool:
        """Whether words that were changed or gone stand there again."""
        return self.was_state in _OUT_OF_PLACE and self.now.state not in _OUT_OF_PLACE


def shifts(reference_id: int, text: str, *, capture: Capture | None = None) -> list[Shift]:
    """Where each passage relied on in this page stands in a new text of it; nothing is written.

    Passages that were chosen in `capture` itself are left out.
    """
    found = Evidence.objects.placed().filter(reference_id=reference_id).select_related("capture")
    rows = [row for row in found.order_by("pk") if capture is None or row.capture_id != capture.pk]
    last = {
        place.evidence_id: place
        for place in PassagePlace.objects.filter(evidence__in=rows).order_by("evidence_id", "capture_id")
    }
    readings: dict[int, LaterReading] = {}
    result = []
    for row in rows:
        kept = row.capture
        assert kept is not None
        assert row.passage_start is not None
        assert row.passage_end is not None
        if kept.pk not in readings:
            readings[kept.pk] = LaterReading(kept.text, text)
        now = readings[kept.pk].place(row.passage_start, row.passage_end)
        place = last.get(row.pk)
        # A place found in an earlier capture than the one now relied on tells nothing any more.
        if place is not None and place.capture_id > kept.pk:
            was = PassageState(place.state), place.words
        else:
            was = PassageState.FOUND, kept.text[row.passage_start : row.passage_end]
        result.append(Shift(row, *was, now))
    return result


def place_again(capture: Capture) -> list[Shift]:
    """Write where the passages relied on in this page stand in a new capture of it; what moved and how.

    Runs in the transaction that makes the capture. Nothing is written for a capture whose text could
    not be read.
    """
    if UNREAD & set(capture.warnings):
        return []
    found = shifts(capture.reference_id, capture.text, capture=capture)
    PassagePlace.objects.bulk_create(
        [
            PassagePlace(
                evidence=shift.evidence,
                capture=capture,
                state=shift.now.state.value,
                start=shift.now.start,
                end=shift.now.end,
                words=shift.now.words,
            )
            for shift in found
        ],
        ignore_conflicts=True,
    )
    return found
