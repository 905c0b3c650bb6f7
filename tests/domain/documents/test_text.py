"""Text has one normal form, and what is no article is refused with a sentence that helps."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.documents.text import (
    MAX_TEXT_BYTES,
    Span,
    TextBinary,
    TextEmpty,
    TextTooLarge,
    check_text,
    clean_text,
    cuts_character,
    normalise_text,
    paragraphs,
    parts,
    text_sha256,
    whole_characters,
    words_after,
    words_before,
)

AWKWARD = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.sampled_from("\r\n\u2028\u2029\x0c \t\u00a0\u00ad\u200b\u200d\ufeffe\u0301\u0323’“"),
    )
)


@given(AWKWARD)
def test_normalising_twice_changes_nothing_more(raw: str) -> None:
    once = normalise_text(raw)
    assert normalise_text(once) == once
    assert unicodedata.is_normalized("NFC", once)


@given(AWKWARD)
def test_a_normal_text_can_be_stored_and_has_no_ragged_edges(raw: str) -> None:
    text = normalise_text(raw)
    text.encode("utf-8")
    assert "\x00" not in text
    assert "\r" not in text
    assert "\n\n\n" not in text
    assert text == text.strip()
    assert all(line == line.strip() for line in text.split("\n"))


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("een\r\ntwee\rdrie", "een\ntwee\ndrie"),
        ("een\r\n\r\n\r\n \t \r\ntwee", "een\n\ntwee"),
        ("een\u2029twee\u2028drie\x0cvier", "een\n\ntwee\ndrie\nvier"),
        ("\ufeffeen  \t twee   \n", "een twee"),
        ("zieken\u00adhuis", "ziekenhuis"),
        ("e\u00ad\u0301e\u0301n", "één"),
        ("zero\u200bwidth\u2060", "zerowidth"),
        ("NUL\x00 en \x1b[1m", "NUL en [1m"),
        ("€\u00a02,4", "€\u00a02,4"),
        ("👩\u200d⚕️ 👍🏽 🇳🇱", "👩\u200d⚕️ 👍🏽 🇳🇱"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("abc\u202egnp.exe", "abcgnp.exe"),
        ("half \ud83d pair", "half \ufffd pair"),
        ("\u3000\u3000据医院称。", "据医院称。"),
    ],
)
def test_each_rule_of_the_normal_form(raw: str, normal: str) -> None:
    assert normalise_text(raw) == normal


def test_an_emptied_text_is_refused() -> None:
    for nothing in ("", " \n\t", "\ufeff\u200b", "— … —"):
        with pytest.raises(TextEmpty):
            clean_text(nothing)


def test_a_text_at_the_limit_is_taken_and_one_byte_more_is_refused() -> None:
    assert len(clean_text("é" * (MAX_TEXT_BYTES // 2)).encode()) == MAX_TEXT_BYTES
    with pytest.raises(TextTooLarge):
        clean_text("é" * (MAX_TEXT_BYTES // 2) + "e")
    with pytest.raises(TextTooLarge):
        clean_text(" " * (5 * MAX_TEXT_BYTES))


@pytest.mark.parametrize(
    "raw", ["%PDF-1.7\nendobj", "PK\x03\x04rest", "a\x01b\x02c\x03d", "\ufffd\ufffd tekst \ufffd"]
)
def test_raw_bytes_shown_as_text_are_refused(raw: str) -> None:
    with pytest.raises(TextBinary):
        clean_text(raw)


def test_one_stray_control_character_in_an_article_is_no_reason_to_refuse_it() -> None:
    assert clean_text("De minister trad af. " * 20 + "\x07").startswith("De minister")


def test_refusals_carry_a_code_and_a_sentence() -> None:
    with pytest.raises(TextEmpty) as refusal:
        check_text("")
    assert refusal.value.code == "text_empty"
    assert "Paste or upload" in refusal.value.sentence


def test_paragraphs_are_the_text_without_the_empty_lines() -> None:
    text = "Kop\nonderkop\n\nTweede alinea.\n\nDerde."
    spans = paragraphs(text)
    assert [text[start:end] for start, end in spans] == ["Kop\nonderkop", "Tweede alinea.", "Derde."]
    assert "\n\n".join(text[start:end] for start, end in spans) == text


def test_the_hash_is_that_of_the_utf8_bytes() -> None:
    assert text_sha256("é") == "4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c"


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("e\u0323", 1),
        ("👍🏽", 1),
        ("🇳🇱", 1),
        ("🇳🇱🇧🇪", 3),
        ("👩\u200d⚕️", 1),
        ("👩\u200d⚕️", 2),
        ("👩\u200d⚕️", 3),
        ("1️⃣", 1),
        ("\u1112\u1161\u11ab", 1),
    ],
)
def test_a_cut_inside_a_character_is_seen_and_widened_to_the_whole(text: str, offset: int) -> None:
    assert cuts_character(text, offset)
    widened = whole_characters(text, Span(offset, offset + 1))
    assert not cuts_character(text, widened.start)
    assert not cuts_character(text, widened.end)


def test_a_cut_between_characters_is_no_cut_inside_one() -> None:
    assert not any(cuts_character("🇳🇱🇧🇪", offset) for offset in (0, 2, 4))
    assert not any(cuts_character("’s-ochtends", offset) for offset in range(12))


def test_a_short_text_is_one_part_and_an_empty_one_none() -> None:
    assert parts("Een.\n\nTwee.", 20) == [Span(0, 11)]
    assert parts("", 20) == []


def test_a_long_text_is_parted_between_paragraphs() -> None:
    text = "\n\n".join(f"Alinea {number}." for number in range(10, 20))

    found = [text[start:end] for start, end in parts(text, 15)]

    assert found[0] == "Alinea 10.\n\nAlinea 11."
    assert "\n\n".join(found) == text


@pytest.mark.parametrize(
    "text", ["woord " * 40 + "einde", "中" * 200, "e\u0323\u0306" * 60, "\U0001f1f3\U0001f1f1" * 60]
)
def test_a_paragraph_that_is_too_long_is_parted_between_words_or_characters(text: str) -> None:
    cut = parts(text, 20)

    assert max(end - start for start, end in cut) <= 40
    assert "".join(text[start:end] for start, end in cut).replace(" ", "") == text.replace(" ", "")
    assert not any(cuts_character(text, start) or cuts_character(text, end) for start, end in cut)


@given(st.text(alphabet="ab \n中", max_size=300), st.integers(1, 40))
def test_only_white_space_lies_between_two_parts(text: str, size: int) -> None:
    cut = parts(text, size)

    assert "".join("".join(text[start:end] for start, end in cut).split()) == "".join(text.split())
    assert all(left.end <= right.start for left, right in pairwise(cut))
    assert all(start < end for start, end in cut)


SENTENCE = "Volgens het ziekenhuis werden er vijftig gewonden binnengebracht."


def test_the_words_around_a_place_are_whole_and_say_where_they_are_cut() -> None:
    place = SENTENCE.index("vijftig")
    assert words_before(SENTENCE, place, 18) == "… werden er "
    assert words_after(SENTENCE, place, 18) == "vijftig gewonden …"


def test_what_is_shown_whole_bears_no_mark() -> None:
    place = SENTENCE.index("vijftig")
    assert words_before(SENTENCE, place, place) == SENTENCE[:place]
    assert words_after(SENTENCE, place, len(SENTENCE) - place) == SENTENCE[place:]
    assert words_before(SENTENCE, 0, 5) == words_after(SENTENCE, len(SENTENCE), 5) == ""


def test_where_no_blank_parts_words_characters_stay_whole() -> None:
    text = "据医院称有五十人受伤"
    assert (words_before(text, 5, 3), words_after(text, 5, 3)) == ("…院称有", "五十人…")
    accents = "e\u0301" * 6
    assert words_before(accents, 6, 3) == "…e\u0301"
    assert words_after(accents, 6, 3) == "e\u0301…"


@given(AWKWARD, st.integers(0, 40), st.integers(0, 12))
def test_the_words_around_a_place_are_the_text_s_own(text: str, place: int, length: int) -> None:
    place = min(place, len(text))
    before, after = words_before(text, place, length), words_after(text, place, length)
    assert text[:place].endswith(before.removeprefix("…") if place > length else before)
    assert text[place:].startswith(after.removesuffix("…") if len(text) - place > length else after)
    assert max(len(before), len(after)) <= length + 1
