"""Extract text and metadata from bytes, in a process that can be killed."""

from annotations.extraction.files import (
    MAX_FILE_BYTES,
    Empty,
    Encrypted,
    NotText,
    Scanned,
    TooLarge,
    Unreadable,
    extract_document,
    extract_page,
)
from annotations.extraction.process import ExtractionLimits
from annotations.extraction.result import Extracted

__all__ = [
    "MAX_FILE_BYTES",
    "Empty",
    "Encrypted",
    "Extracted",
    "ExtractionLimits",
    "NotText",
    "Scanned",
    "TooLarge",
    "Unreadable",
    "extract_document",
    "extract_page",
]
