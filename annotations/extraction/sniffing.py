"""What kind of file it is, by its bytes; what it calls itself is only a hint."""

import codecs
import io
import re
import zipfile

HTML = "text/html"
PLAIN = "text/plain"
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
READABLE = frozenset({HTML, PLAIN, PDF, DOCX})

_LOOKED_AT = 2048
_MARKUP = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|title|meta|p|div|h1|article|section|table|script|a\s|b>|br)[\s>/]?",
    re.IGNORECASE,
)
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"BM", "image/bmp"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword"),
    (b"{\\rtf", "application/rtf"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!", "application/vnd.rar"),
    (b"\x7fELF", "application/x-executable"),
    (b"MZ", "application/x-msdownload"),
)
_BRANDS = {b"avif": "image/avif", b"heic": "image/heic", b"heix": "image/heic", b"mif1": "image/heif"}
_SAME = {
    "application/xhtml+xml": HTML,
    "text/markdown": PLAIN,
    "text/x-markdown": PLAIN,
    "application/xml": PLAIN,
}


def sniff(body: bytes, declared: str = "") -> str:
    """Return the media type of `body`; `declared` decides only between kinds of text.

    `application/octet-stream` means that it is neither text nor a known kind.
    """
    declared = _SAME.get(declared, declared)
    head = body[:_LOOKED_AT]
    if b"%PDF-" in head[:1024]:
        return PDF
    if head.startswith(b"PK\x03\x04"):
        return DOCX if _is_docx(body) else "application/zip"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp" and head[8:12] in _BRANDS:
        return _BRANDS[head[8:12]]
    for signature, media_type in _SIGNATURES:
        if head.startswith(signature) and (len(signature) > 2 or b"\x00" in head):
            return media_type
    if not _is_text(head):
        return "application/octet-stream"
    if declared == HTML or (declared != PLAIN and _MARKUP.search(head)):
        return HTML
    if declared.startswith("image/svg") or declared in ("application/json", "text/css", "text/javascript"):
        return declared
    return PLAIN


def _is_docx(body: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return "word/document.xml" in archive.namelist()
    except (zipfile.BadZipFile, ValueError):
        return False


def _is_text(head: bytes) -> bool:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF8)):
        return True
    # Tab, line feed, form feed, return and escape (ISO-2022-JP) occur in text; other controls do not.
    controls = sum(byte < 9 or 13 < byte < 27 or 27 < byte < 32 for byte in head)
    return b"\x00" not in head and controls <= len(head) * 0.005
