import struct
import time

import pytest

from annotations.extraction import extract_page

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 1200, 800) + b"\x08\x06\x00\x00\x00"
GIF = b"GIF89a" + struct.pack("<HH", 320, 200) + b"\x00\x00\x00"
JPEG = (
    b"\xff\xd8\xff\xe0" + struct.pack(">H", 16) + b"JFIF\x00" + bytes(9)
    + b"\xff\xc2" + struct.pack(">HBHH", 17, 8, 480, 640) + bytes(10)
)  # fmt: skip
# A camera held upright writes the picture lying down, and says so.
TURNED = (
    b"\xff\xd8\xff\xe1" + struct.pack(">H", 34) + b"Exif\x00\x00MM\x00*\x00\x00\x00\x08"
    + struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, 6, 0, 0) + JPEG[20:]
)  # fmt: skip
TIFF = (
    b"II*\x00\x08\x00\x00\x00"
    + struct.pack("<H", 2)
    + struct.pack("<HHII", 256, 4, 1, 1500)
    + struct.pack("<HHII", 257, 4, 1, 1000)
)
WEBP = (
    b"RIFF"
    + struct.pack("<I", 30)
    + b"WEBPVP8X"
    + struct.pack("<I", 10)
    + bytes(4)
    + b"\x3f\x06\x00\x83\x03\x00"
)


def _box(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", 8 + len(payload)) + kind + payload


AVIF = _box(b"ftyp", b"avif\x00\x00\x00\x00avifmif1") + _box(
    b"meta", bytes(4) + _box(b"iprp", _box(b"ipco", _box(b"ispe", struct.pack(">III", 0, 4000, 3000))))
)


@pytest.mark.parametrize(
    ("body", "media_type", "excerpt"),
    [
        (PNG, "image/png", "Picture of 1200 × 800 pixels"),
        (GIF, "image/gif", "Picture of 320 × 200 pixels"),
        (JPEG, "image/jpeg", "Picture of 640 × 480 pixels"),
        (TURNED, "image/jpeg", "Picture of 480 × 640 pixels"),
        (WEBP, "image/webp", "Picture of 1600 × 900 pixels"),
        (TIFF, "image/tiff", "Picture of 1500 × 1000 pixels"),
        (AVIF, "image/avif", "Picture of 4000 × 3000 pixels"),
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


PICTURES = {"png": PNG, "gif": GIF, "jpeg": JPEG, "turned": TURNED, "webp": WEBP, "tiff": TIFF, "avif": AVIF}


@pytest.mark.parametrize("body", PICTURES.values(), ids=PICTURES)
def test_a_picture_cut_off_anywhere_is_kept_all_the_same(body: bytes) -> None:
    for end in range(1, len(body)):
        extract_page(body[:end], "")
    assert extract_page(b"\xff\xd8" + b"\xff\xe0\x00\x02" * 5000, "image/jpeg").excerpt == ""


def test_a_picture_made_to_take_long_takes_no_time_to_speak_of() -> None:
    for endless in (b"\xff\xe0\x00\x02", b"\x00"):
        body = b"\xff\xd8\xff\xe0\x00\x02" + endless * (20_000_000 // len(endless))
        began = time.process_time()
        assert extract_page(body, "image/jpeg").excerpt == ""
        assert time.process_time() - began < 5


def test_a_drawing_has_no_size_in_pixels() -> None:
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="10" height="20"/></svg>'
    assert extract_page(drawing, "image/svg+xml").excerpt == ""
