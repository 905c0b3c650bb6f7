"""Pictures: kept as they are, no text; how large they are is read from their first bytes."""

import struct
from collections.abc import Callable

from annotations.extraction.result import Extracted
from annotations.extraction.versions import UNREAD

_MAX_SEGMENTS = 500
# The frames of a JPEG that say how large it is: all SOF markers but those of tables.
_SIZED = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})


def describe(body: bytes, media_type: str) -> Extracted:
    """A reading without text; its excerpt says the size in pixels if the file does. Never fails."""
    measure = _MEASURES.get(media_type)
    try:
        width, height = measure(body) if measure else (0, 0)
    except (struct.error, IndexError, ValueError):
        # A broken picture is kept like any other.
        width = height = 0
    sized = width > 0 and height > 0
    return Extracted(
        text="",
        excerpt=f"Picture of {width} × {height} pixels" if sized else "",
        media_type=media_type,
        warnings=("type_unsupported",),
        provenance={"excerpt": "picture header"} if sized else {},
        reader=UNREAD,
    )


def _png(body: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from(">II", body, 16)
    return (width, height) if body[12:16] == b"IHDR" else (0, 0)


def _gif(body: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from("<HH", body, 6)
    return width, height


def _jpeg(body: bytes) -> tuple[int, int]:
    place = 2
    for _ in range(_MAX_SEGMENTS):
        while body[place] == 0xFF and body[place + 1] == 0xFF:
            place += 1
        marker, length = struct.unpack_from(">xBH", body, place)
        if marker in _SIZED:
            height, width = struct.unpack_from(">HH", body, place + 5)
            return width, height
        place += 2 + length
    return 0, 0


def _webp(body: bytes) -> tuple[int, int]:
    kind = body[12:16]
    if kind == b"VP8X":
        return int.from_bytes(body[24:27], "little") + 1, int.from_bytes(body[27:30], "little") + 1
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", body, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", body, 26)
        return width & 0x3FFF, height & 0x3FFF
    return 0, 0


_MEASURES: dict[str, Callable[[bytes], tuple[int, int]]] = {
    "image/png": _png,
    "image/gif": _gif,
    "image/jpeg": _jpeg,
    "image/webp": _webp,
}
