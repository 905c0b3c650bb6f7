"""Links that open a live page at the passage relied on."""

import re
from urllib.parse import unquote, urldefrag

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.evidence.text_fragments import link_to_words

PAGE = "https://example.org/report"
TEXT = (
    "Minstens vijftig gewonden werden binnengebracht, zei de woordvoerder.\n\n"
    "Later werden vijftig gewonden geteld, onder wie 3 agenten.\n\n"
    "In het Hospital Vargas werden vijftig gewonden verzorgd & 12 ontslagen."
)


def link(words: str, text: str = TEXT, url: str = PAGE) -> str:
    start = text.index(words)
    return link_to_words(url, text, start, start + len(words))


def terms(url: str) -> dict[str, str]:
    """A reader of the directive as a browser has one."""
    found = re.search(r":~:text=(.*)$", urldefrag(url)[1])
    assert found
    parts = found[1].split(",")
    read = {}
    if parts[0].endswith("-"):
        read["prefix"] = unquote(parts.pop(0)[:-1])
    if parts[-1].startswith("-"):
        read["suffix"] = unquote(parts.pop()[1:])
    read["start"] = unquote(parts[0])
    if len(parts) > 1:
        read["end"] = unquote(parts[1])
    assert len(parts) <= 2
    return read


def test_words_that_stand_once_are_named_alone() -> None:
    assert link("zei de woordvoerder") == f"{PAGE}#:~:text=zei%20de%20woordvoerder"


def test_words_that_stand_more_than_once_are_named_with_their_neighbours() -> None:
    start = TEXT.index("vijftig gewonden", 80)

    assert terms(link_to_words(PAGE, TEXT, start, start + 16)) == {
        "prefix": "Later werden",
        "start": "vijftig gewonden",
        "suffix": "geteld, onder wie 3",
    }


def test_words_at_the_edges_of_the_text_have_one_neighbour() -> None:
    text = "Vijftig gewonden. Vijftig gewonden."

    assert terms(link_to_words(PAGE, text, 0, 7)) == {
        "start": "Vijftig",
        "suffix": "gewonden. Vijftig gewonden.",
    }


def test_marks_of_the_directive_inside_the_words_are_encoded() -> None:
    given = "ex-minister, 2019 & later"

    assert link(given, text=f"De {given} bleef.") == f"{PAGE}#:~:text=ex%2Dminister%2C%202019%20%26%20later"


def test_a_word_cut_in_the_middle_is_made_whole() -> None:
    assert terms(link("woordvoer"))["start"] == "woordvoerder"
    assert terms(link("oordvoerder"))["start"] == "woordvoerder"


def test_a_passage_over_paragraphs_is_named_by_its_two_ends() -> None:
    start, end = TEXT.index("Minstens"), TEXT.index(", onder wie")

    assert terms(link_to_words(PAGE, TEXT, start, end)) == {
        "start": "Minstens vijftig gewonden werden binnengebracht, zei",
        "end": "Later werden vijftig gewonden geteld",
    }


def test_a_long_passage_is_named_by_its_two_ends() -> None:
    words = " ".join(f"woord{number}" for number in range(200))

    assert terms(link_to_words(PAGE, words, 0, len(words))) == {
        "start": "woord0 woord1 woord2 woord3 woord4 woord5",
        "end": "woord194 woord195 woord196 woord197 woord198 woord199",
    }


def test_a_script_without_spaces_is_cut_by_length() -> None:
    text = "委内瑞拉总统更换了情报局长" * 40

    read = terms(link_to_words(PAGE, text, 0, len(text)))

    assert (len(read["start"]), len(read["end"])) == (40, 40)


def test_the_fragment_of_the_address_itself_stays() -> None:
    assert link("3 agenten", url=f"{PAGE}#toll") == f"{PAGE}#toll:~:text=3%20agenten"
    assert link("3 agenten", url=f"{PAGE}#:~:text=old") == f"{PAGE}#:~:text=3%20agenten"


@pytest.mark.parametrize("url", ["ftp://example.org/", "javascript:alert(1)", "note.pdf", ""])
def test_only_web_addresses_lead_anywhere(url: str) -> None:
    assert link_to_words(url, TEXT, 0, 8) == ""


def test_an_empty_passage_leads_nowhere() -> None:
    assert link_to_words(PAGE, TEXT, 5, 5) == ""
    assert link_to_words(PAGE, "a  b", 1, 3) == ""


@given(st.text(min_size=1, max_size=600), st.data())
def test_whatever_the_words_are_the_link_can_be_read_back(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))

    made = link_to_words(PAGE, text, start, end)

    if text[start:end].strip():
        flat = " ".join(text.split())
        assert all(" ".join(term.split()) in flat for term in terms(made).values())
        assert len(made) < 9 * 4 * 200 * 2
        assert made.isascii()


def test_a_repeated_end_within_the_passage_is_told_apart_by_what_follows() -> None:
    inner = "Zo begint het hier vandaag in de stad, en alles wat er staat is waar"
    text = f"{inner}.\n\nDaarna: en alles wat er staat is waar. Vervolg van de dag."
    end = text.rindex("is waar") + 7

    assert terms(link_to_words(PAGE, text, 0, end)) == {
        "start": "Zo begint het hier vandaag in",
        "end": "alles wat er staat is waar",
        "suffix": ". Vervolg van de",
    }


def test_words_of_a_text_that_is_not_whole_are_named_with_their_neighbours() -> None:
    start = TEXT.index("zei de woordvoerder")

    assert terms(link_to_words(PAGE, TEXT, start, start + 19, is_cut=True)) == {
        "prefix": "vijftig gewonden werden binnengebracht,",
        "start": "zei de woordvoerder",
        "suffix": ".",
    }


@pytest.mark.parametrize(
    ("text", "words", "whole"),
    [
        ("Zo'n 1,5 miljoen mensen.", "5", "1,5"),
        ("Zo’n drukte.", "n", "Zo’n"),
        ("Om 12.30 uur.", "30", "12.30"),
        ("यह हिन्दी है।", "न्", "हिन्दी"),
        ("De ex-minister sprak.", "minister", "minister"),
        ("Klaar.Nu verder.", "Nu", "Klaar.Nu"),
        ("Einde. Begin.", "Begin", "Begin"),
    ],
)
def test_what_a_browser_takes_for_one_word_is_not_parted(text: str, words: str, whole: str) -> None:
    assert terms(link(words, text=text))["start"] == whole


def test_a_long_passage_without_spaces_is_cut_at_its_marks() -> None:
    text = "委内瑞拉总统，更换了情报局长。消息人士说，数十人受伤。" * 20

    read = terms(link_to_words(PAGE, text, 0, len(text)))

    assert read["start"].startswith("委内瑞拉总统，更换了情报局长。")
    assert read["start"][-1] in "，。"
    assert read["end"].endswith("数十人受伤。")
