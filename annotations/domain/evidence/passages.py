"""Finding the passage that evidence relies on again in a later text of its page.

The machinery is that of claims; the question is another one. For a claim it is whether a person has to
place it, here it is whether the page still says what a verdict rests on.
"""

from dataclasses import dataclass
from enum import StrEnum

from annotations.domain.claims.anchoring import AnchorState, Quote, anchor_at, find_words, fold_marks
from annotations.domain.claims.reanchoring import Revision, same_figures_around
from annotations.domain.documents.text import Span


class PassageState(StrEnum):
    """Where the passage that evidence relies on stands in a later capture."""

    FOUND = "found"
    MOVED = "moved"
    CHANGED = "changed"
    GONE = "gone"

    @property
    def label(self) -> str:
        return self.value.capitalize()


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a passage stands in a later text, in code points, and the words there; nothing when gone.

    `score` is how alike words and surroundings are, 0..1.
    """

    state: PassageState
    start: int | None
    end: int | None
    words: str
    score: float


GONE = Placed(PassageState.GONE, None, None, "", 0.0)

_STATES: dict[AnchorState, PassageState] = {
    AnchorState.EXACT: PassageState.FOUND,
    AnchorState.MOVED: PassageState.MOVED,
    AnchorState.EDITED: PassageState.CHANGED,
}


class LaterText:
    """Two texts of one page, compared once; `place` then finds each passage again."""

    def __init__(self, old_text: str, new_text: str) -> None:
        self._new_text = new_text
        # Another kind of quotation mark or dash is the same passage; folding keeps every offset.
        self._old, self._new = _folded(old_text), _folded(new_text)
        self._revision = Revision(self._old, self._new)

    def place(self, start: int, end: int) -> Placed:
        """Where the passage `[start, end)` of the old text stands now.

        `found`: its words in their surroundings. `moved`: its words, elsewhere on the page. `changed`:
        near words, or a figure, date, name or negation in its sentence is another. `gone`: neither.
        Raises a subclass of `Invalid` when `[start, end)` names no words of the old text.
        """
        quote = anchor_at(self._old, start, end)
        if self._old == self._new:
            return self._placed(PassageState.FOUND, Span(start, end), 1.0)
        found = self._revision.place(quote)
        if found.start is None or found.end is None:
            return self._elsewhere(quote) or GONE
        state = _STATES.get(found.state)
        if state is None:
            # Several places are as likely: what counts is whether the words themselves are there.
            return self._elsewhere(quote) or self._placed(
                PassageState.CHANGED, Span(found.start, found.end), found.score
            )
        return self._placed(state, Span(found.start, found.end), found.score)

    def _elsewhere(self, quote: Quote) -> Placed | None:
        """The same words anywhere, best where their sentence has the same figures and names."""
        places = find_words(self._new, quote.exact)
        if not places:
            return None
        here = Span(quote.start, quote.end)
        for place in places:
            if same_figures_around(self._old, here, self._new, place):
                return self._placed(PassageState.MOVED, place, 0.5)
        return self._placed(PassageState.CHANGED, places[0], 0.5)

    def _placed(self, state: PassageState, place: Span, score: float) -> Placed:
        return Placed(state, place.start, place.end, self._new_text[place.start : place.end], score)


def re_anchor(old_text: str, new_text: str, start: int, end: int) -> Placed:
    """Find one passage again; use `LaterText` for several of the same page."""
    return LaterText(old_text, new_text).place(start, end)


def _folded(text: str) -> str:
    return "\n".join(fold_marks(line) for line in text.split("\n"))
