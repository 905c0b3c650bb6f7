"""Check a WACZ as a whole: the container, the archive in it, and the proof that it contains."""

import hashlib
import io
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import IO

from annotations.archiving.canonical import NotCanonical, read_canonical
from annotations.archiving.findings import Finding, Findings
from annotations.archiving.indexing import ARCHIVE, blocks_of, index_of, unpacked_index
from annotations.archiving.kept_checks import KeptCheck
from annotations.archiving.layout import body_name, name_from_wacz, name_in_wacz, wire_name
from annotations.archiving.warc_reading import BrokenWarc, read_warc
from annotations.archiving.wire_checks import examine_wire
from annotations.archiving.zip_bytes import BrokenZip, Entry, Slice, read_zip

_WARC = f"archive/{ARCHIVE}"
_EVIDENCE = "evidence/"
_BESIDE = ("evidence/readme.txt", "evidence/verify.py", "evidence/root_")
_SMALL = 8 * 1024 * 1024
_INDEX = "indexes/index.cdx.gz"
_BLOCKS = "indexes/index.idx"
_PAGES = "pages/pages.jsonl"
_NEEDED = ("datapackage.json", "datapackage-digest.json", _WARC, _INDEX, _BLOCKS, _PAGES)


class InWacz:
    """The kept files inside a WACZ, under the names that they have in a storage."""

    def __init__(self, file: IO[bytes], entries: dict[str, Entry]) -> None:
        self._file, self._entries = file, entries
        found = examine_wire(self.entry(_WARC), 0)
        self._aliases = {wire_name(found.sha256): _WARC}
        self._upload = ""
        self.problems = found.problems
        if found.resource_sha256 and not found.asked:
            self._upload = body_name(found.resource_sha256)
            self._aliases = {self._upload: _WARC}

    def names(self) -> Iterator[str]:
        """The names of all kept files. The archive is named by its hash, as in a storage."""
        yield from self._aliases
        for name in self._entries:
            if name.startswith(_EVIDENCE) and not name.startswith(_BESIDE):
                yield name_from_wacz(name)

    def open(self, name: str) -> IO[bytes]:
        """Open a file by its name in a storage. Raises FileNotFoundError."""
        if name == self._upload:
            for record in read_warc(self.entry(_WARC)):
                if record.kind == "resource":
                    return record.content
        inside = self._aliases.get(name, name_in_wacz(name))
        if inside not in self._entries:
            raise FileNotFoundError(name)
        return self.entry(inside)

    def name_inside(self, name: str) -> str:
        """The name of a kept file in the container, or `name` itself if the file is not there."""
        inside = self._aliases.get(name, name_in_wacz(name))
        return inside if inside in self._entries else name

    def entry(self, name: str) -> IO[bytes]:
        """Open a file by its name in the container."""
        return io.BufferedReader(Slice(self._file, self._entries[name]), 1024 * 1024)

    def small(self, name: str) -> bytes:
        """The whole content of a file. Raises ValueError if it is larger than 8 MiB."""
        if self._entries[name].size > _SMALL:
            raise ValueError(f"is larger than {_SMALL} bytes")
        return self.entry(name).read()


def check_wacz(
    file: IO[bytes],
    *,
    roots: Sequence[bytes] = (),
    keys: Collection[str] = (),
    heads: Collection[str] = (),
    progress: Callable[[str], None] | None = None,
) -> Findings:
    """Check a WACZ that `write_wacz` made. `KeptCheck` explains the other arguments.

    Without `roots`, time stamps are checked with the certificates inside the file, and a note says so. Files
    made by other programs are refused, because only one way to write each file is accepted.
    """
    findings = Findings()
    try:
        entries = read_zip(file)
    except BrokenZip as error:
        findings.problem("the file itself", f"{error}")
        return findings
    missing = [name for name in _NEEDED if name not in entries]
    for name in missing:
        findings.problem(name, "is missing")
    if missing:
        return findings
    inside = InWacz(file, entries)
    for sentence in inside.problems:
        findings.problem(_WARC, sentence)
    try:
        _check_package(inside, entries, findings)
        _check_index(inside, findings)
        if not roots:
            roots = [inside.small(name) for name in entries if name.startswith("evidence/root_")]
            if roots:
                findings.note("evidence", "time stamps rest on the certificates in the file itself")
    except ValueError as error:
        findings.problem("the file itself", f"{error}")
    check = KeptCheck(inside, whole=False, roots=roots, keys=keys, heads=heads, progress=progress)
    _take_over(inside, check.run(), findings)
    if not check.captures:
        findings.problem("evidence/manifests", "no manifest states what this file shows")
    return findings


def _check_package(inside: InWacz, entries: dict[str, Entry], findings: Findings) -> None:
    package = inside.small("datapackage.json")
    expected = {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(package).hexdigest()}"}
    try:
        if read_canonical(inside.small("datapackage-digest.json")) != expected:
            findings.problem("datapackage-digest.json", "is not the hash of datapackage.json")
        listed = {
            item["path"]: (item["hash"], item["bytes"]) for item in read_canonical(package)["resources"]
        }
    except (NotCanonical, KeyError, TypeError) as error:
        findings.problem("datapackage.json", f"has another form than it should: {error}")
        return
    for name in sorted(set(entries) | set(listed)):
        if name.startswith("datapackage"):
            continue
        if name not in entries:
            findings.problem(name, "is listed but missing")
        elif name not in listed:
            findings.problem(name, "is there but not listed")
        elif listed[name] != (f"sha256:{_digest(inside.entry(name))}", entries[name].size):
            findings.problem(name, "is not the file that is listed")


def _check_index(inside: InWacz, findings: Findings) -> None:
    try:
        expected = index_of(inside.entry(_WARC))
    except BrokenWarc as error:
        findings.problem(_WARC, f"{error}")
        return
    packed = inside.small(_INDEX)
    if unpacked_index(packed, len(expected) + 1) != expected:
        findings.problem(_INDEX, "leads to other places in the archive than it should")
    if inside.small(_BLOCKS) != blocks_of(packed, expected):
        findings.problem(_BLOCKS, "does not fit the index")
    indexed = {json.loads(line.split(b" ", 2)[2])["url"] for line in expected.splitlines()}
    try:
        shown = {json.loads(line)["url"] for line in inside.small(_PAGES).splitlines()[1:]}
    except (ValueError, TypeError, KeyError, RecursionError):
        findings.problem(_PAGES, "has another form than it should")
        return
    if not shown <= indexed:
        findings.problem(_PAGES, "lists a page that is not in the archive")


def _take_over(inside: InWacz, inner: Findings, findings: Findings) -> None:
    """Add the findings about kept files, under the names that these have in the container."""
    for found, known in (
        (inner.problems, findings.problems),
        (inner.gaps, findings.gaps),
        (inner.notes, findings.notes),
    ):
        for item in found:
            named = Finding(inside.name_inside(item.name), item.sentence)
            if named not in known:
                known.append(named)
    findings.checked += inner.checked


def _digest(stream: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while piece := stream.read(1024 * 1024):
        digest.update(piece)
    return digest.hexdigest()
