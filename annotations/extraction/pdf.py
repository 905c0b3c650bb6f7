"""PDF files."""

import re
from datetime import date
from typing import Any

import pypdfium2
import pypdfium2.raw

from annotations.extraction.limits import Refusal
from annotations.extraction.names import authors, plain
from annotations.extraction.result import MAX_TEXT_LENGTH, Extracted
from annotations.extraction.versions import extractor

MAX_PAGES = 2000
EXTRACTOR = extractor("pypdfium2")
# What programs write in place of a title.
_NO_TITLE = re.compile(
    r"^(?:untitled|microsoft (?:word|powerpoint|excel)\b.*|document ?\d*"
    r"|.*\.(?:docx?|pdf|indd|qxd|pptx?|xlsx?|tex|odt))$",
    re.IGNORECASE,
)
_DATE = re.compile(r"D:(\d{4})(\d{2})(\d{2})")
_HYPHENATED = re.compile(r"(?<=\w)[\ufffe\u00ad]\s*")
_SENTENCE_END = re.compile(r"[.!?:;…。！？][\"'’”»)\]]*$")


def read(body: bytes, options: dict[str, Any]) -> Extracted:
    """Extract the text of all pages, lines joined to paragraphs. Raises Refusal if it is locked or broken."""
    try:
        document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) == pypdfium2.raw.FPDF_ERR_PASSWORD
        raise Refusal("encrypted" if locked or "password" in str(error).lower() else "read_failed") from None
    pages, length, warnings = [], 0, []
    for number in range(min(len(document), MAX_PAGES)):
        page = document[number]
        text_page = page.get_textpage()
        text = text_page.get_text_range()
        text_page.close()
        page.close()
        pages.append(_paragraphs(text))
        length += len(text)
        if length > MAX_TEXT_LENGTH:
            warnings.append("text_cut")
            break
    text = "\n\n".join(page for page in pages if page)[:MAX_TEXT_LENGTH]
    facts = document.get_metadata_dict(skip_empty=True)
    title, author = plain(facts.get("Title", "")), ", ".join(authors(facts.get("Author", "")))
    title, place = ("", "") if _NO_TITLE.match(title) else (title, "pdf properties")
    if not title and pages:
        title, place = _heading(pages), "first line"
    published = _date(facts.get("CreationDate", ""))
    if len(document) > MAX_PAGES:
        warnings.append("text_cut")
    if not text.strip():
        warnings.append("scanned")
    found = {"title": title, "author": author, "published_on": published}
    return Extracted(
        text=text,
        title=title[:500],
        author=author[:300],
        published_on=published,
        media_type="application/pdf",
        warnings=tuple(dict.fromkeys(warnings)),
        provenance={
            name: place if name == "title" else "pdf properties" for name, value in found.items() if value
        },
        extractor=EXTRACTOR,
    )


def _heading(pages: list[str]) -> str:
    """Return the first paragraph of the first page with text, if it is short enough for a title."""
    first = next((page for page in pages if page), "").partition("\n\n")[0]
    return first if 3 <= len(first) <= 200 and not _SENTENCE_END.search(first) else ""


def _paragraphs(text: str) -> str:
    """Join the lines of a page where a sentence plainly continues on the next line."""
    paragraphs: list[str] = []
    ends = True
    lines = [line.strip() for line in _HYPHENATED.sub("", text).splitlines()]
    longest = max(map(len, lines), default=0)
    for line in lines:
        if not line:
            ends = True
        elif ends or not paragraphs:
            paragraphs.append(line)
            ends = _ends(line, longest)
        else:
            paragraphs[-1] += " " + line
            ends = _ends(line, longest)
    return "\n\n".join(paragraphs)


def _ends(line: str, longest: int) -> bool:
    # A short line ends a paragraph or is a heading; a full line ends one only after a full stop
    # when it is clearly shorter than its neighbours.
    return len(line) < longest * 0.6 or (bool(_SENTENCE_END.search(line)) and len(line) < longest * 0.85)


def _date(text: str) -> date | None:
    match = _DATE.match(text)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None
