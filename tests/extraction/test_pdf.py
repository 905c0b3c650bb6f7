import io
from datetime import date

import pypdfium2
import pytest

from annotations.extraction import Encrypted, Unreadable, extract_document, extract_page
from tests.extraction.pdfs import pdf

FACTS = (
    b"6 0 obj\n<< /Title (Report on the bridge) /Author (Sanne de Vries; Omar Haddad)"
    b" /CreationDate (D:20260203101500+01'00') >>\nendobj\n"
)
LOCK = (
    b"7 0 obj\n<< /Filter /Standard /V 1 /R 2 /P -64 /O <"
    + b"00" * 32
    + b"> /U <"
    + b"11" * 32
    + b"> >>\nendobj\n"
)


def with_object(content: bytes, extra: bytes, entry: bytes) -> bytes:
    """The file with one more object and an entry in its trailer; readers rebuild the table of places."""
    head = content.partition(b"xref\n")[0]
    return head + extra + b"trailer << /Root 1 0 R " + entry + b" >>\n%%EOF\n"


def test_the_properties_of_a_pdf_name_title_authors_and_day() -> None:
    read = extract_page(with_object(pdf(["Some words of it."]), FACTS, b"/Info 6 0 R"), "application/pdf")
    assert (read.title, read.author) == ("Report on the bridge", "Sanne de Vries, Omar Haddad")
    assert read.published_on == date(2026, 2, 3)
    assert read.provenance == dict.fromkeys(("title", "author", "published_on"), "pdf properties")
    assert read.extractor.split()[1].startswith("pypdfium2/")


def test_a_title_that_is_a_file_name_gives_way_to_the_first_line() -> None:
    content = with_object(pdf(["The bridge closes", "It will be closed for two years, the council said."]),
        FACTS.replace(b"Report on the bridge", b"Microsoft Word - bridge.docx"), b"/Info 6 0 R")  # fmt: skip
    read = extract_page(content, "application/pdf")
    assert (read.title, read.provenance["title"]) == ("The bridge closes", "first line")


def test_a_locked_pdf_is_kept_without_text_and_refused_as_an_article() -> None:
    content = with_object(pdf(["Secret"]), LOCK, b"/Encrypt 7 0 R /ID [<00> <00>]")
    assert extract_page(content, "application/pdf").warnings == ("encrypted",)
    with pytest.raises(Encrypted):
        extract_document(content, "a.pdf")


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\n",
        b"%PDF-1.4\n" + b"1 0 obj << /Kids [1 0 R] /Type /Pages /Count 999999 >> endobj " * 2000,
        b"%PDF-1.4\n" + b"[" * 2_000_000,
        pdf(["words"])[:-120],
        b"%PDF-1.4\n" + bytes(3_000_000),
    ],
    ids=["nothing", "pages in a circle", "nested", "cut off", "zeros"],
)
def test_a_broken_pdf_never_fails_and_is_refused_as_an_article(content: bytes) -> None:
    read = extract_page(content, "application/pdf")
    assert read.text in ("", "words")
    if not read.text:
        assert set(read.warnings) & {"read_failed", "scanned", "read_timeout", "read_memory"}
        with pytest.raises(Unreadable):
            extract_document(content, "a.pdf")


def test_a_pdf_of_empty_pages_is_called_scanned() -> None:
    document = pypdfium2.PdfDocument.new()
    for _ in range(3):
        document.new_page(200, 200)
    out = io.BytesIO()
    document.save(out)
    assert extract_page(out.getvalue(), "application/pdf").warnings == ("scanned",)
