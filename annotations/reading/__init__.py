"""Bytes to text and metadata, in a process that can be killed."""

from annotations.reading.files import (
    MAX_FILE_BYTES,
    Empty,
    Encrypted,
    NotText,
    Scanned,
    TooLarge,
    Unreadable,
    read_document,
    read_page,
)
from annotations.reading.process import ReadLimits
from annotations.reading.result import Read

__all__ = [
    "MAX_FILE_BYTES",
    "Empty",
    "Encrypted",
    "NotText",
    "Read",
    "ReadLimits",
    "Scanned",
    "TooLarge",
    "Unreadable",
    "read_document",
    "read_page",
]
