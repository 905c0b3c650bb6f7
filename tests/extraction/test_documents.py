import io
import zipfile
from datetime import UTC, datetime

import docx
import pypdfium2
import pytest

from annotations.extraction import Empty, NotText, Scanned, TooLarge, Unreadable, extract_document
from annotations.extraction.process import extract_apart
from tests.extraction.pdfs import pdf


def word_file() -> bytes:
    document = docx.Document()
    document.add_heading("Onrust in Caracas", 1)
    document.add_paragraph("Minstens vijftig gewonden werden binnengebracht.")
    document.add_paragraph("Eerste punt", style="List Bullet")
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "Gewonden", "50"
    document.add_paragraph("Slot — met “aanhaling” en é.")
    document.core_properties.author = "Sanne de Vries"
    document.core_properties.created = datetime(2019, 5, 1, tzinfo=UTC)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_a_word_file_keeps_headings_lists_and_tables_in_order() -> None:
    read = extract_document(word_file(), "stuk.docx")
    assert read.text.split("\n\n") == [
        "Onrust in Caracas",
        "Minstens vijftig gewonden werden binnengebracht.",
        "Eerste punt",
        "Gewonden | 50",
        "Slot — met “aanhaling” en é.",
    ]
    assert (read.title, read.author) == ("Onrust in Caracas", "Sanne de Vries")


def test_a_text_file_is_read_as_it_stands() -> None:
    read = extract_document(b"Titel\r\n\r\nEen alinea.", "a.txt")
    assert (read.text, read.title, read.charset) == ("Titel\r\n\r\nEen alinea.", "Titel", "utf-8")


def test_text_is_read_alike_here_and_in_a_process_of_its_own() -> None:
    for words in ("Een kop\n\nDe tekst, één keer.", "\ufeffMet een merk vooraan.", "x" * 3_000_000):
        here = extract_document(words.encode(), "a.txt")
        assert here == extract_apart(words.encode(), "text/plain")
    # Not UTF-8: what it is has to be guessed.
    assert extract_document("Eén café".encode("cp1252") * 40, "a.txt").text == "Eén café" * 40


def test_a_markup_file_under_a_text_name_is_text_and_under_none_is_markup() -> None:
    page = b"<!doctype html><html><body><p>Some words that stand on a page.</p></body></html>"
    assert extract_document(page, "page.txt").text.startswith("<!doctype html>")
    assert extract_document(page, "page").text == "Some words that stand on a page."


def test_the_text_of_a_pdf_is_read_as_paragraphs() -> None:
    lines = ["A heading", "The first line of the paragraph goes on", "and on until it stops here."]
    read = extract_document(pdf(lines), "a.pdf")
    assert read.text == "A heading\n\nThe first line of the paragraph goes on and on until it stops here."
    assert read.media_type == "application/pdf"


def test_a_pdf_without_text_is_refused_with_what_to_do() -> None:
    document = pypdfium2.PdfDocument.new()
    document.new_page(200, 200)
    out = io.BytesIO()
    document.save(out)
    with pytest.raises(Scanned) as refused:
        extract_document(out.getvalue(), "scan.pdf")
    assert (refused.value.code, "text recognition" in refused.value.sentence) == ("file_scanned", True)


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("word/document.xml", bytes(120 * 1024 * 1024))
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "filename", "kind"),
    [
        (b"", "a.txt", Empty),
        (b" \r\n\t ", "a.txt", Empty),
        (b"<html><body></body></html>", "a.html", Empty),
        (bytes(range(256)) * 10, "a.txt", NotText),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 20, "a.txt", NotText),
        (b"MZ\x90\x00" + b"\x00" * 60, "a.html", NotText),
        (b"%PDF-1.7 but named otherwise", "a.docx", NotText),
        (b"PK\x03\x04 broken", "a.docx", NotText),
        (b"just words", "a.pdf", NotText),
        (b"%PDF-1.7 and then nothing of the kind", "a.pdf", Unreadable),
        (bomb(), "a.docx", Unreadable),
        (b"x" * (20 * 1024 * 1024 + 1), "a.txt", TooLarge),
    ],
)
def test_what_cannot_be_an_article_is_refused_with_a_sentence(
    content: bytes, filename: str, kind: type[Unreadable]
) -> None:
    with pytest.raises(Unreadable) as refused:
        extract_document(content, filename)
    assert type(refused.value) is kind
    assert refused.value.sentence.endswith(".")
    assert refused.value.code.startswith("file_")
