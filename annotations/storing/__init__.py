"""Where kept files lie: a folder or an S3-compatible bucket, both written once and never over."""

from annotations.storing.once import CHUNK, NO_ROOM, Damaged, StorageFailed, StorageFull, WriteOnce

__all__ = ["CHUNK", "NO_ROOM", "Damaged", "StorageFailed", "StorageFull", "WriteOnce"]
