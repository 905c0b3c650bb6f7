import struct

import pytest

from annotations.extraction import extract_page

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 1200, 800) + b"\x08\x06\x00\x00\x00"
GIF = b"GIF89a" + struct.pack("<HH", 320, 200) + b"\x00\x00\x00"
JPEG = (
    b"\xff\xd8\xff\xe0" + struct.pack(">H", 16) + b"JFIF\x00" + bytes(9)
    + b"\xff\xc2" + struct.pack(">HBHH", 17, 8, 480, 640) + bytes(10)
)  # fmt: skip
WEBP = (
    b"RIFF"
    + struct.pack("<I", 30)
    + b"WEBPVP8X"
    + struct.pack("<I", 10)
    + bytes(4)
    + b"\x3f\x06\x00\x83\x03\x00"
)


@pytest.mark.parametrize(
    ("body", "media_type", "excerpt"),
    [
        (PNG, "image/png", "Picture of 1200 × 800 pixels"),
        (GIF, "image/gif", "Picture of 320 × 200 pixels"),
        (JPEG, "image/jpeg", "Picture of 640 × 480 pixels"),
        (WEBP, "image/webp", "Picture of 1600 × 900 pixels"),
        (b"\x00\x00\x00\x20ftypavif\x00\x00\x00\x00", "image/avif", ""),
        (b"II*\x00\x08\x00\x00\x00", "image/tiff", ""),
    ],
)
def test_a_picture_is_kept_without_text_and_says_how_large_it_is(
    body: bytes, media_type: str, excerpt: str
) -> None:
    read = extract_page(body, media_type)
    assert (read.text, read.media_type, read.excerpt) == ("", media_type, excerpt)
    assert read.warnings == ("type_unsupported",)


@pytest.mark.parametrize("body", [PNG, GIF, JPEG, WEBP], ids=["png", "gif", "jpeg", "webp"])
def test_a_picture_cut_off_anywhere_is_kept_all_the_same(body: bytes) -> None:
    for end in range(1, len(body)):
        extract_page(body[:end], "")
    assert extract_page(b"\xff\xd8" + b"\xff\xe0\x00\x02" * 5000, "image/jpeg").excerpt == ""
