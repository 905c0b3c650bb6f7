"""Check entries against their seals, and seals against the chain; private to this package.

An entry is a line of the log, a verdict, a review, a signed record, a decision on changed words or a ready
report. Each is sealed when it is written, so one without a seal was written past the workbench.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import JSONField, Q, TextField
from django.db.models.expressions import RawSQL
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils import timezone

from annotations.archiving.canonical import NotCanonical, read_canonical
from annotations.archiving.findings import Findings
from annotations.archiving.manifest_shape import is_manifest
from annotations.archiving.signing import key_id
from annotations.domain.proof.kinds import EntryKind, ManifestKind
from annotations.domain.reports.contents import canonical
from annotations.models import Manifest, Report, ReportState, Seal
from annotations.queries.reports import ReportRows
from annotations.workflow.entries import TABLES, entry_hash, holds
from annotations.workflow.proof.chain import seal_facts
from annotations.workflow.signing_key import known_keys

ROWS_AT_ONCE = 500
_SEALED_SINCE = """
    SELECT stated.id FROM annotations_seal s CROSS JOIN LATERAL unnest(s.kinds, s.row_ids) stated (kind, id)
    WHERE stated.kind = %s AND s.made_at >= %s
"""
# A seal gets its place in the chain within a minute or two.
CHAINED_WITHIN = timedelta(minutes=10)
Progress = Callable[[str], None]
Broken = Callable[[int, int], None]


class EntryCheck:
    """One walk over the seals, the manifests of entries, the entries, and the rows of ready reports.

    `broken` is told the desk and the number of each manifest that states something which does not hold.
    """

    def __init__(
        self,
        findings: Findings,
        *,
        desk_id: int | None,
        since: datetime | None,
        progress: Progress,
        broken: Broken,
    ) -> None:
        self._findings, self._desk_id, self._since = findings, desk_id, since
        self._progress, self._broken = progress, broken
        self._forged: list[int] = []

    def run(self) -> None:
        """Check all entries and add the findings."""
        self._check_seals()
        self._check_manifests()
        for kind in EntryKind:
            self._check_rows(kind)
        self._check_reports()

    def _check_seals(self) -> None:
        rows = Seal.objects.order_by("pk").select_related("manifest").defer("manifest__body")
        if self._desk_id is not None:
            rows = rows.filter(desk_id=self._desk_id)
        if self._since is not None:
            rows = rows.filter(made_at__gte=self._since)
        late = timezone.now() - CHAINED_WITHIN
        for seal in rows.iterator(chunk_size=ROWS_AT_ONCE):
            name = self._look(f"seal {seal.pk}")
            if not holds(seal):
                self._forged.append(seal.pk)
                why = (
                    "its signature does not fit what it says"
                    if seal.public_key in known_keys()
                    else f"is signed with key {_name_of(seal.public_key)}, which is none of this newsroom's: "
                    "FORMER_SIGNING_KEYS names those from before"
                )
                self._problem(name, why, seal.manifest)
            elif seal.manifest is None and seal.made_at < late:
                self._findings.problem(name, "stands in no manifest")
            elif seal.manifest is not None and seal.manifest.desk_id != seal.desk_id:
                self._problem(name, "stands in the chain of another desk", seal.manifest)

    def _check_manifests(self) -> None:
        manifests = Manifest.objects.filter(kind=ManifestKind.ENTRIES.value).order_by("desk_id", "number")
        if self._desk_id is not None:
            manifests = manifests.filter(desk_id=self._desk_id)
        if self._since is not None:
            manifests = manifests.filter(made_at__gte=self._since)
        for manifest in manifests.iterator(chunk_size=20):
            name = self._look(f"manifest {manifest.number} of desk {manifest.desk_id}")
            seals = {str(seal.pk): seal for seal in Seal.objects.filter(manifest=manifest)}
            for stated in _stated(manifest):
                seal = seals.pop(stated["id"], None)
                if seal is None:
                    named = ", ".join(f"{entry['kind']} {entry['id']}" for entry in stated["entries"][:10])
                    self._problem(name, f"states seal {stated['id']} of {named}, which is gone", manifest)
                elif seal_facts(seal).sha256 != stated["sha256"]:
                    self._problem(f"seal {seal.pk}", f"is not what {name} states", manifest)
            for left in seals:
                self._problem(
                    f"seal {left}", f"says that it stands in {name}, which does not state it", manifest
                )

    def _check_rows(self, kind: EntryKind) -> None:
        for number, sealed_as, desk_id, link, row_id, *columns in self._joined(kind):
            name = self._look(f"{kind.label} {number}")
            place = f"manifest {link} of desk {desk_id}" if link else "its seal"
            if row_id is None:
                sentence = f"is gone, but {place} states it"
            elif sealed_as is None:
                sentence = "was not written by the workbench: nothing sealed it"
            elif set(sealed_as) != {entry_hash(kind, (row_id, *_read(kind, columns)))}:
                sentence = f"is not what {place} states"
            else:
                continue
            self._findings.problem(name, sentence)
            if link:
                self._broken(desk_id, link)

    def _joined(self, kind: EntryKind) -> Iterator[tuple[Any, ...]]:
        """Yield every entry of a kind beside its seal, either of them empty where it is missing.

        One statement reads both at the same moment, since others write meanwhile.
        """
        table = TABLES[kind]
        rows = table.rows()
        if self._desk_id is not None:
            rows = rows.filter(**{table.desk: self._desk_id})
        if self._since is not None:
            # An entry is dated before its seal is made, so one of the seals below may name an older row.
            named = RawSQL(_SEALED_SINCE, (kind.value, self._since))  # noqa: S611 - no text from outside
            rows = rows.filter(Q(**{f"{table.dated}__gte": self._since}) | Q(pk__in=named))
        select, values = rows.order_by().values_list("pk", *table.columns).query.sql_with_params()
        columns = [f"c{number}" for number in range(len(table.columns))]
        statement = f"""
            WITH entry (id, {", ".join(columns)}) AS ({select}), sealed AS (
                SELECT stated.id, array_agg(stated.sha256) AS hashes, min(m.desk_id) AS desk_id,
                    min(m.number) AS number
                FROM annotations_seal s
                CROSS JOIN LATERAL unnest(s.kinds, s.row_ids, s.hashes) stated (kind, id, sha256)
                LEFT JOIN annotations_manifest m ON m.id = s.manifest_id
                WHERE stated.kind = %s AND NOT s.id = ANY (%s) AND (%s::bigint IS NULL OR s.desk_id = %s)
                    AND (%s::timestamptz IS NULL OR s.made_at >= %s)
                GROUP BY stated.id
            )
            SELECT coalesce(entry.id, sealed.id), sealed.hashes, sealed.desk_id, sealed.number, entry.id,
                {", ".join(f"entry.{column}" for column in columns)}
            FROM entry FULL JOIN sealed ON sealed.id = entry.id ORDER BY 1
        """  # noqa: S608 - put together from names of the models
        given = [*values, kind.value, self._forged, *[self._desk_id] * 2, *[self._since] * 2]
        with connection.chunked_cursor() as cursor:
            cursor.execute(statement, given)
            while rows_read := cursor.fetchmany(ROWS_AT_ONCE):
                yield from rows_read

    def _check_reports(self) -> None:
        ready = Report.objects.filter(state=ReportState.READY).order_by("pk")
        if self._desk_id is not None:
            ready = ready.filter(desk_id=self._desk_id)
        if self._since is not None:
            ready = ready.filter(frozen_at__gte=self._since)
        for report in ready.iterator(chunk_size=ROWS_AT_ONCE):
            name = self._look(f"report {report.number} of desk {report.desk_id}")
            digest = hashlib.sha256()
            for row in ReportRows(report.pk):
                digest.update(canonical(row) + b"\n")
            if (report.rows.count(), digest.hexdigest()) != (report.row_count, report.content_hash):
                self._findings.problem(name, "its rows are not those that were frozen")
            elif _are_tied_elsewhere(report):
                self._findings.problem(name, "a row of it is tied to another claim than it states")

    def _look(self, name: str) -> str:
        self._findings.checked += 1
        self._progress(name)
        return name

    def _problem(self, name: str, sentence: str, manifest: Manifest | None) -> None:
        self._findings.problem(name, sentence)
        if manifest is not None:
            self._broken(manifest.desk_id, manifest.number)


def _read(kind: EntryKind, columns: list[Any]) -> Iterator[Any]:
    """Yield the columns of an entry as the model has them; the database hands over JSON as text."""
    table = TABLES[kind]
    for name, value in zip(table.columns, columns, strict=True):
        field = table.model._meta.get_field(name)
        yield json.loads(value) if isinstance(field, JSONField) and value is not None else value


def _are_tied_elsewhere(report: Report) -> bool:
    """Whether a row of a report is tied to another claim than the one that it states."""
    stated = report.rows.annotate(stated=KT("data__claim"))
    return stated.exclude(stated=Cast("claim_id", TextField())).exists()


def _stated(manifest: Manifest) -> list[dict[str, Any]]:
    """Return what a manifest states about seals; nothing where it cannot be read, which is told elsewhere."""
    try:
        body = read_canonical(manifest.body.encode())
    except NotCanonical:
        return []
    is_one = isinstance(body, dict) and is_manifest(body) and body["kind"] == ManifestKind.ENTRIES.value
    return list(body["seals"]) if is_one else []


def _name_of(public_key: str) -> str:
    try:
        return key_id(public_key)
    except ValueError:
        return repr(public_key)
