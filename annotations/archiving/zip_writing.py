"""Write ZIP files in exactly one way, so any changed bit shows: uncompressed, sorted, without dates."""

import shutil
import zipfile
from collections.abc import Mapping
from typing import IO

from annotations.archiving.zip_bytes import is_plain

_STEP = 1024 * 1024
_MOST = 2**31 - 1
# The version of the format that a file without compression needs, and no particular system.
_VERSION = 10
_NO_SYSTEM = 0


def write_zip(out: IO[bytes], files: Mapping[str, IO[bytes]]) -> int:
    """Write `files`, sorted by name and each from its beginning, and return the size of the ZIP in bytes.

    `out` must be empty and seekable. Raises ValueError for a name that is not plain (lower-case letters,
    digits, `._-/`) and for a ZIP of more than 2 GiB.
    """
    with zipfile.ZipFile(out, "w") as archive:
        for name in sorted(files):
            if not is_plain(name):
                raise ValueError(f"{name!r} is no plain name")
            entry = zipfile.ZipInfo(name)
            entry.create_system = _NO_SYSTEM
            entry.create_version = entry.extract_version = _VERSION
            files[name].seek(0)
            with archive.open(entry, "w") as inside:
                shutil.copyfileobj(files[name], inside, _STEP)
            # The library sets permissions if there are none.
            entry.external_attr = 0
            if out.tell() > _MOST:
                raise ValueError("too large for one file")
    return out.tell()
