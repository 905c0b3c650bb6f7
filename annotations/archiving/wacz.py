"""Write a capture as a WACZ: one file that web archive viewers can open and that contains its own proof."""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from urllib.parse import quote

from annotations.archiving.canonical import canonical
from annotations.archiving.indexing import ARCHIVE, index_of, packed_index
from annotations.archiving.layout import name_in_wacz
from annotations.archiving.standalone import standalone_script
from annotations.archiving.zip_writing import write_zip

_WACZ_VERSION = "1.1.1"
_STEP = 1024 * 1024
_README = Path(__file__).with_name("wacz_readme.txt")


@dataclass(frozen=True)
class Page:
    """The page that a viewer shows first: its address in the archive, its title, the time of the capture."""

    url: str
    title: str
    at: datetime


def write_wacz(
    out: IO[bytes],
    *,
    archive: IO[bytes],
    page: Page,
    evidence: Mapping[str, bytes],
    roots: Mapping[str, bytes],
    software: str,
) -> int:
    """Write a WACZ to the empty file `out` and return its size in bytes.

    The same parts always give the same file. `archive` is the WARC of the capture: the exchange, or what
    `write_resource` made of an upload. `evidence` maps names of `layout` to kept files: the manifest of the
    capture, its text, the manifests of passages relied on, proofs of inclusion and the time stamps. `roots`
    maps plain names to PEM files of authorities. The WACZ also contains a program that checks it and a
    page that explains how to use it.

    Raises ValueError for a name that is not plain and for a file of more than 2 GiB, and `BrokenWarc` if
    `archive` is not a WARC.
    """
    archive.seek(0)
    index, blocks = packed_index(index_of(archive))
    files: dict[str, IO[bytes]] = {
        f"archive/{ARCHIVE}": archive,
        "indexes/index.cdx.gz": io.BytesIO(index),
        "indexes/index.idx": io.BytesIO(blocks),
        "pages/pages.jsonl": io.BytesIO(_pages(page)),
        "evidence/readme.txt": io.BytesIO(_README.read_bytes()),
        "evidence/verify.py": io.BytesIO(standalone_script().encode()),
    }
    files |= {name_in_wacz(name): io.BytesIO(data) for name, data in evidence.items()}
    files |= {f"evidence/root_{name}.pem": io.BytesIO(pem) for name, pem in roots.items()}
    package = _package(files, page, software)
    digest = {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(package).hexdigest()}"}
    files["datapackage.json"] = io.BytesIO(package)
    files["datapackage-digest.json"] = io.BytesIO(canonical(digest))
    return write_zip(out, files)


def uploaded_url(sha256: str, filename: str) -> str:
    """An address for an uploaded file, which has none, in a domain that cannot exist."""
    return f"http://uploaded.invalid/{sha256}/{quote(filename or 'file', safe='')}"


def _pages(page: Page) -> bytes:
    heading = {"format": "json-pages-1.0", "id": "pages", "title": "All Pages"}
    moment = _moment(page.at)
    shown = {
        "id": hashlib.sha256(f"{page.url} {moment}".encode()).hexdigest()[:16],
        "url": page.url,
        "title": page.title,
        "ts": moment,
    }
    return canonical(heading) + b"\n" + canonical(shown) + b"\n"


def _package(files: Mapping[str, IO[bytes]], page: Page, software: str) -> bytes:
    resources = []
    for name in sorted(files):
        digest, size = hashlib.sha256(), 0
        files[name].seek(0)
        while piece := files[name].read(_STEP):
            digest.update(piece)
            size += len(piece)
        # The name is the whole path, because two manifests may have the same last part.
        resources.append({"name": name, "path": name, "hash": f"sha256:{digest.hexdigest()}", "bytes": size})
    return canonical(
        {
            "profile": "data-package",
            "wacz_version": _WACZ_VERSION,
            "title": page.title,
            "created": _moment(page.at),
            "software": software,
            "mainPageUrl": page.url,
            "mainPageDate": _moment(page.at),
            "resources": resources,
        }
    )


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
