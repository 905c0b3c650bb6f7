"""Files made to be a burden: small ones that unpack to much, large ones, and deep ones."""

import io
import struct
import zipfile
import zlib

import brotli
import zstandard

MEBIBYTE = 1024 * 1024
_ZEROS = bytes(MEBIBYTE)


def _deflated_zeros(mebibytes: int) -> bytes:
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    # The piece is flushed so that nothing refers back, and can therefore be repeated any number of times.
    piece = engine.compress(_ZEROS) + engine.flush(zlib.Z_FULL_FLUSH)
    return piece * mebibytes + b"\x03\x00"


def gzip_bomb(mebibytes: int) -> bytes:
    checksum = 0
    for _ in range(mebibytes):
        checksum = zlib.crc32(_ZEROS, checksum)
    head = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    return head + _deflated_zeros(mebibytes) + struct.pack("<II", checksum, mebibytes * MEBIBYTE)


def deflate_bomb(mebibytes: int) -> bytes:
    checksum = 1
    for _ in range(mebibytes):
        checksum = zlib.adler32(_ZEROS, checksum)
    return b"\x78\xda" + _deflated_zeros(mebibytes) + struct.pack(">I", checksum)


def brotli_bomb(mebibytes: int) -> bytes:
    engine = brotli.Compressor(quality=1)
    return b"".join(engine.process(_ZEROS) for _ in range(mebibytes)) + bytes(engine.finish())


def zstd_bomb(mebibytes: int) -> bytes:
    return zstandard.compress(bytes(mebibytes * MEBIBYTE), 3)


def wide_zstd() -> bytes:
    parameters = zstandard.ZstdCompressionParameters(window_log=27, compression_level=3)
    engine = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    return engine.compress(bytes(300 * MEBIBYTE)) + engine.flush()


def laughs() -> bytes:
    lines = [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)]
    return f'<!DOCTYPE html [<!ENTITY l0 "ha">{"".join(lines)}]><html><p>&l9;</p></html>'.encode()


def pdf(mebibytes: int) -> bytes:
    """Return a PDF of one page, enlarged by a stream that nothing points to."""
    page = b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]>>endobj\n"
    return _whole_pdf(page, b"x" * (mebibytes * MEBIBYTE), b"")


def pdf_bomb() -> bytes:
    piece = b"BT (a) Tj ET " * 80_660
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = engine.compress(piece) + engine.flush(zlib.Z_FULL_FLUSH)
    content = b"\x78\xda" + packed * 1000 + b"\x03\x00"
    page = b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R>>endobj\n"
    return _whole_pdf(page, content, b"/Filter/FlateDecode")


def _whole_pdf(page: bytes, content: bytes, coding: bytes) -> bytes:
    return b"".join(
        [
            b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n",
            b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n",
            page,
            b"4 0 obj<</Length %d%s>>stream\n" % (len(content), coding),
            content,
            b"\nendstream endobj\ntrailer<</Root 1 0 R/Size 5>>\n%%EOF",
        ]
    )


def docx_bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("word/document.xml", "w", force_zip64=True) as part:
            for _ in range(1024):
                part.write(b" " * MEBIBYTE)
    return packed.getvalue()
