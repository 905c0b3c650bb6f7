"""Which claims are surely where they were in a new version of their article; all others go to a person.

A claim is the sentence it stands in: a full stop that becomes a question mark, or words beside it that name
who said so, change what is claimed. And it is the place of that sentence: "That is 5 percent more" after a
sentence on one town is another claim than after a sentence on another.
"""

from dataclasses import replace

from annotations.domain.claims.anchoring import AnchorState, Quote
from annotations.domain.claims.reanchoring import NEEDS_A_PERSON, Reanchored, Revision
from annotations.domain.claims.sentences import Sentences
from annotations.domain.documents.text import Span

_UNSURE = 0.5
_NEAR = 3


def reanchor(old_text: str, new_text: str, quote: Quote) -> Reanchored:
    """Find one claim again; use `ArticleRevision` for the claims of a whole article."""
    return ArticleRevision(old_text, new_text).place(quote)


class ArticleRevision:
    """Two versions of one normalised text, compared once; `place` then finds each claim again."""

    def __init__(self, old_text: str, new_text: str) -> None:
        self.old_text, self.new_text = old_text, new_text
        self._revision = Revision(old_text, new_text)
        self._old, self._new = Sentences(old_text), Sentences(new_text)

    def place(self, quote: Quote) -> Reanchored:
        """Return the present place of the claim.

        The state is `exact` or `moved` only where all sentences that the claim touches stand in the new text
        character for character, and it is sure that they are the same ones. `before_changed` says that the
        sentence before them, or the heading above them, is another one now. Otherwise the claim is `edited`,
        `ambiguous` or `orphaned`, with its most likely place; see `Revision.place`.
        """
        if self.old_text == self.new_text:
            return Reanchored(AnchorState.EXACT, quote.start, quote.end, 1.0)
        old, new = self._old, self._new
        first, last = old.touched_by(Span(quote.start, quote.end))
        words = old.words[first : last + 1]
        here, there = old.places(words), new.places(words)
        if len(here) == len(there) == 1 and self._stands_once(first, last):
            at: int | None = there[0]
            is_sure = self._is_the_same(first, last, there[0])
        else:
            # Sentences that stand there more than once are told apart by their neighbours, unless a neighbour
            # has the same words as the sentence itself.
            more = last - first
            around = old.around(first, last)
            ours = [at for at in here if old.around(at, at + more) == around]
            alike = [at for at in there if new.around(at, at + more) == around]
            is_sure = len(ours) == len(alike) == 1 and not {words[0], words[-1]} & set(around)
            at = alike[0] if is_sure else None
        span = None if at is None else self._span(quote, first, last, at)
        if span is None or at is None:
            return self._for_a_person(self._revision.place(quote))
        if not is_sure or self._under_another(first, at):
            return Reanchored(AnchorState.AMBIGUOUS, span.start, span.end, _UNSURE)
        state = AnchorState.EXACT if self._revision.carried(quote) == span else AnchorState.MOVED
        changed = old.before(first) != new.before(at) or old.heading(first) != new.heading(at)
        return Reanchored(state, span.start, span.end, 1.0, before_changed=changed)

    def _under_another(self, first: int, at: int) -> bool:
        """Return whether a sentence came under a heading that stood elsewhere, or headings were exchanged."""
        was, now = self._old.heading(first), self._new.heading(at)
        in_another_order = [line for line in was if line in now] != [line for line in now if line in was]
        return in_another_order or any(map(self._old.is_heading, set(now) - set(was)))

    def _stands_once(self, first: int, last: int) -> bool:
        """Return whether the words of sentences stand once in each text, be it within longer sentences."""
        words = self.old_text[self._old.spans[first].start : self._old.spans[last].end]
        return self.old_text.count(words) == self.new_text.count(words) == 1

    def _span(self, quote: Quote, first: int, last: int, at: int) -> Span | None:
        """Return the claim's stretch in the new text; None where the blanks between sentences changed."""
        old = Span(self._old.spans[first].start, self._old.spans[last].end)
        new = Span(self._new.spans[at].start, self._new.spans[at + last - first].end)
        if self.old_text[old.start : old.end] != self.new_text[new.start : new.end]:
            return None
        shift = new.start - old.start
        return Span(quote.start + shift, quote.end + shift)

    def _is_the_same(self, first: int, last: int, at: int) -> bool:
        """Return whether sentences that stand once in each text stand at the same place in what is told.

        A neighbour on either side shows it, if that too stands once in each text. Otherwise somebody may have
        exchanged the words of two similar sentences.
        """
        old, new, end = self._old, self._new, at + last - first
        follows = self._goes_on(last, end, step=1)
        if old.before(first) == new.before(at):
            return follows or self._goes_on(first, at, step=-1)
        if not follows or old.after(last) is None:
            # The end of the text alone tells nothing.
            return False
        opens = old.opens(first) and new.opens(at)
        is_paragraph = first == last and opens and not (old.closes(last) or new.closes(end))
        same_start = old.opens(first) == new.opens(at)
        return is_paragraph or (same_start and self._came_or_went(first, at))

    def _goes_on(self, index: int, at: int, *, step: int) -> bool:
        """Return whether both texts go on from there alike, up to a sentence that stands once in each.

        The end of a text counts as one. Further away than three sentences nothing is sure.
        """
        old, new = self._old.words, self._new.words
        for away in range(step, _NEAR * step + step, step):
            here = old[index + away] if 0 <= index + away < len(old) else None
            there = new[at + away] if 0 <= at + away < len(new) else None
            if here != there:
                return False
            if here is None or (self._old.is_once(here) and self._new.is_once(here)):
                return True
        return False

    def _came_or_went(self, first: int, at: int) -> bool:
        """Return whether what stands before changed only by sentences that are new or gone, not by a swap."""
        old, new = self._old, self._new
        before, now_before = old.before(first), new.before(at)
        if before is not None and new.holds(before):
            # It still stands there: then all that came between is new.
            place = new.places([before])[-1]
            return place < at and not any(map(old.holds, new.words[place + 1 : at]))
        if now_before is not None and old.holds(now_before):
            # Its neighbour stood further up: then all that was between is gone.
            place = old.places([now_before])[-1]
            return place < first and not any(map(new.holds, old.words[place + 1 : first]))
        return True

    def _for_a_person(self, found: Reanchored) -> Reanchored:
        if found.state in NEEDS_A_PERSON:
            return found
        return replace(found, state=AnchorState.EDITED, score=min(found.score, 0.9))
