"""The answers of other archives about the captures of a page."""

from dataclasses import dataclass
from datetime import datetime

from annotations.domain.proof.kinds import WitnessKind, WitnessState
from annotations.domain.proof.other_archives import OUTCOMES
from annotations.models import WitnessJob


@dataclass(frozen=True, slots=True)
class WitnessView:
    """One witness of one capture, in words. `found_at` is when the witness itself saw the page."""

    capture_id: int
    kind: WitnessKind
    state: WitnessState
    sentence: str
    found_url: str
    found_at: datetime | None
    next_at: datetime | None


def witnesses_of(reference_id: int, *, limit: int = 100) -> list[WitnessView]:
    """Return the witnesses of all captures of a reference, newest capture first; one query."""
    rows = WitnessJob.objects.filter(capture__reference_id=reference_id).order_by("-capture_id", "kind")
    return [_view(row) for row in rows[:limit]]


def witnesses_of_capture(capture_id: int) -> list[WitnessView]:
    """Return the witnesses of one capture; one query."""
    return [_view(row) for row in WitnessJob.objects.filter(capture_id=capture_id).order_by("kind")]


def _view(row: WitnessJob) -> WitnessView:
    return WitnessView(
        capture_id=row.capture_id,
        kind=WitnessKind(row.kind),
        state=WitnessState(row.state),
        sentence=OUTCOMES.get(row.error_code, "The archive has not been asked yet."),
        found_url=row.found_url,
        found_at=row.found_at,
        next_at=row.next_attempt_at,
    )
