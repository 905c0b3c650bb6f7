"""The reader: claims are made, taken up, edited and placed on plain forms and in parts of the page."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from annotations.models import Anchor, Claim, Document
from annotations.queries.documents import document_for, document_view
from annotations.web.documents.article import article_html
from annotations.workflow.documents.load import load_text
from annotations.workflow.documents.particulars import About
from annotations.workflow.documents.revise import add_version
from tests.factories import TEXT, Team, make_claim, make_document

pytestmark = pytest.mark.django_db

WORDS = "minstens vijftig gewonden"


@pytest.fixture
def document(team: Team) -> Document:
    return load_text(desk=team.desk, by=team.editor, text=TEXT, about=About(title="Onrust"))


def words_of(response: Any) -> str:
    return str(response.content.decode())


def states(document: Document) -> list[str]:
    return list(Claim.objects.filter(document=document).order_by("pk").values_list("state", flat=True))


def version_of(document: Document) -> int:
    document.refresh_from_db()
    assert document.current_version_id is not None
    return document.current_version_id


def test_the_marked_article_holds_exactly_the_words_of_its_text(team: Team) -> None:
    text = "Eerst <script>alert(1)</script> & “zeker 50” gewonden.\nTweede regel.\n\nSlot."
    document = make_document(team, text)
    for words in ("<script>alert(1)</script> & “zeker 50”", "zeker 50” gewonden.\nTweede", "Slot"):
        make_claim(team, document=document, words=words)
    found = document_view(team.editor, document_for(team.editor, document.pk))
    markup = article_html(found.version.text, found.claims)
    assert "<script>" not in markup
    bare = re.sub(r"<a class=\"stop\".*?</a>", "", markup)
    plain = re.sub(r"<[^>]+>", "", bare).replace("\n\n", "\n")
    unescaped = plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert unescaped == text.replace("\n\n", "\n")
    assert len(re.findall(r'class="stop"', markup)) == 3


def test_overlapping_claims_each_have_a_stop_and_share_their_words(team: Team) -> None:
    document = make_document(team)
    wide = make_claim(team, document=document, words="er minstens vijftig gewonden binnengebracht")
    narrow = make_claim(team, document=document, words="vijftig")
    found = document_view(team.editor, document_for(team.editor, document.pk))
    markup = article_html(found.version.text, found.claims)
    assert f'data-claims="{wide.pk} {narrow.pk}" data-state="open">vijftig</mark>' in markup
    assert f'id="at-{wide.pk}"' in markup
    assert f'id="at-{narrow.pk}"' in markup


def test_a_proposed_claim_says_why_it_is_worth_checking(editor: Client, document: Document) -> None:
    told = words_of(editor.get(reverse("document", args=[document.pk])))
    assert "Why: a figure: vijftig · an utterance with a speaker: volgens · a reported act: gewonden" in told


def test_selected_words_become_a_claim(editor: Client, document: Document) -> None:
    start = TEXT.index(WORDS)
    response = editor.post(
        reverse("make_claim", args=[document.pk]),
        {
            "words": WORDS,
            "start": start,
            "end": start + len(WORDS),
            "version_id": version_of(document),
            "statement": "Er vielen minstens vijftig gewonden.",
            "claimant_name": "Het ziekenhuis",
            "claimant_kind": "organization",
        },
    )
    claim = Claim.objects.get(origin="selected")
    assert response["Location"] == f"{reverse('document', args=[document.pk])}#claim-{claim.pk}"
    assert (claim.statement, claim.claimant_name) == (
        "Er vielen minstens vijftig gewonden.",
        "Het ziekenhuis",
    )
    assert Anchor.objects.get(claim=claim).start == start


def test_a_selection_across_paragraphs_survives_the_line_breaks_of_a_form(
    editor: Client, document: Document
) -> None:
    words = "SEBIN.\n\nLeopoldo López"
    start = TEXT.index(words)
    data = {
        "words": words.replace("\n", "\r\n"),
        "start": start,
        "end": start + len(words),
        "statement": "X.",
    }
    assert editor.post(reverse("make_claim", args=[document.pk]), data).status_code == 302
    assert Anchor.objects.get(claim__origin="selected").exact == words


def test_pasted_words_become_a_claim_with_themselves_as_statement(editor: Client, document: Document) -> None:
    assert editor.post(reverse("make_claim", args=[document.pk]), {"words": WORDS}).status_code == 302
    assert Claim.objects.get(origin="selected").statement == WORDS


def test_words_that_stand_twice_are_asked_about(editor: Client, team: Team) -> None:
    document = make_document(team, "Eerst vijftig gewonden. Later weer vijftig gewonden.")
    url = reverse("make_claim", args=[document.pk])
    asked = editor.post(url, {"words": "vijftig gewonden"})
    assert asked.status_code == 422
    assert re.findall(r'name="place" value="(\d+)"', words_of(asked)) == ["6", "35"]
    assert Claim.objects.count() == 0
    assert editor.post(url, {"words": "vijftig gewonden", "place": "35"}).status_code == 302
    assert Anchor.objects.get().start == 35


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"words": "dit staat er niet"}, "do not stand in the article"),
        ({"words": ""}, "required"),
        ({"words": "nope", "start": "0", "end": "4"}, "not the words at that place"),
        ({"words": WORDS, "start": "0", "end": "9", "version_id": "1"}, "newer version"),
    ],
)
def test_words_that_are_not_there_make_no_claim(
    editor: Client, document: Document, data: dict[str, str], sentence: str
) -> None:
    before = states(document)
    response = editor.post(reverse("make_claim", args=[document.pk]), data)
    assert response.status_code == 422
    assert sentence in words_of(response)
    assert states(document) == before


def test_one_proposal_is_accepted_dismissed_and_restored(editor: Client, document: Document) -> None:
    claim = document.claims.order_by("pk").first()
    assert claim is not None
    url = reverse("move_claim", args=[document.pk, claim.pk])
    for action, state in (("dismiss", "dismissed"), ("restore", "open")):
        assert editor.post(url, {"action": action}).status_code == 302
        claim.refresh_from_db()
        assert claim.state == state


def test_a_part_of_the_page_answers_with_the_entry_alone(editor: Client, document: Document) -> None:
    claim = document.claims.order_by("pk").first()
    assert claim is not None
    url = reverse("move_claim", args=[document.pk, claim.pk])
    response = editor.post(url + "?n=7", {"action": "accept"}, headers={"HX-Request": "true"})
    page = words_of(response)
    assert page.strip().startswith("<li")
    assert 'data-state="open"' in page
    assert ">7</a>" in page


def test_the_ticked_proposals_move_together(editor: Client, document: Document, team: Team) -> None:
    ids = list(document.claims.order_by("pk").values_list("pk", flat=True))
    elsewhere = make_claim(team)
    url = reverse("bulk_document_claims", args=[document.pk])
    data = {"claim": [*map(str, ids[:2]), str(elsewhere.pk)], "action": "dismiss", "show": "proposed"}
    assert editor.post(url, data)["Location"] == reverse("document", args=[document.pk]) + "?show=proposed"
    assert states(document) == ["dismissed", "dismissed", "proposed"]
    elsewhere.refresh_from_db()
    assert elsewhere.state == "open"
    assert editor.post(url, {"action": "accept"}).status_code == 422


def test_proposals_are_listed_best_first_and_the_rest_as_they_stand(
    editor: Client, document: Document
) -> None:
    url = reverse("document", args=[document.pk])
    listed = [
        int(found)
        for found in re.findall(r'data-claim="(\d+)"', words_of(editor.get(url + "?show=proposed")))
    ]
    assert listed == list(document.claims.order_by("-score", "pk").values_list("pk", flat=True))
    placed = [int(found) for found in re.findall(r'data-claim="(\d+)"', words_of(editor.get(url)))]
    starts = dict(Anchor.objects.values_list("claim_id", "start"))
    assert placed == sorted(placed, key=lambda claim_id: starts[claim_id])


def test_a_proposal_is_worded_anew_and_accepted_at_once(editor: Client, document: Document) -> None:
    claim = document.claims.order_by("pk").first()
    assert claim is not None
    url = reverse("claim_entry", args=[document.pk, claim.pk])
    assert "Save and accept" in words_of(editor.get(url + "?edit=1"))
    data = {"version": claim.version, "statement": "Vijftig mensen raakten gewond.", "accept": "1"}
    assert editor.post(url, data).status_code == 302
    claim.refresh_from_db()
    assert (claim.statement, claim.state) == ("Vijftig mensen raakten gewond.", "open")


def test_a_stale_wording_is_refused_and_both_are_shown(editor: Client, document: Document) -> None:
    claim = document.claims.order_by("pk").first()
    assert claim is not None
    url = reverse("claim_entry", args=[document.pk, claim.pk])
    editor.post(url, {"version": claim.version, "statement": "De eerste."})
    response = editor.post(url, {"version": claim.version, "statement": "De tweede."})
    assert response.status_code == 409
    assert "De eerste." in words_of(response)
    assert "De tweede." in words_of(response)


def test_a_claim_whose_words_changed_is_placed_by_a_person(
    editor: Client, document: Document, team: Team
) -> None:
    add_version(document.pk, text=TEXT.replace("vijftig", "zestig"), by=team.editor)
    anchor = Anchor.objects.get(state="edited")
    url = reverse("place_claim", args=[document.pk, anchor.claim_id])
    here = {"here": "1", "version_id": anchor.document_version_id}
    assert editor.post(url, here).status_code == 302
    anchor.refresh_from_db()
    assert anchor.state == "confirmed"


def test_an_orphaned_claim_is_placed_on_pasted_words(editor: Client, document: Document, team: Team) -> None:
    shorter = TEXT.replace(
        "President Maduro verving het hoofd van de inlichtingendienst SEBIN.", "Maduro zweeg."
    )
    add_version(document.pk, text=shorter, by=team.editor)
    anchor = Anchor.objects.get(state="orphaned")
    assert "Choose its place" in words_of(
        editor.get(reverse("document", args=[document.pk]) + "?show=to_place")
    )
    url = reverse("place_claim", args=[document.pk, anchor.claim_id])
    assert editor.post(url, {"words": "staat er niet"}).status_code == 422
    assert editor.post(url, {"words": "Maduro zweeg."}).status_code == 302
    anchor.refresh_from_db()
    assert (anchor.state, anchor.exact) == ("confirmed", "Maduro zweeg.")


def test_a_viewer_changes_nothing_in_the_reader(client: Client, document: Document, team: Team) -> None:
    claim = document.claims.order_by("pk").first()
    assert claim is not None
    client.force_login(team.viewer)
    before = states(document)
    for name, arguments, data in (
        ("make_claim", [document.pk], {"words": WORDS}),
        ("move_claim", [document.pk, claim.pk], {"action": "accept"}),
        ("bulk_document_claims", [document.pk], {"claim": str(claim.pk), "action": "accept"}),
        ("claim_entry", [document.pk, claim.pk], {"version": "1", "statement": "Anders."}),
        ("place_claim", [document.pk, claim.pk], {"here": "1"}),
    ):
        assert client.post(reverse(name, args=arguments), data).status_code in (403, 422)
    assert states(document) == before
    claim.refresh_from_db()
    assert claim.statement != "Anders."


def test_a_claim_of_another_article_is_not_reached_through_this_one(
    editor: Client, document: Document, team: Team
) -> None:
    other = make_claim(team)
    url = reverse("move_claim", args=[document.pk, other.pk])
    assert editor.post(url, {"action": "dismiss"}).status_code == 404
    other.refresh_from_db()
    assert other.state == "open"
