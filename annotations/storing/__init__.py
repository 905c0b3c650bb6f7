"""Storages for kept files: a folder or an S3-compatible bucket. Files are written once and never replaced."""

from annotations.storing.once import CHUNK, NO_ROOM, Damaged, StorageFailed, StorageFull, WriteOnce

__all__ = ["CHUNK", "NO_ROOM", "Damaged", "StorageFailed", "StorageFull", "WriteOnce"]
