"""An article as HTML: paragraphs in which the words of each claim are marked, also where claims overlap.

The HTML is put together as plain strings, in one pass: a page with 300 claims has thousands of pieces, too
many for a loop in a template.
"""

from collections.abc import Iterable, Mapping

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from annotations.domain.documents.segments import Mark, Segment, segments
from annotations.domain.documents.text import Span
from annotations.queries.documents import PlacedClaim

_DEEPEST = 4


def article_html(text: str, placed: Iterable[PlacedClaim]) -> SafeString:
    """Return the paragraphs of a text, with the words of each claim that has a place marked.

    Each claim begins with a numbered link to its entry, where keyboards and screen readers stop. The text
    is escaped and otherwise unchanged. `data-start` of a paragraph is its place in code points.
    """
    by_id = {claim.claim.pk: claim for claim in placed if claim.has_place}
    marks = [Mark(claim_id, claim.anchor.start, claim.anchor.end) for claim_id, claim in by_id.items()]
    paragraphs = (
        f'<p dir="auto" data-start="{paragraph.start}">'
        + "".join(_segment(piece, by_id) for piece in paragraph.segments)
        + "</p>"
        for paragraph in segments(text, marks)
    )
    return mark_safe("\n".join(paragraphs))  # noqa: S308 - every part of it is escaped or our own


def part_html(text: str, part: Span, mark: Span | None) -> SafeString:
    """Return the paragraphs of a part of a text, with one stretch marked; `data-start` as in an article.

    The first piece of the mark has the id `passage`.
    """
    marks = [Mark(0, mark.start - part.start, mark.end - part.start)] if mark else []
    paragraphs = (
        f'<p dir="auto" data-start="{part.start + paragraph.start}">'
        + "".join(map(_stretch, paragraph.segments))
        + "</p>"
        for paragraph in segments(text[part.start : part.end], marks)
    )
    return mark_safe("\n".join(paragraphs))  # noqa: S308 - every part of it is escaped or our own


def _stretch(piece: Segment) -> str:
    words = escape(piece.text)
    if not piece.claim_ids:
        return words
    return f'<mark id="passage">{words}</mark>' if piece.begins else f"<mark>{words}</mark>"


def _segment(piece: Segment, claims: Mapping[int, PlacedClaim]) -> str:
    words = escape(piece.text)
    if not piece.claim_ids:
        return words
    ids = " ".join(map(str, piece.claim_ids))
    depth = min(len(piece.claim_ids), _DEEPEST)
    # Where claims overlap, the mark shows the state of the one that began last, in most cases the narrowest.
    state = claims[piece.claim_ids[-1]].claim.state
    stops = "".join(_stop(claims[claim_id]) for claim_id in piece.begins)
    return f'{stops}<mark class="hl hl--{depth}" data-claims="{ids}" data-state="{state}">{words}</mark>'


def _stop(placed: PlacedClaim) -> str:
    claim = placed.claim
    return (
        f'<a class="stop" id="at-{claim.pk}" href="#{claim.anchor_fragment}" data-stop="{claim.pk}" '
        f'aria-label="Claim {placed.number}: {escape(claim.statement[:120])}">'
        f"<span>{placed.number}</span></a>"
    )
