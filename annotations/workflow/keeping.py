"""Keep bytes under the name of their own hash; private to this package."""

import hashlib

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage


def keep(body: bytes) -> tuple[str, str]:
    """Store `body` unless it is stored already; return its SHA-256 and its name in the storage.

    What is kept is never overwritten. Not to be called inside a transaction: it writes files. Raises
    OSError when the storage takes no more.
    """
    digest = hashlib.sha256(body).hexdigest()
    name = f"captures/{digest[:2]}/{digest}"
    if default_storage.exists(name):
        if default_storage.size(name) == len(body):
            return digest, name
        # A process that was killed while writing left a part behind; nothing points to it yet.
        default_storage.delete(name)
    stored = default_storage.save(name, ContentFile(body))
    if stored != name:
        # Someone kept the same bytes at the same moment and the storage chose another name for ours.
        default_storage.delete(stored)
    return digest, name
