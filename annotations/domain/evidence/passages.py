"""Search for the passage that evidence relies on in a later text of its page.

The method is the same as for claims, but the question differs. For a claim it is whether a person has to
place it. Here it is whether the page still says what a verdict relies on.
"""

from dataclasses import dataclass
from enum import StrEnum

from annotations.domain.claims.anchoring import AnchorState, Quote, anchor_at, find_words, fold_marks
from annotations.domain.claims.reanchoring import Revision, same_figures_around
from annotations.domain.documents.text import Span


class PassageState(StrEnum):
    """The state in a later capture of the passage that evidence relies on."""

    FOUND = "found"
    MOVED = "moved"
    CHANGED = "changed"
    GONE = "gone"

    @property
    def label(self) -> str:
        return self.value.capitalize()


@dataclass(frozen=True, slots=True)
class Placed:
    """The place of a passage in a later text, in code points, and the words there; empty when it is gone.

    `score` is the likeness of words and surroundings, from 0 to 1.
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
    """Two texts of one page, compared once. `place` then finds each passage again."""

    def __init__(self, old_text: str, new_text: str) -> None:
        self._new_text = new_text
        # Another kind of quotation mark or dash does not change the passage; folding keeps every offset.
        self._old, self._new = _folded(old_text), _folded(new_text)
        self._revision = Revision(self._old, self._new)

    def place(self, start: int, end: int) -> Placed:
        """Return the place of the passage `[start, end)` of the old text in the new one.

        The state is `found` for its words in their surroundings, and `moved` for its words elsewhere on the
        page. It is `changed` for similar words, or if a figure, date, name or negation in its sentence is
        different. Otherwise it is `gone`. Raises a subclass of `Invalid` when `[start, end)` names no words
        of the old text.
        """
        quote = anchor_at(self._old, start, end)
        if self._old == self._new:
            return self._placed(PassageState.FOUND, Span(start, end), 1.0)
        found = self._revision.place(quote)
        if found.start is None or found.end is None:
            return self._elsewhere(quote) or GONE
        state = _STATES.get(found.state)
        if state is None:
            # Several places are equally likely: what counts is whether the words themselves are there.
            return self._elsewhere(quote) or self._placed(
                PassageState.CHANGED, Span(found.start, found.end), found.score
            )
        return self._placed(state, Span(found.start, found.end), found.score)

    def _elsewhere(self, quote: Quote) -> Placed | None:
        """Return a place with the same words, best one whose sentence has the same figures and names."""
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
    """Find one passage again. Use `LaterText` for several passages of the same page."""
    return LaterText(old_text, new_text).place(start, end)


def _folded(text: str) -> str:
    return "\n".join(fold_marks(line) for line in text.split("\n"))
