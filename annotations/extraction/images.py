"""Pictures: kept without a text; their size in pixels is read from their first bytes."""

import io

import imagesize

from annotations.extraction.result import Extracted
from annotations.extraction.versions import UNREAD, extractor

# A hostile file can make the library look at each of its bytes: 20 MB of empty JPEG segments take it 19 s.
_LOOKED_AT = 512 * 1024
# A drawing has no size in pixels.
_UNSIZED = "image/svg+xml"


def describe(body: bytes, media_type: str) -> Extracted:
    """A reading without text; its excerpt is the size in pixels, as shown, if it has one. Never fails."""
    width = height = 0
    if media_type.startswith("image/") and media_type != _UNSIZED:
        width, height = imagesize.get(io.BytesIO(body[:_LOOKED_AT]))
    sized = width > 0 and height > 0
    return Extracted(
        text="",
        excerpt=f"Picture of {width} × {height} pixels" if sized else "",
        media_type=media_type,
        warnings=("type_unsupported",),
        provenance={"excerpt": "picture header"} if sized else {},
        extractor=extractor("imagesize") if sized else UNREAD,
    )
