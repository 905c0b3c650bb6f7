"""Highlights are cut on the server, and the pieces join up to the article."""

import random
import time

from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.documents.segments import Mark, Segment, segments
from annotations.domain.documents.text import normalise_text, paragraphs

TEXT = "Een twee drie.\n\nVier vijf zes."


@given(
    st.text(alphabet="ab \n").map(normalise_text),
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=12),
)
def test_pieces_join_up_and_carry_exactly_their_claims(text: str, places: list[tuple[int, int]]) -> None:
    marks = [Mark(number, start, end) for number, (start, end) in enumerate(places)]
    result = segments(text, marks)
    assert [(paragraph.start, paragraph.end) for paragraph in result] == paragraphs(text)
    for paragraph in result:
        assert "".join(piece.text for piece in paragraph.segments) == text[paragraph.start : paragraph.end]
        for piece in paragraph.segments:
            for at in range(piece.start, piece.end):
                assert set(piece.claim_ids) == {
                    mark.claim_id for mark in marks if mark.start <= at < mark.end
                }


@given(
    st.text(alphabet="ab \n").map(normalise_text),
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=12),
)
def test_each_visible_claim_begins_once(text: str, places: list[tuple[int, int]]) -> None:
    marks = [Mark(number, start, end) for number, (start, end) in enumerate(places)]
    pieces = [piece for paragraph in segments(text, marks) for piece in paragraph.segments]
    begun = [claim for piece in pieces for claim in piece.begins]
    assert sorted(begun) == sorted({claim for piece in pieces for claim in piece.claim_ids})


def test_overlapping_claims_give_a_piece_of_their_own() -> None:
    first, second = segments(TEXT, [Mark(1, 0, 8), Mark(2, 4, 20)])
    assert first.segments == (
        Segment(0, 4, "Een ", (1,), (1,)),
        Segment(4, 8, "twee", (1, 2), (2,)),
        Segment(8, 14, " drie.", (2,), ()),
    )
    assert second.segments[0] == Segment(16, 20, "Vier", (2,), ())


def test_a_text_without_claims_is_one_piece_a_paragraph() -> None:
    assert [len(paragraph.segments) for paragraph in segments(TEXT, [])] == [1, 1]


def test_five_hundred_overlapping_claims_in_a_long_article_are_cut_in_no_time() -> None:
    chance = random.Random(3)
    text = "\n\n".join("woord " * 99 + "eind." for _ in range(100))
    starts = [chance.randrange(len(text) - 500) for _ in range(500)]
    marks = [Mark(number, start, start + chance.randrange(20, 500)) for number, start in enumerate(starts)]
    best = min(_seconds(text, marks) for _ in range(5))
    assert best < 0.1


def _seconds(text: str, marks: list[Mark]) -> float:
    begun = time.perf_counter()
    segments(text, marks)
    return time.perf_counter() - begun
