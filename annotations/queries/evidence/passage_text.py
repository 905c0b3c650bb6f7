"""The text of a capture in which a passage is chosen, and the passage's places in later captures."""

from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, Value
from django.db.models.functions import Coalesce, Now

from annotations.domain.claims.anchoring import find_words
from annotations.domain.documents.text import Span, parts
from annotations.domain.errors import Missing
from annotations.domain.evidence.passages import PassageState, re_anchor
from annotations.domain.proof.kinds import ManifestKind
from annotations.models import Capture, Evidence, Manifest, PassagePlace, User
from annotations.models.capture import large_columns
from annotations.queries.evidence.attached import evidence_for
from annotations.queries.paging import Page, newest_first
from annotations.visibility import get_visible

# A browser lays out this much text without a noticeable delay; a longer text is shown in parts.
PART = 150_000
_CHOICES = 200
# Texts up to this length are compared while a person waits; in longer ones only the words are searched for.
_COMPARED = 20_000


@dataclass(frozen=True)
class PassageText:
    """The text of one capture of a source.

    `choices` are all captures that hold a text, newest first. `mark` is the place in this text of the passage
    relied on, in code points of the whole text. `state` says how it was found if it was chosen in another
    capture. `part` is the stretch to show, one of `parts`. `is_held` says whether someone's hold on the claim
    is live by the database's clock.
    """

    evidence: Evidence
    capture: Capture
    choices: list[Capture]
    mark: Span | None
    state: PassageState | None
    parts: list[Span]
    part: Span
    is_held: bool

    @property
    def is_pinned(self) -> bool:
        """Return whether this is the capture in which the passage was chosen."""
        return self.evidence.capture_id == self.capture.pk

    @property
    def words(self) -> str:
        """Return the passage as this capture has it, or as it was given if it is not in this capture."""
        return self.capture.text[self.mark.start : self.mark.end] if self.mark else self.evidence.passage


def passage_text(
    user: User, evidence_id: int, *, capture_id: int | None = None, part: int | None = None
) -> PassageText:
    """Return the text of a source on one of the person's desks; at most five queries.

    Without `capture_id` the text is that of the capture the evidence is pinned to, or else of the newest one.
    `part` counts from 1. Without it, or beyond the last one, the part is the one in which the passage begins.
    Raises Missing, also when no text was extracted and for a capture of another source.
    """
    rows = Evidence.objects.select_related("reference", "claim__lease_holder").annotate(
        held=Coalesce(ExpressionWrapper(Q(claim__lease_until__gt=Now()), BooleanField()), Value(False))
    )
    evidence: Any = get_visible(user, rows, evidence_id)
    choices = list(
        Capture.objects.filter(reference_id=evidence.reference_id)
        .exclude(text_sha256="")
        .as_choices()
        .order_by("-pk")[:_CHOICES]
    )
    capture = Capture.objects.get(pk=_wanted(evidence, choices, capture_id))
    mark, state = _mark(evidence, capture)
    cut = parts(capture.text, PART)
    if part is not None and 1 <= part <= len(cut):
        shown = cut[part - 1]
    else:
        begins = mark.start if mark else 0
        shown = next((each for each in cut if begins < each.end), cut[-1])
    return PassageText(evidence, capture, choices, mark, state, cut, shown, evidence.held)


def places_page(
    user: User, evidence_id: int, *, after: str = "", size: int | None = None
) -> Page[PassagePlace]:
    """Return one page of the passage's places in later captures, newest first; two queries.

    Raises Missing or BadCursor.
    """
    evidence_for(user, evidence_id)
    rows = PassagePlace.objects.filter(evidence_id=evidence_id).select_related("capture")
    return newest_first(rows.defer(*large_columns("capture")), after=after, size=size)


def _wanted(evidence: Evidence, choices: list[Capture], capture_id: int | None) -> int:
    known = [choice.pk for choice in choices]
    if not known:
        raise Missing("No text was read from this source yet.")
    if capture_id is not None and capture_id not in known:
        raise Missing("There is no such capture of this source, or no text was read in it.")
    if capture_id is not None:
        return capture_id
    pinned = evidence.capture_id
    return pinned if pinned is not None and pinned in known else known[0]


def _mark(evidence: Evidence, capture: Capture) -> tuple[Span | None, PassageState | None]:
    start, end = evidence.passage_start, evidence.passage_end
    if start is None or end is None or evidence.capture_id is None:
        return None, None
    if evidence.capture_id == capture.pk:
        return Span(start, end), None
    signed_later = Manifest.objects.filter(
        kind=ManifestKind.PASSAGE.value, evidence=OuterRef("evidence"), made_at__gt=OuterRef("placed_at")
    )
    # A place stored before the passage was chosen belongs to other words.
    place = PassagePlace.objects.filter(~Exists(signed_later), evidence=evidence, capture=capture).first()
    if place is not None and evidence.capture_id < capture.pk:
        return _span(place.start, place.end), PassageState(place.state)
    chosen_in = Capture.objects.values_list("text", flat=True).get(pk=evidence.capture_id)
    if max(len(chosen_in), len(capture.text)) > _COMPARED:
        places = find_words(capture.text, chosen_in[start:end])
        return (places[0], PassageState.MOVED) if places else (None, None)
    found = re_anchor(chosen_in, capture.text, start, end)
    return _span(found.start, found.end), found.state


def _span(start: int | None, end: int | None) -> Span | None:
    return Span(start, end) if start is not None and end is not None else None
