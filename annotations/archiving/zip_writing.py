"""ZIP files written in exactly one way, so that any changed bit shows: stored, sorted, without dates."""

import shutil
import zipfile
from collections.abc import Mapping
from typing import IO

from annotations.archiving.zip_bytes import is_plain

_STEP = 1024 * 1024
_MOST = 2**31 - 1
# What the format calls for where nothing is compressed, and made by no system in particular.
_VERSION = 10
_NO_SYSTEM = 0


def write_zip(out: IO[bytes], files: Mapping[str, IO[bytes]]) -> int:
    """Write `files`, read from their beginnings, sorted by name; return the size in bytes.

    `out` is empty and can seek. Raises ValueError for a name that is not plain (lower-case letters, digits,
    `._-/`) and when the whole does not fit into 2 GiB.
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
            # The library fills in permissions where there are none.
            entry.external_attr = 0
            if out.tell() > _MOST:
                raise ValueError("too large for one file")
    return out.tell()
