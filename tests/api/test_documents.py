"""Articles over HTTP."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotations.models import Document, DocumentVersion, FetchJob
from tests.factories import TEXT, make_claim, make_document

pytestmark = pytest.mark.django_db


def test_a_text_is_loaded_and_its_claims_are_proposed(team, editor):
    response = editor.post("documents/", {"desk": team.desk.pk, "text": TEXT, "published_on": "2019-04-30"})
    made = response.json()
    assert response.status_code == 201
    assert response["Location"] == f"http://testserver/api/v1/documents/{made['id']}/"
    assert (made["title"], made["language"], made["published_on"]) == (
        "Caracas beleefde een onrustige dag.",
        "nl",
        "2019-04-30",
    )
    assert made["current"]["text"] == TEXT
    claims = editor.get("claims/", {"document": made["id"], "state": "proposed"}).json()["results"]
    assert claims
    assert all(claim["score_reasons"] for claim in claims)
    assert "a figure: vijftig" in claims[0]["score_reasons"]


def test_a_text_can_be_loaded_without_proposals(team, editor):
    body = {"desk": team.desk.pk, "text": TEXT, "propose": False}
    made = editor.post("documents/", body).json()
    assert editor.get("claims/", {"document": made["id"]}).json()["results"] == []


UNUSABLE = {"  \n ": "text_empty", "\ufffd" * 100: "text_binary", "a" * 2_100_000: "text_too_large"}


@pytest.mark.parametrize("text", UNUSABLE, ids=UNUSABLE.values())
def test_a_text_that_cannot_be_used_is_refused_and_nothing_is_stored(team, editor, text):
    response = editor.post("documents/", {"desk": team.desk.pk, "text": text})
    assert (response.status_code, response.json()["code"]) == (422, UNUSABLE[text])
    assert not Document.objects.exists()


def test_a_file_is_loaded_with_what_is_said_of_it(team, editor):
    file = SimpleUploadedFile("onrust.txt", TEXT.encode(), content_type="text/plain")
    body = {"desk": team.desk.pk, "file": file, "title": "Onrust", "propose": "false"}
    made = editor.send_form("documents/by-file/", body).json()
    assert (made["title"], made["current"]["source_name"]) == ("Onrust", "onrust.txt")
    assert made["current"]["text"] == TEXT


def test_an_empty_file_is_refused_and_nothing_is_stored(team, editor):
    response = editor.send_form(
        "documents/by-file/", {"desk": team.desk.pk, "file": SimpleUploadedFile("a.txt", b"")}
    )
    assert response.status_code == 422
    assert not Document.objects.exists()


def test_an_address_is_answered_at_once_and_fetched_later(team, editor):
    response = editor.post("documents/by-address/", {"desk": team.desk.pk, "url": "https://example.com/a"})
    made = response.json()
    assert response.status_code == 202
    assert (made["loading_state"], made["current"]) == ("loading", None)
    assert FetchJob.objects.get().document_id == made["id"]


def test_a_private_address_is_refused_and_nothing_is_stored(team, editor):
    response = editor.post("documents/by-address/", {"desk": team.desk.pk, "url": "ftp://example.com/a"})
    assert response.status_code == 422
    assert not Document.objects.exists()
    assert not FetchJob.objects.exists()


def test_particulars_are_corrected_one_by_one(team, editor):
    document = make_document(team)
    response = editor.patch(f"documents/{document.pk}/", {"outlet": "De Krant"}, If_Match='"1"')
    assert (response.status_code, response["ETag"][:3]) == (200, '"2.')
    document.refresh_from_db()
    assert (document.outlet, document.title) == ("De Krant", "Onrust in Caracas")
    stale = editor.patch(f"documents/{document.pk}/", {"outlet": "Elders"}, If_Match='"1"')
    assert (stale.status_code, stale.json()["current"]["outlet"]) == (412, "De Krant")
    document.refresh_from_db()
    assert document.outlet == "De Krant"


def test_a_newer_text_finds_the_claims_again(team, editor):
    document = make_document(team)
    claim = make_claim(team, document=document)
    newer = TEXT.replace("vijftig", "zestig")
    made = editor.post(f"documents/{document.pk}/versions/", {"text": newer}).json()
    assert (made["version"]["number"], made["anchors"]) == (2, {"edited": 1})
    assert editor.get(f"claims/{claim.pk}/").json()["anchor"]["state"] == "edited"
    versions = editor.get(f"documents/{document.pk}/versions/").json()["results"]
    assert [version["number"] for version in versions] == [2, 1]
    again = editor.post(f"documents/{document.pk}/versions/", {"text": newer})
    assert (again.status_code, again.json()["code"]) == (409, "same_text")
    assert DocumentVersion.objects.count() == 2


def test_a_person_says_where_the_claim_stands_now(team, editor):
    document = make_document(team)
    claim = make_claim(team, document=document)
    newer = TEXT.replace("vijftig", "zestig")
    editor.post(f"documents/{document.pk}/versions/", {"text": newer})
    words = "minstens zestig gewonden"
    place = {"start": newer.index(words), "end": newer.index(words) + len(words), "exact": words}
    anchor = editor.put(f"claims/{claim.pk}/anchor/", place).json()["anchor"]
    assert (anchor["exact"], anchor["state"]) == (words, "confirmed")


def test_the_list_holds_the_articles_of_ones_desks_without_their_text(team, editor, stranger):
    document = make_document(team)
    rows = editor.get("documents/").json()["results"]
    assert [row["id"] for row in rows] == [document.pk]
    assert "current" not in rows[0]
    assert stranger.get("documents/").json() == {"results": [], "next": None}
