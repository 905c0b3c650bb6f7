"""One plain PDF page, written by hand: enough for a sample source that is a real PDF."""

PAGE_WIDTH_PT = 595
PAGE_HEIGHT_PT = 842
MARGIN_PT = 72
LEADING_PT = 18


def one_page_pdf(*, title: str, author: str, lines: list[str]) -> bytes:
    """Return a one-page A4 PDF with each of `lines` on its own line.

    The same input gives the same bytes. The text is limited to Windows-1252, the encoding of the built-in
    Helvetica. Raises UnicodeEncodeError for other characters.
    """
    show = " T* ".join(f"{_literal(line)} Tj" for line in lines)
    top = PAGE_HEIGHT_PT - MARGIN_PT
    content = f"BT /F1 11 Tf {LEADING_PT} TL {MARGIN_PT} {top} Td {show} ET".encode("cp1252")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (en) >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {PAGE_WIDTH_PT} {PAGE_HEIGHT_PT}]"
        " /Resources << /Font << /F1 4 0 R >> >> /Contents 5 0 R >>".encode("ascii"),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        f"<< /Length {len(content)} >>\nstream\n".encode("ascii") + content + b"\nendstream",
        f"<< /Title {_literal(title)} /Author {_literal(author)} /CreationDate (D:20190215090000Z) >>".encode(
            "cp1252"
        ),
    ]
    body = b"%PDF-1.4\n"
    offsets = []
    for number, written in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n".encode("ascii") + written + b"\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    trailer = (
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
        f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info 6 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    )
    return body + trailer.encode("ascii")


def _literal(text: str) -> str:
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"({escaped})"
