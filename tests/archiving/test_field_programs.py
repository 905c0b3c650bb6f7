"""Check our files with other people's programs: a validator of WACZ files and an indexer of WARC files."""

import gzip
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import NamedTuple

import brotli
import pytest
import zstandard

from annotations.archiving.wacz_checks import check_wacz
from tests.archiving.conftest import Kept
from tests.archiving.making import PAGE, REDIRECT, Desk, chunked_response, plain_response, repacked, wacz_of
from tests.extraction.pdfs import pdf

OLD, NEW = "https://paper.example/old?b=2&a=1", "https://www.paper.example:8443/new"
PDF = pdf(["Fifty were injured."])
EARLY_HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"

# In a process of their own, because their imports warn. Once for all files, because importing takes long.
_PROGRAMS = """
import contextlib, io, json, sys, zipfile
from cdxj_indexer.main import CDXJIndexer
from wacz.main import main

found = {}
for path in sys.argv[1:]:
    with contextlib.redirect_stdout(sys.stderr):
        valid = main(["validate", "-f", path]) == 0
    index, archive = io.StringIO(), zipfile.ZipFile(path).extract("archive/data.warc.gz", path + ".unpacked")
    CDXJIndexer(index, [archive], sort=True, records="response,revisit,resource").process_all()
    found[path] = [valid, index.getvalue()]
print(json.dumps(found))
"""


class Judged(NamedTuple):
    """A file, whether `wacz validate` accepts it, and the index that `cdxj-indexer` makes of its archive."""

    wacz: bytes
    valid: bool
    index: str


def _judged(files: dict[str, bytes], folder: Path) -> dict[str, Judged]:
    paths = {name: folder / f"{number}.wacz" for number, name in enumerate(files)}
    for name, path in paths.items():
        path.write_bytes(files[name])
    command = [sys.executable, "-I", "-W", "ignore", "-c", _PROGRAMS, *map(str, paths.values())]
    asked = subprocess.run(command, check=True, capture_output=True, text=True)
    found = json.loads(asked.stdout)
    return {name: Judged(files[name], *found[str(path)]) for name, path in paths.items()}


def _response(media_type: str, payload: bytes, *more: str) -> bytes:
    headers = [f"Content-Type: {media_type}", f"Content-Length: {len(payload)}", *more]
    return "\r\n".join(["HTTP/1.1 200 OK", *headers, "", ""]).encode() + payload


EXCHANGES: dict[str, tuple[list[tuple[str, bytes]], bytes]] = {
    "one exchange": ([(NEW, plain_response())], PAGE),
    "redirects": ([(OLD, REDIRECT), (OLD, REDIRECT), (NEW, plain_response())], PAGE),
    "chunks and gzip": ([(NEW, chunked_response())], PAGE),
    "brotli": ([(NEW, _response("text/html", brotli.compress(PAGE), "Content-Encoding: br"))], PAGE),
    "zstd": ([(NEW, _response("text/html", zstandard.compress(PAGE), "Content-Encoding: zstd"))], PAGE),
    "early hints": ([(NEW, EARLY_HINTS + plain_response())], PAGE),
    "a PDF": ([(NEW, _response("application/pdf", PDF))], PDF),
    "an empty page": ([(NEW, plain_response(b""))], b""),
}
PROOFS = {"a page with passages and time stamps": 1, "a page that broke off": 3, "an upload": 4}


@pytest.fixture(scope="module")
def downloads(kept: Kept, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Judged]:
    files = {}
    for name, (answers, body) in EXCHANGES.items():
        desk = Desk()
        desk.page(answers, body)
        files[name] = wacz_of(desk, 1, batch=None, roots={})
    for name, number in PROOFS.items():
        files[name] = wacz_of(kept.desk, number, batch=kept.batch, roots={"clock": kept.authority.root})
    return _judged(files, tmp_path_factory.mktemp("downloads"))


@pytest.mark.parametrize("kind", [*EXCHANGES, *PROOFS])
def test_a_download_passes_the_fields_own_validator(downloads: dict[str, Judged], kind: str) -> None:
    assert check_wacz(io.BytesIO(downloads[kind].wacz)).problems == []
    assert downloads[kind].valid


@pytest.mark.parametrize("kind", [*EXCHANGES, *PROOFS])
def test_the_index_leads_where_the_fields_own_indexer_leads(downloads: dict[str, Judged], kind: str) -> None:
    with zipfile.ZipFile(io.BytesIO(downloads[kind].wacz)) as archive:
        index = gzip.decompress(archive.read("indexes/index.cdx.gz")).decode()
    assert _entries(index) == _entries(downloads[kind].index) != []


def _entries(index: str) -> list[tuple[str, ...]]:
    """Each final response: its address, reversed and plain, its time, and its place in the archive."""
    found = []
    for line in index.splitlines():
        key, moment, facts = line.split(" ", 2)
        named = json.loads(facts)
        if not named.get("status", "").startswith("1"):
            found.append((key, moment, *(named[name] for name in ("url", "offset", "length", "filename"))))
    return found


CHANGES = {
    "another hash of the list of files": ("datapackage-digest.json", b"sha256:", b"sha256:0"),
    "another list of files": ("datapackage.json", b'"title":"Unrest"', b'"title":"Peace"'),
    "another version of the format": ("datapackage.json", b'"1.1.1"', b'"9.9.9"'),
    "another page": ("pages/pages.jsonl", b'"title":"Unrest"', b'"title":"Peace"'),
    "another manifest": ("evidence/manifests_7_1.json", b'"signature":"', b'"signature":"0'),
}


@pytest.fixture(scope="module")
def forgeries(kept: Kept, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Judged]:
    wacz = wacz_of(kept.desk, 1, batch=kept.batch, roots={})
    files = {"a file that nobody listed": repacked(wacz, {"evidence/more.txt": b"x"})}
    for kind, (name, old, new) in CHANGES.items():
        with zipfile.ZipFile(io.BytesIO(wacz)) as archive:
            data = archive.read(name)
        assert old in data
        files[kind] = repacked(wacz, {name: data.replace(old, new)})
    return _judged(files, tmp_path_factory.mktemp("forgeries"))


@pytest.mark.parametrize("kind", ["a file that nobody listed", *CHANGES])
def test_what_the_fields_own_validator_refuses_our_check_refuses(
    forgeries: dict[str, Judged], kind: str
) -> None:
    assert not forgeries[kind].valid
    assert check_wacz(io.BytesIO(forgeries[kind].wacz)).problems
