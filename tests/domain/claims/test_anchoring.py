"""A claim stands on exact words, and pasted words are found where they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.claims.anchoring import (
    CONTEXT_LENGTH,
    MAX_CONTEXT_LENGTH,
    MAX_EXACT_LENGTH,
    AnchorBlank,
    AnchorCutsCharacter,
    AnchorMismatch,
    AnchorOutOfRange,
    AnchorTooLong,
    anchor_at,
    anchors_at,
    find_words,
)
from annotations.domain.documents.text import Span, normalise_text
from annotations.domain.errors import Invalid

ARTICLE = (
    "’s-Ochtends werden “zeker vijftig” gewonden binnengebracht, zei een woordvoerder.\n\n"
    "President Maduro verving het hoofd van de SEBIN – ‘per direct’.\n\n"
    "Zeker vijftig gewonden,\nzei ook de burgemeester."
)


@given(st.text(min_size=1).map(normalise_text).filter(bool), st.data())
def test_an_anchor_always_holds_the_words_at_its_place(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    try:
        quote = anchor_at(text, start, end)
    except Invalid:
        return
    assert quote.exact == text[quote.start : quote.end] == text[start:end]
    assert text[: quote.start].endswith(quote.prefix)
    assert text[quote.end :].startswith(quote.suffix)


@given(
    st.text(alphabet="ab cé\n").map(normalise_text).filter(lambda text: any(map(str.isalnum, text))),
    st.data(),
)
def test_words_taken_from_a_text_are_found_in_it_again(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    words = text[start:end].strip()
    if any(map(str.isalnum, words)):
        at = text.index(words, start)
        assert Span(at, at + len(words)) in find_words(text, words)


@given(
    st.text(alphabet="ab cé\u0301\n.").map(normalise_text).filter(lambda text: any(map(str.isalnum, text))),
    st.data(),
)
def test_many_anchors_of_a_text_are_those_asked_for_one_by_one(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    places = [(start, data.draw(st.integers(start + 1, len(text)))) for _ in range(4)]
    try:
        one_by_one = [anchor_at(text, *place) for place in places]
    except Invalid as refusal:
        with pytest.raises(type(refusal)):
            anchors_at(text, places)
    else:
        assert anchors_at(text, places) == one_by_one


def test_words_that_go_on_elsewhere_are_not_taken_for_the_only_ones() -> None:
    text = "een twee drie. " + "x" * 40 + " geen twee driehoek " + "y" * 300
    [quote] = anchors_at(text, [(0, 13)])
    assert quote == anchor_at(text, 0, 13)
    assert text.count(quote.exact) == 2


def test_context_is_32_characters_where_the_words_occur_once() -> None:
    start = ARTICLE.index("Maduro")
    quote = anchor_at(ARTICLE, start, start + 6)
    assert (len(quote.prefix), len(quote.suffix)) == (CONTEXT_LENGTH, CONTEXT_LENGTH)


def test_context_grows_until_the_place_is_the_only_one() -> None:
    text = "begin " + "x" * 50 + " doel " + "y" * 50 + " einde " + "x" * 50 + " doel " + "y" * 50
    start = text.index("doel")
    quote = anchor_at(text, start, start + 4)
    assert text.count(quote.prefix + quote.exact + quote.suffix) == 1
    assert len(quote.prefix) > CONTEXT_LENGTH


def test_context_stops_growing_at_its_limit() -> None:
    text = "ja " * 1000
    quote = anchor_at(text.strip(), 1500, 1502)
    assert len(quote.prefix) == len(quote.suffix) == MAX_CONTEXT_LENGTH


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (3, 3), (5, 2), (0, len(ARTICLE) + 1)])
def test_a_place_outside_the_text_is_refused(start: int, end: int) -> None:
    with pytest.raises(AnchorOutOfRange):
        anchor_at(ARTICLE, start, end)


def test_blanks_and_bare_marks_are_no_claim() -> None:
    with pytest.raises(AnchorBlank):
        anchor_at("een – twee", 3, 6)


def test_a_selection_that_parts_a_character_is_refused() -> None:
    with pytest.raises(AnchorCutsCharacter):
        anchor_at("groep 👍🏽 akkoord", 0, 7)


def test_an_endless_selection_is_refused() -> None:
    with pytest.raises(AnchorTooLong):
        anchor_at("a" * (MAX_EXACT_LENGTH + 1), 0, MAX_EXACT_LENGTH + 1)


def test_words_that_are_not_at_the_place_are_refused() -> None:
    with pytest.raises(AnchorMismatch):
        anchor_at(ARTICLE, 0, 4, exact="nope")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ('"zeker vijftig" gewonden', ["“zeker vijftig” gewonden"]),
        ("'s-Ochtends werden", ["’s-Ochtends werden"]),
        ("SEBIN - 'per direct'", ["SEBIN – ‘per direct’"]),
        ("vijftig gewonden, zei ook", ["vijftig gewonden,\nzei ook"]),
        ("  de   burgemeester ", ["de burgemeester"]),
        ("zei", ["zei", "zei"]),
        ("vijf\u00adtig gewonden", ["vijftig gewonden"]),
        ("honderd gewonden", []),
        ("maduro", []),
        ("“”", []),
        ("", []),
    ],
)
def test_pasted_words_are_found_whatever_their_marks_and_blanks(words: str, found: list[str]) -> None:
    assert [ARTICLE[start:end] for start, end in find_words(ARTICLE, words)] == found


def test_three_full_stops_match_one_sign_of_omission() -> None:
    assert find_words("Nou… ja", "Nou... ja") == [Span(0, 7)]
    assert find_words("Nou... ja", "Nou… ja") == [Span(0, 9)]


def test_words_are_not_found_in_the_middle_of_a_character() -> None:
    assert find_words("e\u0323n", "e") == []
