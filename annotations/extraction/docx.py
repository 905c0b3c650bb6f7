"""Word documents."""

import io
import zipfile
from typing import Any

import docx
from docx.table import Table
from docx.text.paragraph import Paragraph

from annotations.extraction.limits import Refusal
from annotations.extraction.result import MAX_TEXT_LENGTH, Extracted
from annotations.extraction.versions import extractor

MAX_UNPACKED = 100 * 1024 * 1024
MAX_MEMBERS = 5000
EXTRACTOR = extractor("python-docx")
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def read(body: bytes, options: dict[str, Any]) -> Extracted:
    """Extract headings, paragraphs, list items and table rows in the order of the document."""
    _check_archive(body)
    document = docx.Document(io.BytesIO(body))
    blocks = []
    for block in document.iter_inner_content():
        blocks.extend([block.text] if isinstance(block, Paragraph) else _rows(block))
    text = "\n\n".join(block.strip() for block in blocks if block.strip())
    facts = document.core_properties
    title = (facts.title or "").strip() or _heading(document.paragraphs)
    published = facts.created.date() if facts.created else None
    warnings = ("text_cut",) if len(text) > MAX_TEXT_LENGTH else ()
    provenance = (
        {"title": "document properties" if (facts.title or "").strip() else "heading"} if title else {}
    )
    if facts.author:
        provenance["author"] = "document properties"
    if published:
        provenance["published_on"] = "document properties"
    return Extracted(
        text=text[:MAX_TEXT_LENGTH],
        title=title[:500],
        author=(facts.author or "").strip()[:300],
        published_on=published,
        language=(facts.language or "").strip()[:20],
        media_type=MEDIA_TYPE,
        warnings=warnings,
        provenance=provenance,
        extractor=EXTRACTOR,
    )


def _check_archive(body: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile:
        raise Refusal("read_failed") from None
    if any(member.flag_bits & 1 for member in members):
        raise Refusal("encrypted")
    # An archive may lie about its sizes, but zipfile reads no further than declared.
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
        raise Refusal("read_memory")


def _rows(table: Table) -> list[str]:
    rows = []
    for row in table.rows:
        # python-docx lists a merged cell once for each place it covers.
        cells = list(dict.fromkeys(cell._tc for cell in row.cells))
        texts = ["\n".join(p.text for p in docx.table._Cell(tc, table).paragraphs).strip() for tc in cells]
        rows.append(" | ".join(text for text in texts if text))
    return rows


def _heading(paragraphs: list[Paragraph]) -> str:
    for paragraph in paragraphs:
        style = (paragraph.style.name or "") if paragraph.style else ""
        if style.startswith(("Heading", "Title")) and paragraph.text.strip():
            return paragraph.text.strip()
    return ""
