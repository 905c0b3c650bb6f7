"""One capture with everything that is known and proved about it, and two captures side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.db.models import Q

from annotations.domain.captures.changes import DETAIL_NAMES
from annotations.domain.captures.side_by_side import Comparison, side_by_side
from annotations.domain.errors import Missing
from annotations.domain.fetches.outcomes import sentence_of
from annotations.domain.hops import Hop
from annotations.models import Capture, Evidence, Extraction, PassagePlace, Reference, User
from annotations.models.extraction import KeptExtraction
from annotations.queries.proof.links import ProofView, proof_of
from annotations.queries.proof.other_archives import WitnessView, witnesses_of_capture
from annotations.visibility import get_visible, not_here, visible_to

# The most text that one page shows; a person who needs more downloads it.
SHOWN_TEXT = 400_000
COMPARED_TEXT = 300_000
CHOICES = 200
SHOWN_EXTRACTIONS = 5


@dataclass(frozen=True)
class Segment:
    """A stretch of the text, with the evidence that relies on it, if any."""

    text: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class DetailRow:
    """A detail, such as the title or an author, in two captures."""

    name: str
    before: str
    after: str

    @property
    def differs(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True)
class LaterExtraction:
    """The result of a newer extractor on the bytes of a capture, with the details that differ."""

    capture: Capture
    extraction: Extraction
    details: tuple[DetailRow, ...]

    @property
    def text_differs(self) -> bool:
        return self.capture.text_sha256 != self.extraction.text_sha256

    @property
    def differs(self) -> list[str]:
        return [*(["Text"] if self.text_differs else []), *(detail.name for detail in self.details)]

    def comparison(self) -> Comparison:
        """Return both texts side by side. Slow for long texts, so only the page that shows it asks."""
        return side_by_side(self.capture.text[:COMPARED_TEXT], self.extraction.text[:COMPARED_TEXT])


@dataclass(frozen=True)
class CapturePage:
    """A capture as its page shows it.

    `earlier` and `later` are the neighbouring captures that hold a text. `extractions` are the newest ones by
    later extractors, newest first.
    """

    capture: Capture
    answer: str
    warnings: tuple[str, ...]
    segments: tuple[Segment, ...]
    is_cut: bool
    hops: tuple[Hop, ...]
    proof: ProofView
    witnesses: list[WitnessView]
    extractions: tuple[LaterExtraction, ...]
    earlier: Capture | None
    later: Capture | None


def capture_page(user: User, capture_id: int) -> CapturePage:
    """Return a capture on one of the person's desks with its proof; raises Missing. At most ten queries."""
    capture = (
        visible_to(Capture.objects.select_related("reference", "uploaded_by"), user)
        .filter(pk=capture_id)
        .first()
    )
    if capture is None:
        raise not_here(Capture)
    same = Capture.objects.filter(reference_id=capture.reference_id).exclude(text_sha256="")
    bare = same.as_choices()
    return CapturePage(
        capture=capture,
        answer=sentence_of(capture.outcome_code),
        warnings=tuple(sentence_of(code) for code in capture.warnings),
        segments=_segments(capture, _relied_on(capture)),
        is_cut=len(capture.text) > SHOWN_TEXT,
        hops=tuple(Hop.from_json(hop) for hop in capture.hops),
        proof=proof_of(capture),
        witnesses=witnesses_of_capture(capture.pk),
        extractions=tuple(
            _later(capture, extraction)
            for extraction in capture.extractions.order_by("-pk")[:SHOWN_EXTRACTIONS]
        ),
        earlier=bare.filter(pk__lt=capture.pk).order_by("-pk").first(),
        later=bare.filter(pk__gt=capture.pk).order_by("pk").first(),
    )


@dataclass(frozen=True)
class TwoCaptures:
    """Two captures of one reference, the earlier one first, with all captures to choose from.

    `comparison` is None when there are not two captures to compare.
    """

    reference: Reference
    choices: list[Capture]
    before: Capture | None
    after: Capture | None
    details: tuple[DetailRow, ...]
    comparison: Comparison | None
    same_bytes: bool
    same_text: bool
    is_cut: bool


def two_captures(user: User, reference_id: int, one: int | None, other: int | None) -> TwoCaptures:
    """Compare two captures of a reference on one of the person's desks, by default the two newest.

    The order of `one` and `other` does not matter. Raises Missing, also for a capture of another page.
    """
    reference = get_visible(user, Reference, reference_id)
    all_of_it = Capture.objects.filter(reference_id=reference_id)
    choices = list(all_of_it.as_choices().order_by("-pk")[:CHOICES])
    wanted = sorted({number for number in (one, other) if number is not None})
    if not wanted:
        wanted = sorted(choice.pk for choice in choices[:2])
    found = {row.pk: row for row in all_of_it.filter(pk__in=wanted)}
    if len(found) != len(wanted):
        raise Missing("There is no such capture of this source.")
    before = found[wanted[0]] if wanted else None
    after = found[wanted[-1]] if len(wanted) == 2 else None
    if before is None or after is None:
        return TwoCaptures(reference, choices, before, after, (), None, False, False, False)
    return TwoCaptures(
        reference=reference,
        choices=choices,
        before=before,
        after=after,
        details=_details(before, after, {**DETAIL_NAMES, "site": "Site", "final_url": "Address"}),
        comparison=side_by_side(before.text[:COMPARED_TEXT], after.text[:COMPARED_TEXT]),
        same_bytes=before.body_sha256 == after.body_sha256,
        same_text=before.text_sha256 == after.text_sha256,
        is_cut=max(len(before.text), len(after.text)) > COMPARED_TEXT,
    )


def _later(capture: Capture, extraction: Extraction) -> LaterExtraction:
    names = {**DETAIL_NAMES, "site": "Site", "language": "Language"}
    details = _details(capture, extraction, names)
    return LaterExtraction(capture, extraction, tuple(row for row in details if row.differs))


def _details(before: Capture, after: KeptExtraction, names: Mapping[str, str]) -> tuple[DetailRow, ...]:
    rows = (
        DetailRow(words, _as_text(getattr(before, name)), _as_text(getattr(after, name)))
        for name, words in names.items()
    )
    return tuple(row for row in rows if row.before or row.after)


def _as_text(value: object) -> str:
    return "" if value is None else str(value)


def _relied_on(capture: Capture) -> list[tuple[int, int, Evidence]]:
    """Return where evidence relies on this text: passages chosen in it, and passages found again in it."""
    chosen = Evidence.objects.filter(
        capture=capture, passage_start__isnull=False, withdrawn_at__isnull=True
    ).select_related("claim")
    found = PassagePlace.objects.filter(
        ~Q(evidence__capture=capture),
        capture=capture,
        start__isnull=False,
        evidence__withdrawn_at__isnull=True,
    ).select_related("evidence__claim")
    spans = [(row.passage_start or 0, row.passage_end or 0, row) for row in chosen]
    return spans + [(row.start or 0, row.end or 0, row.evidence) for row in found]


def _segments(capture: Capture, spans: Sequence[tuple[int, int, Evidence]]) -> tuple[Segment, ...]:
    text = capture.text[:SHOWN_TEXT]
    edges = sorted(
        {0, len(text), *(min(edge, len(text)) for start, end, _ in spans for edge in (start, end))}
    )
    return tuple(
        Segment(
            text[left:right],
            tuple(evidence for start, end, evidence in spans if start <= left and right <= end),
        )
        for left, right in pairwise(edges)
    )
