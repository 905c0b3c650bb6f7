"""Search for words in a newer text, by what both texts have in common.

Likeness is not meaning: after a change of one digit a sentence is almost the same but makes another claim. So
words are carried over only if they are exactly the same and have the same surroundings. All others get their
most likely place. For claims, `article_revision` asks for more.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel, Levenshtein

from annotations.domain.claims.anchoring import AnchorState, Quote, find_words
from annotations.domain.claims.guarded_words import guarded_tokens
from annotations.domain.differences import line_steps
from annotations.domain.documents.text import Span, whole_characters

NEEDS_A_PERSON = (AnchorState.EDITED, AnchorState.AMBIGUOUS, AnchorState.ORPHANED)


@dataclass(frozen=True, slots=True)
class Reanchored:
    """The claim's place in the new text; no place when orphaned. `score` is 0..1, 1 for unchanged.

    `before_changed`: the sentence before that of the claim is another one now.
    """

    state: AnchorState
    start: int | None
    end: int | None
    score: float
    before_changed: bool = False


ORPHANED = Reanchored(AnchorState.ORPHANED, None, None, 0.0)

# Context below the first value means another place, and words below the second are other words. Two
# candidates with scores closer than `_MARGIN` are ambiguous.
_CONTEXT_AGREES = 0.6
_WORDS_ALIKE = 0.6
_LIKELY = 0.62
_MARGIN = 0.12
_DISTINCT_LENGTH = 40
_SHORTEST_FUZZY = 12
_MAX_CANDIDATES = 3
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_SENTENCE_END = re.compile(r"[.!?。！？؟…]+[\"'”’»)]*\s|\n")
_MAX_TOKEN_TABLE = 30_000_000
# The limit for pairs of equal lines, such as empty ones between paragraphs: beyond it a person waits for
# seconds.
_MAX_LINE_PAIRS = 4_000_000


class Revision:
    """Two versions of one normalised text, compared once; `place` then finds each claim again."""

    def __init__(self, old_text: str, new_text: str) -> None:
        self.old_text = old_text
        self.new_text = new_text
        self._blocks = _equal_blocks(old_text, new_text)
        self._old_starts = [old for old, _, _ in self._blocks]
        self._new_starts = [new for _, new, _ in self._blocks]

    def carried(self, quote: Quote) -> Span | None:
        """Return the stretch that the comparison carried over, if all its characters were kept together."""
        start = self._forward(quote.start)
        last = self._forward(quote.end - 1)
        if start is None or last is None or self.new_text[start : last + 1] != quote.exact:
            return None
        return Span(start, last + 1)

    def place(self, quote: Quote) -> Reanchored:
        """Return the present place of the claim.

        The state is `exact` for its words at the place where the comparison of the texts puts them, and
        `moved` for its words among the same words elsewhere. It is `edited` if its words changed, or a
        figure, date, name or negation in its sentence. It is `ambiguous` for several equally likely places,
        and `orphaned` without a likely place.
        """
        mapped = self.carried(quote)
        if mapped is not None and self._trusted(quote, mapped):
            return self._guard(quote, mapped, AnchorState.EXACT, 1.0)
        here = self._occurrences(quote.exact)
        if here:
            return self._among_occurrences(quote, here)
        return self._likeness(quote)

    def _trusted(self, quote: Quote, span: Span) -> bool:
        """Return whether the place can be trusted.

        Long words that occur once are enough. Others need their neighbours and no new twin.
        """
        there = self.new_text.count(quote.exact)
        if len(quote.exact) >= _DISTINCT_LENGTH and there == 1:
            return True
        multiplied = there > self.old_text.count(quote.exact)
        return not multiplied and self._context(quote, span) >= _CONTEXT_AGREES

    def _among_occurrences(self, quote: Quote, places: list[Span]) -> Reanchored:
        # A place that was something else in the old text is not this claim, however similar its words are.
        ranked = sorted(
            (
                (self._context(quote, place), place)
                for place in places
                if not self._was_elsewhere(quote, place)
            ),
            reverse=True,
        )
        if not ranked:
            return self._likeness(quote)
        score, best = ranked[0]
        second = ranked[1][0] if len(ranked) > 1 else 0.0
        if score >= _CONTEXT_AGREES and score - second >= _MARGIN:
            return self._guard(quote, best, AnchorState.MOVED, score)
        return Reanchored(AnchorState.AMBIGUOUS, best.start, best.end, score / 2)

    def _likeness(self, quote: Quote) -> Reanchored:
        candidates = self._candidates(quote)
        ranked = sorted(((self._score(quote, place), place) for place in candidates), reverse=True)
        if not ranked or ranked[0][0] < _LIKELY:
            return ORPHANED
        score, best = ranked[0]
        if len(ranked) > 1 and score - ranked[1][0] < _MARGIN:
            return Reanchored(AnchorState.AMBIGUOUS, best.start, best.end, score / 2)
        return Reanchored(AnchorState.EDITED, best.start, best.end, score)

    def _guard(self, quote: Quote, place: Span, state: AnchorState, score: float) -> Reanchored:
        """Return the place with its state, or as edited if its sentence now says something else."""
        here = Span(quote.start, quote.end)
        if not same_figures_around(self.old_text, here, self.new_text, place):
            return Reanchored(AnchorState.EDITED, place.start, place.end, min(score, 0.9))
        return Reanchored(state, place.start, place.end, score)

    def _occurrences(self, exact: str) -> list[Span]:
        if exact in self.new_text:
            places, at = [], self.new_text.find(exact)
            while at != -1:
                places.append(Span(at, at + len(exact)))
                at = self.new_text.find(exact, at + 1)
            return places
        return find_words(self.new_text, exact)

    def _candidates(self, quote: Quote) -> list[Span]:
        """Return likely places of changed words: between kept neighbours, and by likeness in all the text."""
        places: list[Span] = []
        between = self._between_neighbours(quote)
        if between is not None:
            places.append(between)
        if len(quote.exact) >= _SHORTEST_FUZZY:
            places += self._alike(quote)
        kept: list[Span] = []
        for found in places:
            place = whole_characters(self.new_text, _trimmed(self.new_text, found))
            apart = all(place.end <= other.start or other.end <= place.start for other in kept)
            if place.start < place.end and apart and not self._was_elsewhere(quote, place):
                kept.append(place)
        return kept

    def _between_neighbours(self, quote: Quote) -> Span | None:
        """Return the stretch that replaced the old words, if both their neighbours were kept."""
        if quote.start == 0:
            start: int | None = 0
        else:
            before = self._forward(quote.start - 1)
            start = None if before is None else before + 1
        end = len(self.new_text) if quote.end == len(self.old_text) else self._forward(quote.end)
        if start is None or end is None or start >= end or end - start > 4 * len(quote.exact) + 40:
            return None
        return Span(start, end)

    def _alike(self, quote: Quote) -> list[Span]:
        found: list[Span] = []
        haystack = self.new_text
        for _ in range(_MAX_CANDIDATES):
            alignment = fuzz.partial_ratio_alignment(quote.exact, haystack, score_cutoff=100 * _WORDS_ALIKE)
            if alignment is None or alignment.dest_start >= alignment.dest_end:
                break
            found.append(self._to_whole_words(Span(alignment.dest_start, alignment.dest_end)))
            # The match is masked by characters that no article holds, so that the next best place is found at
            # equal offsets.
            masked = "\ufffe" * (alignment.dest_end - alignment.dest_start)
            haystack = haystack[: alignment.dest_start] + masked + haystack[alignment.dest_end :]
        return found

    def _to_whole_words(self, span: Span) -> Span:
        start, end = span
        while start > 0 and self.new_text[start].isalnum() and self.new_text[start - 1].isalnum():
            start -= 1
        while end < len(self.new_text) and self.new_text[end - 1].isalnum() and self.new_text[end].isalnum():
            end += 1
        return Span(start, end)

    def _score(self, quote: Quote, place: Span) -> float:
        words = Indel.normalized_similarity(quote.exact, self.new_text[place.start : place.end])
        if words < _WORDS_ALIKE - 0.1:
            return 0.0
        return 0.6 * words + 0.4 * self._context(quote, place)

    def _context(self, quote: Quote, place: Span) -> float:
        """Return the likeness of the words before and after, 0..1. A side without words does not count."""
        before = self.new_text[max(0, place.start - len(quote.prefix)) : place.start]
        after = self.new_text[place.end : place.end + len(quote.suffix)]
        sides = [(quote.prefix, before), (quote.suffix, after)]
        known = [Indel.normalized_similarity(old, new) for old, new in sides if old]
        return sum(known) / len(known) if known else 0.0

    def _was_elsewhere(self, quote: Quote, place: Span) -> bool:
        """Return whether the whole place was carried over from a part of the old text outside the claim."""
        start, last = self._backward(place.start), self._backward(place.end - 1)
        if start is None or last is None or last - start != place.end - 1 - place.start:
            return False
        return last < quote.start or start >= quote.end

    def _forward(self, offset: int) -> int | None:
        return _shift(self._blocks, self._old_starts, offset, 0)

    def _backward(self, offset: int) -> int | None:
        return _shift(self._blocks, self._new_starts, offset, 1)


def same_figures_around(old_text: str, old: Span, new_text: str, new: Span) -> bool:
    """Return whether the sentences of two places have the same figures, dates, names and negations."""
    return guarded_tokens(_sentence_around(old_text, old)) == guarded_tokens(_sentence_around(new_text, new))


def _shift(blocks: list[tuple[int, int, int]], starts: list[int], offset: int, side: int) -> int | None:
    """Return the offset in the other text of a character that both texts have, or None."""
    at = bisect_right(starts, offset) - 1
    if at < 0:
        return None
    within = offset - blocks[at][side]
    return blocks[at][1 - side] + within if within < blocks[at][2] else None


def _equal_blocks(old: str, new: str) -> list[tuple[int, int, int]]:
    """Return kept stretches as (old start, new start, length): whole lines first, then words."""
    old_lines, new_lines = old.splitlines(keepends=True), new.splitlines(keepends=True)
    old_at, new_at = _starts(old_lines), _starts(new_lines)
    blocks: list[tuple[int, int, int]] = []
    for tag, a, b, c, d in line_steps(old_lines, new_lines, most_pairs=_MAX_LINE_PAIRS):
        if tag == "equal":
            blocks.append((old_at[a], new_at[c], old_at[b] - old_at[a]))
        elif tag == "replace":
            blocks += _equal_words("".join(old_lines[a:b]), "".join(new_lines[c:d]), old_at[a], new_at[c])
    return blocks


def _equal_words(old: str, new: str, old_offset: int, new_offset: int) -> list[tuple[int, int, int]]:
    old_tokens, new_tokens = _TOKEN.findall(old), _TOKEN.findall(new)
    if len(old_tokens) * len(new_tokens) > _MAX_TOKEN_TABLE:
        return []
    old_at, new_at = _starts(old_tokens), _starts(new_tokens)
    return [
        (
            old_offset + old_at[op.src_start],
            new_offset + new_at[op.dest_start],
            old_at[op.src_end] - old_at[op.src_start],
        )
        for op in Levenshtein.opcodes(old_tokens, new_tokens)
        if op.tag == "equal"
    ]


def _starts(pieces: list[str]) -> list[int]:
    starts = [0]
    for piece in pieces:
        starts.append(starts[-1] + len(piece))
    return starts


def _sentence_around(text: str, span: Span) -> str:
    """Return the span's text extended to the nearest ends of sentences, 600 characters at most."""
    window = max(0, span.start - 600)
    ends = [match.end() for match in _SENTENCE_END.finditer(text, window, span.start)]
    # The span's own last characters may end its sentence, so the search starts after its last letter.
    last = span.end
    while last > span.start and not text[last - 1].isalnum():
        last -= 1
    following = _SENTENCE_END.search(text, last, span.end + 600)
    return text[ends[-1] if ends else window : following.end() if following else span.end + 600]


def _trimmed(text: str, span: Span) -> Span:
    start, end = span
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)
