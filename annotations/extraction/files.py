"""Extract fetched pages, which are kept even if that fails, and uploads, which are refused then."""

import mimetypes
from dataclasses import replace

from annotations.domain.errors import Invalid
from annotations.domain.fetches.outcomes import WARNINGS
from annotations.extraction import plain, sniffing
from annotations.extraction.images import describe
from annotations.extraction.process import DEFAULT_LIMITS, ExtractionFailed, ExtractionLimits, extract_apart
from annotations.extraction.result import Extracted
from annotations.extraction.versions import UNREAD

MAX_FILE_BYTES = 20 * 1024 * 1024
_LARGEST_READ_HERE = 4 * 1024 * 1024
_GENERIC = frozenset({"", "application/octet-stream", "binary/octet-stream", "application/x-download"})
_TEXTUAL = frozenset({sniffing.PLAIN, sniffing.HTML})


class Unreadable(Invalid):
    """No text can be extracted from an uploaded file."""

    code = "file_unreadable"


class Empty(Unreadable):
    """The file is empty or holds no text."""

    code = "file_empty"


class TooLarge(Unreadable):
    """The file is larger than `MAX_FILE_BYTES`."""

    code = "file_too_large"


class NotText(Unreadable):
    """The file is of an unsupported kind, or not of the kind that its name says."""

    code = "file_type"


class Encrypted(Unreadable):
    """The file is locked with a password."""

    code = "file_encrypted"


class Scanned(Unreadable):
    """The file holds pictures of pages."""

    code = "file_scanned"


def extract_page(
    body: bytes,
    media_type: str,
    charset_hint: str = "",
    url: str = "",
    *,
    limits: ExtractionLimits = DEFAULT_LIMITS,
) -> Extracted:
    """Extract what a site sent. Never fails: what cannot be extracted has no text and a warning."""
    if not body:
        return Extracted(text="", media_type=media_type, warnings=("no_text",), extractor=UNREAD)
    kind = sniffing.sniff(body, media_type)
    warnings = () if _fits(kind, media_type) else ("type_mismatch",)
    if kind not in sniffing.READABLE:
        found = describe(body, kind)
        return replace(found, warnings=(*warnings, *found.warnings))
    try:
        found = extract_apart(body, kind, charset_hint=charset_hint, url=url, limits=limits)
    except ExtractionFailed as failure:
        return Extracted(text="", media_type=kind, warnings=(*warnings, failure.code), extractor=UNREAD)
    return replace(found, warnings=(*warnings, *found.warnings))


def extract_document(
    content: bytes, filename: str, declared_type: str = "", *, limits: ExtractionLimits = DEFAULT_LIMITS
) -> Extracted:
    """Extract an uploaded article: `.txt`, `.html`, `.docx` or `.pdf`.

    Raises a subclass of `Unreadable` with a sentence that says what to do instead.
    """
    if not content.strip(b"\x00 \t\r\n\f\xef\xbb\xbf"):
        raise Empty("The file is empty. Choose another, or paste the text.")
    if len(content) > MAX_FILE_BYTES:
        raise TooLarge("The file is larger than 20 MB. Save a smaller one, or paste the text.")
    declared = _named(filename) or declared_type.partition(";")[0].strip().lower()
    kind = sniffing.sniff(content, declared)
    _check_kind(kind, declared)
    try:
        here = kind == sniffing.PLAIN and _is_harmless(content)
        found = plain.read(content, {}) if here else extract_apart(content, kind, limits=limits)
    except ExtractionFailed as failure:
        raise _refusal(failure.code) from None
    broken = next((code for code in found.warnings if code.startswith("read_")), "")
    if broken:
        # Its plain words are not an article.
        raise _refusal(broken)
    if "scanned" in found.warnings:
        raise Scanned(
            "The pages of this PDF are pictures without text. Run it through text recognition first."
        )
    if not found.text.strip():
        raise Empty("There is no text in this file. Choose another, or paste the text.")
    return found


def _is_harmless(content: bytes) -> bool:
    """Whether it takes no parser, no guess and little memory, and so needs no process of its own."""
    if len(content) > _LARGEST_READ_HERE:
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _named(filename: str) -> str:
    guessed = mimetypes.guess_type(filename.lower(), strict=False)[0] or ""
    return guessed if guessed in sniffing.READABLE else ""


def _fits(kind: str, media_type: str) -> bool:
    if media_type in _GENERIC or kind == media_type:
        return True
    return kind in _TEXTUAL and (media_type.startswith("text/") or media_type.endswith(("xml", "json")))


def _check_kind(kind: str, declared: str) -> None:
    if kind not in sniffing.READABLE:
        raise NotText(
            "Only text, HTML, Word (.docx) and PDF files can be read. "
            "Save it as one of these, or paste the text."
        )
    if declared in sniffing.READABLE and declared != kind and not {declared, kind} <= _TEXTUAL:
        raise NotText(
            "The file is not what its name says. Save it again under its true kind, or paste the text."
        )


def _refusal(code: str) -> Unreadable:
    if code == "encrypted":
        return Encrypted("The file is locked with a password. Save a copy without one and upload that.")
    return Unreadable(f"{WARNINGS[code]} Save it again in another format, or paste the text.")
