"""Adding, correcting and following articles on pages that work without a script."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations.models import Document, FetchJob
from annotations.workflow.documents.load import load_text
from annotations.workflow.documents.revise import add_version
from tests.factories import TEXT, Team, make_document

pytestmark = pytest.mark.django_db


def words_of(response: Any) -> str:
    return str(response.content.decode())


def queries_for(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as found:
        assert client.get(url).status_code == 200
    return len(found)


def test_pasted_text_becomes_an_article_to_read(editor: Client) -> None:
    response = editor.post(reverse("new_document"), {"text": TEXT, "title": "Onrust", "language": ""})
    document = Document.objects.get()
    assert response["Location"] == reverse("document", args=[document.pk])
    page = words_of(editor.get(response["Location"]))
    assert "Onrust" in page
    assert "Volgens het ziekenhuis" in page
    assert page.count("data-item") == document.claims.count() == 3


def test_an_uploaded_file_becomes_an_article(editor: Client) -> None:
    file = SimpleUploadedFile("bericht.txt", TEXT.encode(), "text/plain")
    response = editor.post(reverse("new_document") + "?by=file", {"file": file})
    assert response.status_code == 302
    version = Document.objects.get().current_version
    assert version is not None
    assert version.source_name == "bericht.txt"


def test_an_address_is_asked_for_and_the_page_says_it_waits(editor: Client) -> None:
    response = editor.post(reverse("new_document") + "?by=address", {"url": "https://example.org/artikel"})
    assert FetchJob.objects.get().document == Document.objects.get()
    page = words_of(editor.get(response["Location"]))
    assert "is being fetched" in page
    assert "background worker does not answer" in page


@pytest.mark.parametrize(
    ("way", "data", "sentence"),
    [
        ("text", {"text": "   "}, "no words in the text"),
        ("text", {"text": "%PDF-1.7 raw"}, "raw content"),
        ("text", {}, "This field is required"),
        ("text", {"text": TEXT, "language": "xx"}, "not one of the available choices"),
        ("address", {"url": "ftp://example.org/a"}, "http"),
        ("address", {"url": "http://user:secret@example.org/"}, "name and password"),
    ],
)
def test_what_cannot_be_loaded_is_said_beside_the_form_and_nothing_is_stored(
    editor: Client, way: str, data: dict[str, str], sentence: str
) -> None:
    response = editor.post(f"{reverse('new_document')}?by={way}", data)
    assert response.status_code == 422
    assert sentence in words_of(response)
    assert Document.objects.count() == 0


def test_an_empty_file_is_refused_with_what_was_typed_kept(editor: Client) -> None:
    data = {"file": SimpleUploadedFile("leeg.txt", b""), "outlet": "De Krant"}
    response = editor.post(reverse("new_document") + "?by=file", data)
    assert response.status_code == 422
    assert "De Krant" in words_of(response)
    assert Document.objects.count() == 0


def test_a_viewer_reads_but_neither_adds_nor_corrects(client: Client, team: Team) -> None:
    document = make_document(team)
    client.force_login(team.viewer)
    assert reverse("new_document") not in words_of(client.get(reverse("documents")))
    page = words_of(client.get(reverse("document", args=[document.pk])))
    assert "Make a claim" not in page
    for name in ("edit_document", "new_version"):
        assert reverse(name, args=[document.pk]) not in page
        assert client.get(reverse(name, args=[document.pk])).status_code == 403
    assert client.post(reverse("new_document"), {"text": TEXT}).status_code == 403
    assert Document.objects.count() == 1


@pytest.mark.parametrize("name", ["document", "edit_document", "new_version", "document_log"])
def test_an_article_of_another_desk_is_not_there(client: Client, team: Team, name: str) -> None:
    document = make_document(team)
    client.force_login(team.outsider)
    assert client.get(reverse(name, args=[document.pk])).status_code == 404
    assert "Onrust" not in words_of(client.get(reverse("documents")))


def test_particulars_are_corrected(editor: Client, team: Team) -> None:
    document = make_document(team)
    url = reverse("edit_document", args=[document.pk])
    data = {"version": "1", "title": "Beter", "outlet": "Krant", "language": "es"}
    assert editor.post(url, data).status_code == 302
    document.refresh_from_db()
    assert (document.title, document.outlet, document.language, document.version) == (
        "Beter",
        "Krant",
        "es",
        2,
    )


def test_a_second_editor_is_told_and_sees_both_titles(editor: Client, team: Team) -> None:
    document = make_document(team)
    url = reverse("edit_document", args=[document.pk])
    editor.post(url, {"version": "1", "title": "Eerst", "language": "nl"})
    response = editor.post(url, {"version": "1", "title": "Later", "language": "nl"})
    assert response.status_code == 409
    assert "Eerst" in words_of(response)
    assert "Later" in words_of(response)
    document.refresh_from_db()
    assert document.title == "Eerst"


def test_a_new_version_leads_to_the_claims_that_need_a_look(editor: Client, team: Team) -> None:
    document = load_text(desk=team.desk, by=team.editor, text=TEXT)
    url = reverse("new_version", args=[document.pk])
    response = editor.post(url, {"text": TEXT.replace("vijftig", "zestig")})
    assert response["Location"] == reverse("document", args=[document.pk]) + "?show=to_place"
    page = words_of(editor.get(response["Location"]))
    assert "1 claim needs a look" in page
    assert "Words changed" in page
    assert page.count("data-item") == 1


def test_the_same_text_is_refused_as_a_version(editor: Client, team: Team) -> None:
    document = make_document(team)
    response = editor.post(reverse("new_version", args=[document.pk]), {"text": TEXT})
    assert response.status_code == 422
    assert document.versions.count() == 1


def test_an_earlier_version_can_be_read_as_it_was(editor: Client, team: Team) -> None:
    document = load_text(desk=team.desk, by=team.editor, text=TEXT)
    add_version(document.pk, text=TEXT.replace("vijftig", "zestig"), by=team.editor)
    url = reverse("document", args=[document.pk])
    assert "minstens zestig gewonden" in words_of(editor.get(url))
    old = words_of(editor.get(url + "?version=1"))
    assert "You are reading version 1" in old
    assert "Make a claim" not in old
    assert editor.get(url + "?version=3").status_code == 404


def test_the_log_of_an_article_names_its_changes(editor: Client, team: Team) -> None:
    document = load_text(desk=team.desk, by=team.editor, text=TEXT)
    page = words_of(editor.get(reverse("document_log", args=[document.pk])))
    assert "loaded the article" in page
    assert page.count("proposed the claims of the article") == 1


def test_lists_and_reader_ask_the_same_number_of_questions_at_any_size(editor: Client, team: Team) -> None:
    small = load_text(desk=team.desk, by=team.editor, text=TEXT)
    few_documents = queries_for(editor, reverse("documents"))
    few_claims = queries_for(editor, reverse("document", args=[small.pk]))
    many = "\n\n".join(f"Op {day} mei 2019 vielen {day} gewonden." for day in range(1, 29))
    big = load_text(desk=team.desk, by=team.editor, text="\n\n".join([many] * 8))
    for number in range(30):
        make_document(team, title=f"Artikel {number}")
    assert big.claims.count() > 200
    assert queries_for(editor, reverse("documents")) == few_documents
    assert queries_for(editor, reverse("document", args=[big.pk])) == few_claims
    assert few_documents <= 8
    assert few_claims <= 9
