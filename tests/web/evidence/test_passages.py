"""The page on which the passage relied on is chosen in the text of a source."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from time_machine import travel

from annotations.models import Capture, Claim, Evidence, PassagePlace
from annotations.queries.evidence.passage_text import PART
from annotations.workflow.claims import leases
from annotations.workflow.evidence.attach import attach_file
from annotations.workflow.evidence.edit import edit_evidence, rely_on_passage
from tests.factories import Team, give_verdict, make_capture, make_evidence, make_reference
from tests.web.conftest import words

pytestmark = pytest.mark.django_db

TEXT = "Before. Fifty injured were counted.\n\nLater fifty more; fifty injured in all."


@pytest.fixture
def evidence(team: Team, claim: Claim) -> Evidence:
    return make_evidence(team, claim, url="https://example.org/a")


@pytest.fixture
def capture(evidence: Evidence) -> Capture:
    return make_capture(evidence.reference, TEXT)


def sent(capture: Capture, given: str, **more: object) -> dict[str, object]:
    return {"capture": capture.pk, "version": 1, "words": given, **more}


def test_a_source_that_was_read_offers_to_choose_the_passage(
    editor: Client, evidence: Evidence, capture: Capture
) -> None:
    Evidence.objects.filter(pk=evidence.pk).update(capture=capture)

    card = words(editor, f"/claims/{evidence.claim_id}/")
    page = words(editor, f"/evidence/{evidence.pk}/text/")

    assert "Read it and choose the passage" in card
    assert f'href="/evidence/{evidence.pk}/text/#passage"' in card
    assert "Open the page at these words" not in card
    assert '<p dir="auto" data-start="0">Before. Fifty injured were counted.</p>' in page
    assert '<p dir="auto" data-start="37">Later fifty more; fifty injured in all.</p>' in page
    assert "Rely on this passage" in page


def test_a_source_that_was_not_read_offers_nothing_to_choose_from(editor: Client, evidence: Evidence) -> None:
    assert "choose the passage" not in words(editor, f"/claims/{evidence.claim_id}/")
    assert editor.get(f"/evidence/{evidence.pk}/text/").status_code == 404


def test_selected_words_are_relied_on_and_the_card_shows_them_in_context(
    editor: Client, evidence: Evidence, capture: Capture
) -> None:
    answer = editor.post(
        f"/evidence/{evidence.pk}/passage/", sent(capture, "fifty injured", start=55, end=68, lease_token="")
    )

    assert answer["Location"] == f"/claims/{evidence.claim_id}/#source-{evidence.pk}"
    evidence.refresh_from_db()
    assert (evidence.passage, evidence.passage_start, evidence.capture) == ("fifty injured", 55, capture)
    card = words(editor, f"/claims/{evidence.claim_id}/")
    assert "Later fifty more; <mark>fifty injured</mark> in all." in card
    assert "Choose another passage" in card
    page = words(editor, f"/evidence/{evidence.pk}/text/")
    assert '>Later fifty more; <mark id="passage">fifty injured</mark> in all.</p>' in page


def test_the_card_opens_the_live_page_at_the_words(
    editor: Client, evidence: Evidence, capture: Capture
) -> None:
    Evidence.objects.filter(pk=evidence.pk).update(url_given="https://example.org/a#toll")
    editor.post(f"/evidence/{evidence.pk}/passage/", sent(capture, "fifty injured", start=55, end=68))

    [link] = re.findall(
        r'href="([^"]*)"[^>]*>Open the page at these words', words(editor, f"/claims/{evidence.claim_id}/")
    )

    assert unescape(link) == (
        "https://example.org/a#toll:~:text=Later%20fifty%20more%3B-,fifty%20injured,-in%20all."
    )


def test_an_uploaded_file_has_no_live_page(editor: Client, team: Team, claim: Claim) -> None:
    attach_file(
        claim_id=claim.pk,
        filename="page.txt",
        content=TEXT.encode(),
        stance="supports",
        passage="fifty more",
        by=team.editor,
    )

    card = words(editor, f"/claims/{claim.pk}/")

    assert "<mark>fifty more</mark>" in card
    assert "Open the page at these words" not in card


def test_pasted_words_that_stand_twice_are_asked_about_and_kept(
    editor: Client, evidence: Evidence, capture: Capture
) -> None:
    where = f"/evidence/{evidence.pk}/passage/"
    asked = editor.post(where, sent(capture, "ifty injured"))
    text = " ".join(asked.content.decode().split())

    assert asked.status_code == 422
    assert "These words stand in the text 2 times." in text
    assert re.findall(r'name="place" value="(\d+)"', text) == ["9", "56"]
    assert "ifty injured</textarea>" in text
    assert Evidence.objects.get().passage == ""

    editor.post(where, sent(capture, "ifty injured", place=56))
    assert Evidence.objects.get().passage_start == 56


def test_words_that_are_not_there_are_refused_and_kept(
    editor: Client, evidence: Evidence, capture: Capture
) -> None:
    answer = editor.post(f"/evidence/{evidence.pk}/passage/", sent(capture, "Sixty injured"))
    text = answer.content.decode()

    assert answer.status_code == 422
    assert "do not stand in the text" in text
    assert "Sixty injured</textarea>" in text
    assert Evidence.objects.get().passage == ""


def test_words_at_another_place_than_said_are_refused_and_kept_without_the_place(
    editor: Client, evidence: Evidence, capture: Capture
) -> None:
    answer = editor.post(f"/evidence/{evidence.pk}/passage/", sent(capture, "Fifty injured", start=3, end=16))
    text = answer.content.decode()

    assert answer.status_code == 422
    assert "Fifty injured</textarea>" in text
    assert not re.search(r'name="start" value', text)
    assert Evidence.objects.get().passage_start is None


def test_a_stale_choice_shows_what_stands_there_now_and_can_be_sent_again(
    editor: Client, team: Team, evidence: Evidence, capture: Capture
) -> None:
    edit_evidence(evidence.pk, version=1, stance="supports", passage="Before.", note="", by=team.colleague)
    where = f"/evidence/{evidence.pk}/passage/"

    refused = editor.post(where, sent(capture, "Later fifty more"))
    text = refused.content.decode()

    assert refused.status_code == 409
    assert "Before.</p>" in text
    assert "Later fifty more</textarea>" in text
    assert 'name="version" value="2"' in text
    assert Evidence.objects.get().passage == "Before."
    assert editor.post(where, sent(capture, "Later fifty more") | {"version": 2}).status_code == 302
    assert Evidence.objects.get().passage == "Later fifty more"


def test_a_hold_that_was_lost_is_told_and_what_was_chosen_is_kept(
    editor: Client, team: Team, evidence: Evidence, capture: Capture
) -> None:
    held = leases.hold(evidence.claim_id, by=team.editor)
    leases.take_over(evidence.claim_id, by=team.manager)
    given = sent(
        capture, "Before. Fifty injured were counted. Later fifty more", lease_token=held.lease_token
    )

    answer = editor.post(f"/evidence/{evidence.pk}/passage/", given)

    assert answer.status_code == 409
    assert "Before. Fifty injured were counted. Later fifty more</textarea>" in answer.content.decode()
    assert Evidence.objects.get().passage == ""
    assert "Rely on this passage" not in words(editor, f"/evidence/{evidence.pk}/text/")


def test_the_page_of_ones_own_hold_carries_it_along(
    editor: Client, team: Team, evidence: Evidence, capture: Capture
) -> None:
    held = leases.hold(evidence.claim_id, by=team.editor)

    page = words(editor, f"/evidence/{evidence.pk}/text/")

    assert page.count(f'name="lease_token" value="{held.lease_token}"') == 2
    assert "claim_lease.js" in page


def test_a_passage_that_is_not_in_the_page_is_marked_so(
    editor: Client, team: Team, evidence: Evidence, capture: Capture
) -> None:
    edit_evidence(evidence.pk, version=1, stance="supports", passage="Typed by hand", note="", by=team.editor)

    card = words(editor, f"/claims/{evidence.claim_id}/")

    assert "These words do not stand in the page as it was read." in card
    assert "Open the page at these words" not in card
    assert "Typed by hand</textarea>" in words(editor, f"/evidence/{evidence.pk}/text/")


def test_a_newer_reading_with_another_text_is_offered_on_the_card(
    editor: Client, team: Team, evidence: Evidence, capture: Capture
) -> None:
    rely_on_passage(evidence.pk, capture_id=capture.pk, words="Later fifty more", version=1, by=team.editor)
    make_capture(evidence.reference, TEXT)
    assert "read again" not in words(editor, f"/claims/{evidence.claim_id}/")
    newer = make_capture(evidence.reference, "Updated. " + TEXT)

    card = words(editor, f"/claims/{evidence.claim_id}/")
    page = words(editor, f"/evidence/{evidence.pk}/text/?reading={newer.pk}")

    assert f'href="/evidence/{evidence.pk}/text/?reading={newer.pk}#passage"' in card
    assert "The passage stands in this reading too." in page
    assert '<mark id="passage">Later fifty more</mark>' in page
    assert f'name="capture" value="{newer.pk}"' in page
    answer = editor.post(
        f"/evidence/{evidence.pk}/passage/", sent(newer, "Later fifty more") | {"version": 2}
    )
    assert answer.status_code == 302
    assert Evidence.objects.get().capture == newer
    assert "read again" not in words(editor, f"/claims/{evidence.claim_id}/")


@pytest.mark.parametrize(
    ("later", "told"),
    [
        (TEXT.replace("Later fifty more", "Later sixty more"), "The passage reads differently here."),
        ("Nothing of it is left on this page.", "The passage does not stand in this reading."),
    ],
)
def test_a_newer_reading_says_what_became_of_the_passage(
    editor: Client, team: Team, evidence: Evidence, capture: Capture, later: str, told: str
) -> None:
    rely_on_passage(evidence.pk, capture_id=capture.pk, words="Later fifty more", version=1, by=team.editor)
    newer = make_capture(evidence.reference, later)

    assert told in words(editor, f"/evidence/{evidence.pk}/text/?reading={newer.pk}")


def test_in_a_long_reading_the_words_themselves_are_found_again(
    editor: Client, team: Team, evidence: Evidence, capture: Capture
) -> None:
    rely_on_passage(evidence.pk, capture_id=capture.pk, words="Later fifty more", version=1, by=team.editor)
    long = make_capture(evidence.reference, "Many words. " * 3_000 + "\n\n" + TEXT)

    page = words(editor, f"/evidence/{evidence.pk}/text/?reading={long.pk}")

    assert "The passage stands in this reading too." in page
    assert '<mark id="passage">Later fifty more</mark>' in page


def test_where_a_passage_was_found_again_is_shown_until_another_is_chosen(
    editor: Client, team: Team, evidence: Evidence, capture: Capture
) -> None:
    rely_on_passage(evidence.pk, capture_id=capture.pk, words="Later fifty more", version=1, by=team.editor)
    newer = make_capture(evidence.reference, TEXT.replace("Before", "Updated"))
    PassagePlace.objects.create(
        evidence=evidence, capture=newer, state="changed", start=0, end=7, words="Updated"
    )
    where = f"/evidence/{evidence.pk}/text/?reading={newer.pk}"

    assert '<mark id="passage">Updated</mark>' in words(editor, where)

    with travel(timezone.now() + timedelta(minutes=1), tick=True):
        rely_on_passage(evidence.pk, capture_id=capture.pk, words="injured in all", version=2, by=team.editor)
    assert '<mark id="passage">injured in all</mark>' in words(editor, where)


def test_a_reading_of_another_source_is_not_shown(
    editor: Client, team: Team, evidence: Evidence, capture: Capture
) -> None:
    other = make_capture(make_reference(team, "https://example.org/other"), "Secret of another page.")

    assert editor.get(f"/evidence/{evidence.pk}/text/?reading={other.pk}").status_code == 404
    assert editor.post(f"/evidence/{evidence.pk}/passage/", sent(other, "Secret")).status_code == 404
    assert Evidence.objects.get().capture is None


def test_a_text_with_markup_in_it_is_shown_as_text(editor: Client, team: Team, evidence: Evidence) -> None:
    hostile = make_capture(evidence.reference, "<script>alert(1)</script> & <b>bold</b>")
    rely_on_passage(evidence.pk, capture_id=hostile.pk, words="<b>bold</b>", version=1, by=team.editor)

    page = words(editor, f"/evidence/{evidence.pk}/text/")

    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; <mark" in page
    assert '<mark id="passage">&lt;b&gt;bold&lt;/b&gt;</mark>' in page


def test_a_claim_in_review_shows_the_text_without_the_form(
    editor: Client, team: Team, claim: Claim, evidence: Evidence, capture: Capture
) -> None:
    rely_on_passage(evidence.pk, capture_id=capture.pk, words="Later fifty more", version=1, by=team.editor)
    give_verdict(team, claim, submit=True)

    page = words(editor, f"/evidence/{evidence.pk}/text/")

    assert '<mark id="passage">Later fifty more</mark>' in page
    assert "Rely on this passage" not in page
    assert "word_selection.js" not in page
    assert "Read the text" in words(editor, f"/claims/{claim.pk}/")


def test_a_long_text_comes_in_parts_and_opens_at_the_passage(
    editor: Client, team: Team, evidence: Evidence
) -> None:
    text = "\n\n".join(f"Paragraph {number} of many words." for number in range(40_000))
    long = make_capture(evidence.reference, text)
    rely_on_passage(evidence.pk, capture_id=long.pk, words="Paragraph 39000 of", version=1, by=team.editor)
    where = f"/evidence/{evidence.pk}/text/"

    page, first = words(editor, where), words(editor, f"{where}?part=1")

    assert '<mark id="passage">Paragraph 39000 of</mark>' in page
    assert f'data-start="{text.index("Paragraph 39000 ")}"' in page
    assert f"of {-(-len(text) // PART) - 1}</nav>" in page
    assert len(page) < 4 * PART
    assert ">Paragraph 0 of many words.</p>" in first
    assert 'id="passage"' not in first


def test_the_page_takes_as_many_queries_for_one_reading_as_for_many(
    editor: Client, team: Team, evidence: Evidence, capture: Capture
) -> None:
    rely_on_passage(evidence.pk, capture_id=capture.pk, words="Later fifty more", version=1, by=team.editor)
    newer = make_capture(evidence.reference, "Updated. " + TEXT)
    taken = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            editor.get(f"/evidence/{evidence.pk}/text/?reading={newer.pk}")
        taken.append(len(captured))
        for number in range(20):
            make_capture(evidence.reference, f"{number}. {TEXT}")

    assert taken[0] == taken[1] <= 9
