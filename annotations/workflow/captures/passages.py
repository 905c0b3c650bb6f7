"""Find the passages that evidence relies on in a later capture; private to this package."""

from dataclasses import dataclass

from annotations.domain.evidence.passages import LaterText, PassageState, Placed
from annotations.models import Capture, Evidence, Extraction, PassagePlace
from annotations.workflow.captures.reextract import FAILED

_OUT_OF_PLACE = (PassageState.CHANGED, PassageState.GONE)


@dataclass(frozen=True)
class PassageMove:
    """Where a passage was when it was last placed, and where it is now."""

    evidence: Evidence
    was_state: PassageState
    was_words: str
    now: Placed

    @property
    def matters(self) -> bool:
        """Whether the page no longer says it, or says something else than at the last check."""
        before, after = (self.was_state, self.was_words), (self.now.state, self.now.words)
        return self.now.state in _OUT_OF_PLACE and before != after

    @property
    def is_restored(self) -> bool:
        """Whether words that were changed or gone are there again."""
        return self.was_state in _OUT_OF_PLACE and self.now.state not in _OUT_OF_PLACE


def passage_moves(
    reference_id: int, text: str, *, extractor: str, capture: Capture | None = None
) -> list[PassageMove]:
    """Return where each passage that evidence relies on is in a new text of its page; write nothing.

    Passages chosen in `capture` itself are left out. If `extractor`, which made the text, does not find
    the words in the old bytes either, the page has not lost them.
    """
    found = Evidence.objects.placed().filter(reference_id=reference_id).select_related("capture")
    rows = [row for row in found.order_by("pk") if capture is None or row.capture_id != capture.pk]
    last = {
        place.evidence_id: place
        for place in PassagePlace.objects.filter(evidence__in=rows).order_by("evidence_id", "capture_id")
    }
    texts: dict[int, LaterText] = {}
    result = []
    for row in rows:
        kept = row.capture
        assert kept is not None
        assert row.passage_start is not None
        assert row.passage_end is not None
        if kept.pk not in texts:
            texts[kept.pk] = LaterText(kept.text, text)
        now = texts[kept.pk].place(row.passage_start, row.passage_end)
        place = last.get(row.pk)
        # A place in an earlier capture than the one relied on now no longer counts.
        if place is not None and place.capture_id > kept.pk:
            was = PassageState(place.state), place.words
        else:
            was = PassageState.FOUND, kept.text[row.passage_start : row.passage_end]
        if now.state in _OUT_OF_PLACE and kept.extractor != extractor:
            was = _lost_by_extractor(row, kept, extractor) or was
        result.append(PassageMove(row, *was, now))
    return result


def _lost_by_extractor(row: Evidence, kept: Capture, extractor: str) -> tuple[PassageState, str] | None:
    """Return what an extractor finds in the old bytes if the passage is changed or gone there; else None."""
    again = Extraction.objects.filter(capture=kept, extractor=extractor).first()
    if again is None or row.passage_start is None or row.passage_end is None:
        return None
    found = LaterText(kept.text, again.text).place(row.passage_start, row.passage_end)
    return (found.state, found.words) if found.state in _OUT_OF_PLACE else None


def place_again(capture: Capture) -> list[PassageMove]:
    """Write where the passages of a page are in a new capture of it, and return how each moved.

    Runs in the transaction that makes the capture. Writes nothing if extracting its text failed.
    """
    if FAILED & set(capture.warnings):
        return []
    found = passage_moves(capture.reference_id, capture.text, extractor=capture.extractor, capture=capture)
    PassagePlace.objects.bulk_create(
        [
            PassagePlace(
                evidence=move.evidence,
                capture=capture,
                state=move.now.state.value,
                start=move.now.start,
                end=move.now.end,
                words=move.now.words,
            )
            for move in found
        ],
        ignore_conflicts=True,
    )
    return found
