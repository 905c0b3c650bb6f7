"""Check again everything that is kept: files against each other, and rows against files and manifests."""

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

from django.conf import settings

from annotations.archiving.findings import Finding, Findings
from annotations.archiving.kept_checks import KeptCheck
from annotations.archiving.layout import kind_of
from annotations.models import KeptFile, ProofChain, StampBatch
from annotations.workflow.captures.storage import kept_files, open_kept, size_of
from annotations.workflow.proof.timestamps import trusted_roots
from annotations.workflow.proof.verify_claims import ClaimCheck
from annotations.workflow.proof.verify_entries import EntryCheck
from annotations.workflow.proof.verify_rows import Progress, RowCheck
from annotations.workflow.signing_key import known_keys

COUNTED_AT_ONCE = 2000


def verify(
    *,
    desk_id: int | None = None,
    since: datetime | None = None,
    progress: Progress | None = None,
) -> Findings:
    """Check files and rows: all of them, those of one desk, or those written from `since` on.

    Of one desk or a time, only files are checked that its rows rely on.

    Changes nothing, and may run while others work. `progress` is called with the name of each thing that is
    checked. A manifest of the last moments may not be a file yet, so call `manifest_files.sweep` first.
    Raises StorageFailed when the storage is away.
    """
    findings, report = Findings(), progress or (lambda name: None)
    broken: dict[int, int] = {}

    def note_broken(desk_id: int, number: int) -> None:
        broken[desk_id] = min(number, broken.get(desk_id, number))

    rows = RowCheck(findings, desk_id=desk_id, since=since, progress=report, broken=note_broken)
    rows.run()
    entries = EntryCheck(findings, desk_id=desk_id, since=since, progress=report, broken=note_broken)
    entries.run()
    ClaimCheck(findings, desk_id=desk_id, since=since, progress=report).run()
    there = _files()
    is_whole = desk_id is None and since is None
    _check_counted(findings, there, None if is_whole else rows.names)
    if is_whole:
        _check_not_ahead(findings, there)
    kept = _Storage(there if is_whole else {name: there[name] for name in rows.names & set(there)})
    check = KeptCheck(kept, whole=is_whole, roots=_roots(findings), keys=known_keys(), progress=report)
    found = check.run()
    findings.problems += found.problems
    findings.gaps += found.gaps
    findings.notes += found.notes
    findings.checked += found.checked
    findings.problems[:0] = [
        Finding(f"chain of desk {desk}", f"the first link that does not hold is manifest {number}")
        for desk, number in sorted(broken.items())
    ]
    return findings


def _check_not_ahead(findings: Findings, there: dict[str, int]) -> None:
    """Find files of manifests and batches that are no rows, as after a restore to a day before the files."""
    heads = dict(ProofChain.objects.values_list("pk", "number"))
    roots = set(StampBatch.objects.values_list("root_sha256", flat=True))
    older = "so it is older than the files: set this aside"
    for name in there:
        kind, parts = kind_of(name)
        if kind == "manifest" and int(parts["number"]) > heads.get(int(parts["desk"]), 0):
            findings.problem(name, f"the database holds no such manifest, {older}")
        elif kind == "batch" and parts["root"] not in roots:
            findings.problem(name.removesuffix("/batch.json"), f"the database holds no such batch, {older}")


def _files() -> dict[str, int]:
    """Return every file in the storage with its size, as if all were seen at the same moment.

    Files that others rely on are written first, so they are listed last: time stamps rely on manifests, and
    manifests on all the rest.
    """
    before = dict(ProofChain.objects.values_list("pk", "kept_number"))
    there = dict(kept_files("timestamps"))
    manifests = dict(kept_files("manifests"))
    # Manifests that arrive during the listing may be missed, so they are left to the next check.
    arrived = {
        f"{desk_id}/{number}"
        for desk_id, kept in ProofChain.objects.values_list("pk", "kept_number")
        for number in range(before.get(desk_id, 0) + 1, kept + 1)
    }
    for name, size in manifests.items():
        kind, parts = kind_of(name)
        if kind != "manifest" or f"{parts['desk']}/{parts['number']}" not in arrived:
            there[name] = size
    listed = ("timestamps/", "manifests/")
    there |= {name: size for name, size in kept_files() if not name.startswith(listed)}
    return there


def _check_counted(findings: Findings, there: dict[str, int], names: set[str] | None) -> None:
    counted = KeptFile.objects.all() if names is None else KeptFile.objects.filter(key__in=names)
    for key, size in counted.values_list("key", "size").iterator(chunk_size=COUNTED_AT_ONCE):
        findings.checked += 1
        found = there.get(key)
        if found is None:
            try:
                # It may have been written since the files were listed.
                found = size_of(key)
            except FileNotFoundError:
                findings.problem(key, "is counted among the kept files and is not there")
                continue
        if found != size:
            findings.problem(key, f"has {found} bytes instead of {size}")


def _roots(findings: Findings) -> list[bytes]:
    roots: list[bytes] = []
    for authority in settings.TIMESTAMP_AUTHORITIES:
        try:
            roots += trusted_roots(authority.roots)
        except OSError as error:
            findings.gap("timestamps", f"the root certificates of {authority.url}: {error}")
    return roots


class _Storage:
    """Kept files of the storage, by name."""

    def __init__(self, sizes: dict[str, int]) -> None:
        self._sizes = sizes

    def names(self) -> Iterator[str]:
        """See `KeptFiles.names`."""
        yield from self._sizes

    def open(self, name: str) -> BinaryIO:
        """See `KeptFiles.open`."""
        if name not in self._sizes:
            raise FileNotFoundError(name)
        return open_kept(name)
