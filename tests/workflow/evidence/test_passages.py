"""Relying on a passage: exact words of one reading of a source, chosen by a person."""

import json
from typing import Any

import pytest

from annotations.domain.errors import LeaseLost, Missing, NotAllowed, Refused
from annotations.models import Activity, Capture, Claim, Evidence, Manifest
from annotations.workflow.claims import leases
from annotations.workflow.claims.locking import ClaimLocked
from annotations.workflow.evidence.edit import (
    EvidenceWithdrawn,
    PassageAmbiguous,
    PassageMismatch,
    PassageNotFound,
    StaleEvidence,
    edit_evidence,
    rely_on_passage,
    withdraw_evidence,
)
from annotations.workflow.evidence.rules import EvidenceRefused
from tests.factories import (
    Team,
    give_verdict,
    make_capture,
    make_evidence,
    make_reference,
)

pytestmark = pytest.mark.django_db

TEXT = (
    "Minstens vijftig gewonden werden binnengebracht, zei de woordvoerder.\n\n"
    "Later op de avond werden vijftig gewonden geteld 👩‍⚕️🚑.\n\n"
    "وصل خمسون جريحا إلى المستشفى.\n\n"
    "医院收治了五十名伤员。"
)


@pytest.fixture
def evidence(team: Team, claim: Claim) -> Evidence:
    return make_evidence(team, claim)


@pytest.fixture
def capture(evidence: Evidence) -> Capture:
    return make_capture(evidence.reference, TEXT)


def choose(team: Team, evidence: Evidence, capture: Capture, words: str, **options: Any) -> Evidence:
    given: dict[str, Any] = {"version": evidence.version, "by": team.editor} | options
    return rely_on_passage(evidence.pk, capture_id=capture.pk, words=words, **given)


def kept(evidence: Evidence) -> dict[str, Any]:
    """The whole row and what is said of it, which a refusal must leave alone."""
    return {
        **Evidence.objects.filter(pk=evidence.pk).values().get(),
        "lines": Activity.objects.filter(object_type="evidence").count(),
        "statements": Manifest.objects.count(),
    }


def test_selected_words_are_kept_with_their_place_and_their_reading(
    team: Team, evidence: Evidence, capture: Capture
) -> None:
    start = TEXT.index("vijftig gewonden geteld")

    chosen = choose(team, evidence, capture, "vijftig gewonden", start=start, end=start + 16)

    assert (chosen.capture, chosen.passage) == (capture, "vijftig gewonden")
    assert (chosen.passage_start, chosen.passage_end) == (start, start + 16)
    assert chosen.version == 2
    line = Activity.objects.get(verb="chose_passage")
    assert line.details["before"] == {
        "capture": None,
        "passage": "",
        "passage_start": None,
        "passage_end": None,
    }


def test_a_chosen_passage_is_stated_with_the_reading_it_stands_in(
    team: Team, evidence: Evidence, capture: Capture
) -> None:
    choose(team, evidence, capture, "zei de woordvoerder")

    stated = Manifest.objects.get(kind="passage", evidence=evidence)

    assert stated.capture == capture
    [passage] = json.loads(stated.body)["passages"]
    assert (passage["exact"], passage["start"]) == ("zei de woordvoerder", TEXT.index("zei de"))


@pytest.mark.parametrize(
    "words",
    [
        "geteld 👩‍⚕️🚑",
        "وصل خمسون جريحا",
        "收治了五十名",
        "zei de woordvoerder.\n\nLater op de avond",
        "المستشفى.\n\n医院",
    ],
)
def test_words_of_every_script_and_over_paragraphs_stand_where_they_were_selected(
    team: Team, evidence: Evidence, capture: Capture, words: str
) -> None:
    start = TEXT.index(words)
    end = start + len(words)

    chosen = choose(team, evidence, capture, words, start=start, end=end)

    assert (chosen.passage, chosen.passage_start, chosen.passage_end) == (words, start, end)


@pytest.mark.parametrize(
    ("text", "pasted", "exact"),
    [
        ("Une journée d’été à Caracas.", "e\u0301te\u0301 a\u0300 Caracas", "été à Caracas"),
        ("De woordvoerder zei het.", "woord\u00advoer\u00adder", "woordvoerder"),
        (
            "Zij zei: “vijftig gewonden” – later meer.",
            '"vijftig gewonden" - later',
            "“vijftig gewonden” – later",
        ),
        ("Eerste alinea.\n\nTweede alinea.", "alinea.\r\n\r\nTweede", "alinea.\n\nTweede"),
        ("Eerste alinea.\n\nTweede alinea.", "alinea. Tweede", "alinea.\n\nTweede"),
    ],
)
def test_pasted_words_are_kept_as_the_reading_has_them(
    team: Team, evidence: Evidence, text: str, pasted: str, exact: str
) -> None:
    chosen = choose(team, evidence, make_capture(evidence.reference, text), pasted)

    assert chosen.passage == exact
    assert text[chosen.passage_start : chosen.passage_end] == exact


def test_pasted_words_that_stand_twice_are_asked_about_and_then_placed(
    team: Team, evidence: Evidence, capture: Capture
) -> None:
    before = kept(evidence)

    with pytest.raises(PassageAmbiguous) as refused:
        choose(team, evidence, capture, "vijftig gewonden")

    assert kept(evidence) == before
    assert [TEXT[place.start : place.end] for place in refused.value.places] == ["vijftig gewonden"] * 2
    second = refused.value.places[1].start
    assert choose(team, evidence, capture, "vijftig gewonden", place=second).passage_start == second


def test_a_place_that_the_words_no_longer_have_is_asked_about_again(
    team: Team, evidence: Evidence, capture: Capture
) -> None:
    with pytest.raises(PassageAmbiguous):
        choose(team, evidence, capture, "vijftig gewonden", place=3)
    assert choose(team, evidence, capture, "zei de woordvoerder", place=3).passage == "zei de woordvoerder"


@pytest.mark.parametrize(
    ("words", "place", "refusal"),
    [
        ("zestig gewonden", {}, PassageNotFound),
        ("", {}, PassageNotFound),
        (" … ", {}, PassageNotFound),
        ("Minstens", {"start": 1, "end": 9}, PassageMismatch),
        ("Minstens", {"start": 0, "end": 9_999}, PassageMismatch),
        ("Minstens", {"start": 8, "end": 8}, PassageMismatch),
        ("a" * 5_001, {}, EvidenceRefused),
    ],
)
def test_words_that_do_not_stand_there_are_refused_and_nothing_changes(
    team: Team,
    evidence: Evidence,
    capture: Capture,
    words: str,
    place: dict[str, int],
    refusal: type[Refused],
) -> None:
    before = kept(evidence)

    with pytest.raises(refusal) as refused:
        choose(team, evidence, capture, words, **place)

    assert set(refused.value.fields) == {"words"}
    assert kept(evidence) == before


def test_a_reading_of_another_source_is_refused(team: Team, evidence: Evidence) -> None:
    other = make_capture(make_reference(team, "https://example.org/other"), TEXT)
    before = kept(evidence)

    with pytest.raises(Missing):
        choose(team, evidence, other, "zei de woordvoerder")

    assert kept(evidence) == before


def test_a_selection_is_kept_without_the_blanks_at_its_ends(
    team: Team, evidence: Evidence, capture: Capture
) -> None:
    chosen = choose(team, evidence, capture, " vijftig ", start=8, end=17)

    assert (chosen.passage, chosen.passage_start, chosen.passage_end) == ("vijftig", 9, 16)


def test_choosing_again_in_a_newer_reading_pins_that_one(
    team: Team, evidence: Evidence, capture: Capture
) -> None:
    chosen = choose(team, evidence, capture, "zei de woordvoerder")
    newer = make_capture(evidence.reference, "Nu: " + TEXT)

    again = choose(team, chosen, newer, "zei de woordvoerder")

    assert (again.capture, again.version) == (newer, 3)
    assert again.passage_start == (chosen.passage_start or 0) + 4
    assert list(
        Manifest.objects.filter(kind="passage").order_by("number").values_list("capture", flat=True)
    ) == [
        capture.pk,
        newer.pk,
    ]


def test_choosing_what_is_chosen_changes_nothing(team: Team, evidence: Evidence, capture: Capture) -> None:
    choose(team, evidence, capture, "zei de woordvoerder")
    before = kept(evidence)

    choose(team, evidence, capture, "zei de woordvoerder", version=1, by=team.colleague)

    assert kept(evidence) == before


def test_whoever_chooses_the_passage_is_one_of_its_authors(
    team: Team, evidence: Evidence, capture: Capture
) -> None:
    assert choose(team, evidence, capture, "Minstens", by=team.colleague).author_ids == [
        team.editor.pk,
        team.colleague.pk,
    ]


def test_an_older_state_of_the_source_is_refused_and_shows_the_newer(
    team: Team, evidence: Evidence, capture: Capture
) -> None:
    choose(team, evidence, capture, "Minstens", by=team.colleague)
    before = kept(evidence)

    with pytest.raises(StaleEvidence) as refused:
        choose(team, evidence, capture, "zei de woordvoerder", version=1)

    assert refused.value.current["passage"] == "Minstens"
    assert kept(evidence) == before


def test_a_withdrawn_source_takes_no_passage(team: Team, evidence: Evidence, capture: Capture) -> None:
    withdrawn = withdraw_evidence(evidence.pk, by=team.editor)
    before = kept(evidence)

    with pytest.raises(EvidenceWithdrawn):
        choose(team, withdrawn, capture, "Minstens")

    assert kept(evidence) == before


def test_a_claim_in_review_takes_no_passage(
    team: Team, claim: Claim, evidence: Evidence, capture: Capture
) -> None:
    give_verdict(team, claim, submit=True)
    before = kept(evidence)

    with pytest.raises(ClaimLocked):
        choose(team, evidence, capture, "Minstens")

    assert kept(evidence) == before


@pytest.mark.parametrize(("person", "refusal"), [("viewer", NotAllowed), ("outsider", Missing)])
def test_who_may_not_attach_sources_chooses_no_passage(
    team: Team, evidence: Evidence, capture: Capture, person: str, refusal: type[Refused]
) -> None:
    before = kept(evidence)

    with pytest.raises(refusal):
        choose(team, evidence, capture, "Minstens", by=getattr(team, person))

    assert kept(evidence) == before


def test_a_lost_hold_chooses_no_passage(
    team: Team, claim: Claim, evidence: Evidence, capture: Capture
) -> None:
    held = leases.hold(claim.pk, by=team.editor)
    before = kept(evidence)

    with pytest.raises(LeaseLost):
        choose(team, evidence, capture, "Minstens", lease_token=held.lease_token + 1)

    assert kept(evidence) == before
    assert choose(team, evidence, capture, "Minstens", lease_token=held.lease_token).passage == "Minstens"


def test_editing_the_note_leaves_a_passage_over_two_paragraphs_where_it_was_chosen(
    team: Team, evidence: Evidence
) -> None:
    text = "Een.\n\nTwee.\n\nEen.\n\nTwee."
    chosen = choose(team, evidence, make_capture(evidence.reference, text), "Een.\n\nTwee.", place=13)

    # A form sends line breaks as CRLF.
    edited = edit_evidence(
        evidence.pk,
        version=chosen.version,
        stance="supports",
        passage="Een.\r\n\r\nTwee.",
        note="Read it.",
        by=team.editor,
    )

    assert (edited.passage, edited.passage_start, edited.note) == ("Een.\n\nTwee.", 13, "Read it.")


def test_words_typed_by_hand_that_the_page_lacks_are_kept_without_a_place(
    team: Team, evidence: Evidence, capture: Capture
) -> None:
    chosen = choose(team, evidence, capture, "Minstens")

    edited = edit_evidence(
        evidence.pk,
        version=chosen.version,
        stance="supports",
        passage="Dit staat er niet",
        note="",
        by=team.editor,
    )

    assert (edited.passage, edited.passage_start, edited.passage_end) == ("Dit staat er niet", None, None)
