"""The words of a claim stand where they stood, and say something else all the same: a person looks."""

import pytest

from annotations.domain.claims.anchoring import AnchorState, anchor_at
from annotations.domain.claims.article_revision import reanchor
from annotations.domain.claims.reanchoring import NEEDS_A_PERSON, Reanchored
from annotations.domain.documents.text import clean_text

END = "\n\nHet weer blijft morgen droog. De zon schijnt."


def placed(old: str, new: str, words: str) -> Reanchored:
    before, after = clean_text(old), clean_text(new)
    start = before.index(words)
    return reanchor(before, after, anchor_at(before, start, start + len(words)))


WRAPPED = (
    "Volgens de woordvoerder van de politie klopt het dat er bij de\n"
    "rellen van gisteren in de binnenstad en in de wijken\n"
    "daaromheen zeker vijftig gewonden zijn gevallen."
)
CHANGED = {
    "a line above in one sentence": (
        WRAPPED,
        "klopt het dat",
        "klopt het NIET dat",
        "zeker vijftig gewonden",
    ),
    "a line below in one sentence": (
        "Er vielen zeker vijftig gewonden,\nzei de burgemeester gisteren.",
        "zei de",
        "ontkende de",
        "zeker vijftig gewonden",
    ),
    "who said it, in Japanese": (
        "「負傷者は50人だった。」と警察は述べた。",
        "述べた",
        "否定した",
        "負傷者は50人だった。",
    ),
    "who said it, in Chinese": ("“有50人受伤。”警方证实。市长沉默。", "证实", "否认", "有50人受伤。"),
    "who said it, in Hindi": ("“50 लोग घायल हुए।” पुलिस ने पुष्टि की।", "पुष्टि की", "खंडन किया", "50 लोग घायल हुए।"),
    "who said it, in Dutch": (
        "“Er vielen vijftig gewonden.” Dat zei de minister.",
        "zei",
        "ontkende",
        "vijftig",
    ),
}


@pytest.mark.parametrize(("text", "was", "now", "words"), CHANGED.values(), ids=CHANGED)
def test_a_change_in_the_same_sentence_goes_to_a_person(text: str, was: str, now: str, words: str) -> None:
    assert placed(text + END, text + "\n\nNog een alinea." + END, words).state == AnchorState.EXACT
    assert placed(text + END, text.replace(was, now) + END, words).state in NEEDS_A_PERSON


SECTIONS = (
    "Almere\n\nDe cijfers zijn bekend. Dat is 5 procent meer dan vorig jaar. De politie is blij.\n\n"
    "Breda\n\nDe cijfers zijn bekend. Het is een daling. De burgemeester zwijgt."
)
TABLE = "Almere\n\n900 diefstallen\n\n5 procent meer\n\nBreda\n\n800 diefstallen\n\n3 procent minder"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SECTIONS, "Dat is 5 procent meer dan vorig jaar."),
        (TABLE, "5 procent meer"),
        (TABLE, "3 procent minder"),
    ],
    ids=["sections", "first in a table", "last in a table"],
)
def test_headings_that_changed_places_send_what_stands_under_them_to_a_person(text: str, words: str) -> None:
    exchanged = text.replace("Almere", "?").replace("Breda", "Almere").replace("?", "Breda")
    assert placed(text + END, "Vooraf.\n\n" + text + END, words).state not in NEEDS_A_PERSON
    assert placed(text + END, exchanged + END, words).state in NEEDS_A_PERSON


def test_a_heading_that_is_gone_sends_what_stood_under_it_to_a_person() -> None:
    found = placed(SECTIONS + END, SECTIONS.replace("Breda\n\n", "") + END, "Het is een daling.")
    assert found.state in NEEDS_A_PERSON


def test_a_heading_with_other_words_is_shown() -> None:
    text = "Feiten op een rij:\n- De brug is van 1987.\n- Er vielen 50 gewonden.\n- De burgemeester trad af."
    found = placed(text + END, text.replace("Feiten", "Fabels") + END, "Er vielen 50 gewonden.")
    assert (found.state, found.before_changed) == (AnchorState.EXACT, True)


def test_a_section_that_moves_with_its_heading_takes_its_claims_along() -> None:
    first, second = SECTIONS.replace("De cijfers zijn bekend. ", "").split("\n\nBreda")
    moved = f"Breda{second}\n\n{first}"
    found = placed(f"{first}\n\nBreda{second}{END}", moved + END, "Het is een daling.")
    assert found.state not in NEEDS_A_PERSON
