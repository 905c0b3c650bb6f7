"""A passage is found again as what it is, and a change of meaning is never taken for the same words."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.domain.documents.text import normalise_text
from annotations.domain.evidence.passages import LaterText, PassageState, re_anchor

FIRST = "Op 30 april riep Juan Guaidó het leger op om in opstand te komen."
PASSAGE = "zijn minstens vijftig gewonden binnengebracht"
SECOND = f"Volgens een woordvoerder van het ziekenhuis {PASSAGE}. De meesten gingen naar huis."
LAST = "President Maduro liet weten dat het hoofd van de inlichtingendienst is vervangen."
OLD = f"{FIRST}\n\n{SECOND}\n\n{LAST}"


def placed(new: str, *, old: str = OLD, words: str = PASSAGE) -> tuple[PassageState, str]:
    start = old.index(words)
    found = re_anchor(old, new, start, start + len(words))
    if found.start is not None and found.end is not None:
        assert new[found.start : found.end] == found.words
    else:
        assert (found.end, found.words) == (None, "")
    return found.state, found.words


@pytest.mark.parametrize(
    ("new", "state", "words"),
    [
        (OLD, PassageState.FOUND, PASSAGE),
        ("Een nieuwe inleiding.\n\n" + OLD, PassageState.FOUND, PASSAGE),
        (OLD.replace(LAST, ""), PassageState.FOUND, PASSAGE),
        (f"{FIRST}\n\n{LAST}\n\n{SECOND}", PassageState.MOVED, PASSAGE),
        (OLD.replace("vijftig", "vijftien"), PassageState.CHANGED, PASSAGE.replace("vijftig", "vijftien")),
        (OLD.replace("zijn minstens", "zijn niet minstens"), PassageState.CHANGED,
         PASSAGE.replace("zijn minstens", "zijn niet minstens")),
        (OLD.replace("gewonden binnengebracht", "gewonde mensen binnengebracht"), PassageState.CHANGED,
         PASSAGE.replace("gewonden binnengebracht", "gewonde mensen binnengebracht")),
        (OLD.replace(SECOND, "Het ziekenhuis wilde niets zeggen."), PassageState.GONE, ""),
        (FIRST, PassageState.GONE, ""),
        ("", PassageState.GONE, ""),
    ],
    ids=["same", "above", "below", "moved", "figure", "negation", "words", "replaced", "cut", "empty"],
)  # fmt: skip
def test_a_passage_in_a_later_reading(new: str, state: PassageState, words: str) -> None:
    assert placed(new) == (state, words)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (
            "Er vielen 50 doden, zei hij op 3 mei.",
            "Er vielen 50 doden, zei hij op 4 mei.",
            "Er vielen 50 doden",
        ),
        ("Volgens Jansen stortte de brug in.", "Volgens Pieters stortte de brug in.", "stortte de brug in"),
        ("The mayor did resign on Monday.", "The mayor did not resign on Monday.", "The mayor did"),
        ("El puente costó 4 millones.", "El puente costó 5 millones.", "El puente costó"),
    ],
)
def test_another_figure_date_name_or_negation_in_its_sentence_is_a_change(
    before: str, after: str, words: str
) -> None:
    assert placed(after, old=before, words=words)[0] is PassageState.CHANGED


def test_another_kind_of_quotation_mark_or_dash_is_the_same_passage() -> None:
    old = "He said: “fifty people – at least – were hurt” and left."
    new = 'He said: "fifty people - at least - were hurt" and left.'
    words = "“fifty people – at least – were hurt”"
    assert placed(new, old=old, words=words) == (
        PassageState.FOUND,
        '"fifty people - at least - were hurt"',
    )


def test_words_that_stood_there_twice_are_moved_when_the_place_relied_on_was_cut() -> None:
    old = f"{PASSAGE}.\n\n{FIRST}\n\n{LAST}\n\nLater: {PASSAGE}."
    new = f"{FIRST}\n\n{LAST}\n\nLater: {PASSAGE}."
    assert placed(new, old=old) == (PassageState.MOVED, PASSAGE)


def test_a_changed_figure_is_seen_although_the_old_one_still_stands_elsewhere() -> None:
    old = f"{SECOND}\n\n{FIRST}\n\n{LAST}\n\nEerder: {PASSAGE}."
    new = old.replace("vijftig", "zestig", 1)
    assert placed(new, old=old) == (PassageState.CHANGED, PASSAGE.replace("vijftig", "zestig"))


def test_several_passages_are_placed_by_one_comparison() -> None:
    text = LaterText(OLD, OLD.replace("30 april", "29 april"))
    states = [
        text.place(OLD.index(words), OLD.index(words) + len(words)).state
        for words in ("riep Juan Guaidó het leger op", PASSAGE)
    ]
    assert states == [PassageState.CHANGED, PassageState.FOUND]


@given(text=st.text(alphabet="ab é.\n12", min_size=1, max_size=120), data=st.data())
@settings(max_examples=200)
def test_the_same_text_holds_every_passage_where_it_stood(text: str, data: st.DataObject) -> None:
    clean = normalise_text(text)
    words = [at for at, sign in enumerate(clean) if sign.isalnum()]
    if not words:
        return
    start = data.draw(st.sampled_from(words))
    found = re_anchor(clean, clean, start, start + 1)
    assert (found.state, found.start, found.end) == (PassageState.FOUND, start, start + 1)


@given(st.integers(min_value=0, max_value=99), st.integers(min_value=0, max_value=99))
def test_no_changed_number_is_ever_found_unchanged(one: int, other: int) -> None:
    old = f"{FIRST}\n\nEr vielen {one} gewonden bij de brug, zei zij.\n\n{LAST}"
    new = old.replace(f"vielen {one} ", f"vielen {other} ")
    start = old.index("Er vielen")
    state = re_anchor(old, new, start, old.index(", zei")).state
    assert state is (PassageState.FOUND if one == other else PassageState.CHANGED)


@pytest.mark.parametrize("piece", ["a b c\n\n", "x\n", "the same words over and over again. "])
def test_a_page_made_of_endless_repeats_is_compared_in_seconds(piece: str) -> None:
    old = "Fifty people were hurt.\n\n" + piece * (400_000 // len(piece))
    begun = time.monotonic()
    found = re_anchor(old, "Now something else.\n" + old + "The end.", 0, 23)
    assert found.state in (PassageState.FOUND, PassageState.MOVED)
    assert time.monotonic() - begun < 20
