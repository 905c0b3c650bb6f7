"""No claim moves silently: only unchanged words in unchanged surroundings are carried over."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.domain.claims.anchoring import AnchorState, anchor_at
from annotations.domain.claims.article_revision import ArticleRevision as Revision
from annotations.domain.claims.article_revision import reanchor
from annotations.domain.claims.guarded_words import guarded_tokens
from annotations.domain.claims.reanchoring import Reanchored
from annotations.domain.documents.text import normalise_text

FIRST = "Op 30 april 2019 riep Juan Guaidó het leger op om in opstand te komen."
CLAIM = "Volgens een woordvoerder van het ziekenhuis zijn minstens vijftig gewonden binnengebracht."
LAST = "President Maduro liet weten dat het hoofd van de inlichtingendienst is vervangen."
OLD = f"{FIRST}\n\n{CLAIM} De meesten konden dezelfde dag naar huis.\n\n{LAST}"


def carried(old: str, new: str, words: str) -> tuple[Reanchored, str]:
    start = old.index(words)
    result = reanchor(old, new, anchor_at(old, start, start + len(words)))
    return result, "" if result.start is None or result.end is None else new[result.start : result.end]


def test_the_same_text_keeps_every_claim_exactly() -> None:
    result, words = carried(OLD, OLD, CLAIM)
    assert (result.state, words, result.score) == (AnchorState.EXACT, CLAIM, 1.0)


def test_text_added_elsewhere_leaves_a_claim_exact_at_its_new_place() -> None:
    new = "Een nieuwe inleiding van de redactie.\n\n" + OLD + "\n\nEen naschrift."
    result, words = carried(OLD, new, CLAIM)
    assert (result.state, words) == (AnchorState.EXACT, CLAIM)


def test_a_paragraph_that_changed_places_moves_its_claim() -> None:
    claim_paragraph = OLD.split("\n\n")[1]
    new = f"{FIRST}\n\n{LAST}\n\n{claim_paragraph}"
    result, words = carried(OLD, new, CLAIM)
    assert (result.state, words) == (AnchorState.MOVED, CLAIM)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("vijftig", "vijftien"),
        ("minstens vijftig", "vijftig"),
        ("zijn minstens", "zijn niet minstens"),
        ("woordvoerder", "woordvoerster"),
        ("het ziekenhuis", "het Franciscusziekenhuis"),
    ],
)
def test_changed_words_of_a_claim_are_found_and_marked_edited(before: str, after: str) -> None:
    new = OLD.replace(before, after)
    result, words = carried(OLD, new, CLAIM)
    assert (result.state, words) == (AnchorState.EDITED, CLAIM.replace(before, after))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "De economie groeide met 9% in 2018, zei hij.",
            "De economie groeide met 3% in 2018, zei hij.",
            "groeide met 9%",
        ),
        (
            "Hij zei op 30 april dat de minister aftrad.",
            "Hij zei op 29 april dat de minister aftrad.",
            "de minister aftrad",
        ),
        (
            "Volgens Jansen trad de minister af.",
            "Volgens Pieters trad de minister af.",
            "trad de minister af",
        ),
        (
            "Het is waar dat er schoten vielen.",
            "Het is niet waar dat er schoten vielen.",
            "er schoten vielen",
        ),
        ("It is true that shots were fired.", "It isn't true that shots were fired.", "shots were fired"),
        ("Het kostte € 5 per stuk, zei zij.", "Het kostte $ 5 per stuk, zei zij.", "Het kostte"),
    ],
)
def test_a_change_of_figure_date_name_or_negation_beside_the_words_is_edited(
    old: str, new: str, words: str
) -> None:
    result, _ = carried(old, new, words)
    assert result.state is AnchorState.EDITED


def test_a_look_alike_left_in_place_does_not_take_over_a_rewritten_claim() -> None:
    other = "The red team won the final match on Sunday with four goals."
    claim = "The blue team won the final match on Sunday with two goals."
    rewritten = "On Sunday the blue side narrowly took the last match."
    result, _ = carried(f"{other}\n\n{claim}", f"{other}\n\n{rewritten}", claim)
    assert result.state is AnchorState.ORPHANED


def test_a_deleted_claim_is_not_found_where_its_words_stood_for_something_else() -> None:
    words = "minstens vijftig gewonden"
    other = f"In 2014 vielen er {words} bij een ander protest."
    old = f"Het ziekenhuis meldde {words} na de rellen.\n\n{other}"
    result, _ = carried(old, other, words)
    assert result.state is AnchorState.ORPHANED


def test_the_same_words_new_in_another_context_are_ambiguous() -> None:
    words = "minstens vijftig gewonden"
    old = f"Het ziekenhuis meldde {words} na de rellen in de hoofdstad."
    new = f"Bij een ongeluk op de snelweg vielen {words}, aldus de politie van Madrid."
    result, _ = carried(old, new, words)
    assert result.state is AnchorState.AMBIGUOUS


def test_a_name_is_not_found_inside_another_word() -> None:
    result, _ = carried(
        "Linus made it in a weekend.", "The machines were made by others in years of work.", "Linus"
    )
    assert result.state is AnchorState.ORPHANED


def test_two_new_places_as_likely_are_ambiguous() -> None:
    words = "de brug bleef dicht"
    old = f"Begin. Die avond {words} tot middernacht. Eind."
    new = f"Anders. Die avond {words} tot middernacht.\n\nNog iets. Die avond {words} tot middernacht. Slot."
    result, _ = carried(old, new, words)
    assert result.state is AnchorState.AMBIGUOUS


def test_other_marks_in_its_sentence_are_for_a_person() -> None:
    old = 'Inleiding.\n\nHij zei: "wij zijn vrij" en ging.\n\nSlot.'
    new = "Inleiding.\n\nHij zei: “wij zijn vrij” en ging.\n\nSlot."
    result, words = carried(old, new, '"wij zijn vrij"')
    assert (result.state, words) == (AnchorState.EDITED, "“wij zijn vrij”")


def test_a_sentence_taken_away_after_a_quotation_sends_it_to_a_person() -> None:
    quotation = "“Zij deden dat op bevel van de grondwet.”"
    old = f"Inleiding van het stuk.\n\n{quotation} Hij zat sinds juli 2016 vast. Slot van het stuk."
    result, words = carried(old, old.replace(" Hij zat sinds juli 2016 vast.", ""), quotation)
    assert (result.state, words) == (AnchorState.EDITED, quotation)


def test_an_emptied_article_orphans_its_claims() -> None:
    result, _ = carried(OLD, "Ingetrokken.", CLAIM)
    assert result == Reanchored(AnchorState.ORPHANED, None, None, 0.0)


def test_three_hundred_claims_are_placed_in_a_long_article() -> None:
    words = random.Random(7)
    vocabulary = [f"woord{number}" for number in range(400)]
    sentences = [" ".join(words.choices(vocabulary, k=18)).capitalize() + "." for _ in range(360)]
    old = "\n\n".join(" ".join(sentences[at : at + 6]) for at in range(0, 360, 6))
    new = old.replace(sentences[100], sentences[100].replace(" ", " 7 ", 1))
    revision = Revision(old, new)
    states = []
    for sentence in sentences[:300]:
        at = old.index(sentence)
        states.append(revision.place(anchor_at(old, at, at + len(sentence))).state)
    assert states.count(AnchorState.EXACT) == 299
    assert states[100] is AnchorState.EDITED


@settings(max_examples=150)
@given(
    st.lists(st.sampled_from([FIRST, CLAIM, LAST, "Kort.", "Nee, 12 niet."]), min_size=1, max_size=6),
    st.data(),
)
def test_a_place_that_is_called_unchanged_holds_the_same_words(
    paragraphs: list[str], data: st.DataObject
) -> None:
    old = normalise_text("\n\n".join(paragraphs))
    shuffled = data.draw(st.permutations(paragraphs)) + data.draw(
        st.lists(st.sampled_from([LAST, "Nieuw 3."]), max_size=2)
    )
    new = normalise_text("\n\n".join(shuffled))
    start = data.draw(st.integers(0, len(old) - 1))
    end = data.draw(st.integers(start + 1, len(old)))
    if not any(map(str.isalnum, old[start:end])):
        return
    result = reanchor(old, new, anchor_at(old, start, end))
    if result.state is AnchorState.ORPHANED:
        assert result.start is None
        assert result.end is None
    else:
        assert result.start is not None
        assert result.end is not None
        assert 0 <= result.start < result.end <= len(new)
    if result.state in (AnchorState.EXACT, AnchorState.MOVED):
        assert new[result.start : result.end].split() == old[start:end].split()


@given(st.sampled_from(range(len(CLAIM))), st.characters(categories=["Nd"]))
def test_a_digit_put_anywhere_into_a_claim_is_never_carried_over_unseen(at: int, digit: str) -> None:
    result, _ = carried(OLD, OLD.replace(CLAIM, CLAIM[:at] + digit + CLAIM[at:]), CLAIM)
    assert result.state not in (AnchorState.EXACT, AnchorState.MOVED)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Er waren 50 gewonden", "Er waren 51 gewonden"),
        ("Hij kwam wel", "Hij kwam niet"),
        ("ging naar Caracas", "ging naar Bogotá"),
        ("in april gezien", "in mei gezien"),
        ("kostte 5 €", "kostte 5 $"),
        ("het was bijna de helft", "het was de helft"),
    ],
)
def test_guarded_words_tell_two_claims_apart(one: str, other: str) -> None:
    assert guarded_tokens(one) != guarded_tokens(other)


def test_other_words_and_marks_do_not_count_as_guarded() -> None:
    assert guarded_tokens("Men zag ‘gewonden’ liggen") == guarded_tokens('Men vond "gewonden" daar')
