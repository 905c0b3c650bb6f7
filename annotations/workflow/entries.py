"""Seal entries: sign the rows that a transaction writes of the desk's record, in that transaction.

Entries are lines of the log, verdicts, reviews, signed records, decisions on changed words, ready reports.
Whoever can only write to the database cannot sign, so what they write in another's name is found afterwards.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models, transaction
from django.db.models import F

from annotations.archiving.canonical import canonical
from annotations.archiving.manifest import EntryFacts
from annotations.archiving.signing import is_signed
from annotations.domain.proof.kinds import EntryKind
from annotations.models import (
    Activity,
    EarlierEntries,
    KeptWords,
    Report,
    ReportState,
    Review,
    Seal,
    SignedRecord,
    Verdict,
)
from annotations.workflow.signing_key import known_keys, signing_key

SEALED_AT_ONCE = 1000
Entry = Activity | Verdict | Review | SignedRecord | KeptWords | Report


@dataclass(frozen=True)
class EntryTable:
    """Where the entries of a kind stand, which columns are sealed, and which one says when a row was written.

    `desk` is the lookup that leads to the desk. A column that is added to the model later needs a new form of
    the seal, because the hashes of the rows before would no longer fit.
    """

    model: type[models.Model]
    columns: tuple[str, ...]
    dated: str
    desk: str

    def rows(self) -> models.QuerySet[Any]:
        """Return the rows that are sealed: all of them, but of reports only those that are ready."""
        rows: models.QuerySet[Any] = self.model._default_manager.all()
        return rows.filter(state=ReportState.READY) if self.model is Report else rows


TABLES: dict[EntryKind, EntryTable] = {
    EntryKind.ACTIVITY: EntryTable(
        Activity,
        (
            "desk_id",
            "claim_id",
            "document_id",
            "actor_id",
            "verb",
            "object_type",
            "object_id",
            "from_state",
            "to_state",
            "details",
            "at",
        ),
        dated="at",
        desk="desk_id",
    ),
    EntryKind.VERDICT: EntryTable(
        Verdict,
        (
            "claim_id",
            "number",
            "rating_id",
            "reasoning",
            "as_of",
            "reason_for_change",
            "created_by_id",
            "created_at",
        ),
        dated="created_at",
        desk="claim__desk_id",
    ),
    EntryKind.REVIEW: EntryTable(
        Review,
        (
            "claim_id",
            "verdict_id",
            "submitted_at",
            "record_id",
            "reviewer_id",
            "reviewer_name",
            "decision",
            "note",
            "created_at",
        ),
        dated="created_at",
        desk="claim__desk_id",
    ),
    EntryKind.RECORD: EntryTable(
        SignedRecord,
        ("claim_id", "number", "cause", "body", "sha256", "hand_ids", "created_at"),
        dated="created_at",
        desk="claim__desk_id",
    ),
    EntryKind.KEPT_WORDS: EntryTable(
        KeptWords,
        ("claim_id", "record_id", "document_version_id", "kept_by_id", "reason", "created_at"),
        dated="created_at",
        desk="claim__desk_id",
    ),
    EntryKind.REPORT: EntryTable(
        Report,
        (
            "desk_id",
            "number",
            "title",
            "criteria",
            "head",
            "row_count",
            "content_hash",
            "created_by_id",
            "created_at",
            "frozen_at",
        ),
        dated="frozen_at",
        desk="desk_id",
    ),
}
_KINDS: dict[type[models.Model], EntryKind] = {table.model: kind for kind, table in TABLES.items()}


def seal(desk_id: int, entries: Iterable[Entry]) -> None:
    """Sign entries that the running transaction wrote for a desk; nothing happens without any.

    They are read back, so that what is signed is what is stored: one query for each kind, and one for all
    seals.
    """
    wanted: dict[EntryKind, list[int]] = defaultdict(list)
    for entry in entries:
        wanted[_KINDS[type(entry)]].append(entry.pk)
    _seal(desk_id, [facts for kind in wanted for facts in _facts(kind, wanted[kind])])


def seal_lines(desk_id: int, ids: Sequence[int]) -> None:
    """Sign lines of the log, known by their numbers; see `seal`."""
    _seal(desk_id, _facts(EntryKind.ACTIVITY, ids))


def seal_earlier() -> int:
    """Seal the entries from before there were seals, marked as such; return how many were sealed.

    Each thousand is a transaction of its own.
    """
    count = 0
    while (some := _seal_some_earlier()) is not None:
        count += some
    return count


def is_sealed(entry: Entry) -> bool:
    """Return whether the workbench wrote this row, and wrote it as it stands now: one query for its seals."""
    kind = _KINDS[type(entry)]
    table = TABLES[kind]
    row = table.rows().filter(pk=entry.pk).values_list("pk", table.desk, *table.columns).first()
    if row is None:
        return False
    number, desk_id, *columns = row
    stated = EntryFacts(kind.value, str(number), entry_hash(kind, (number, *columns)))
    seals = Seal.objects.filter(desk_id=desk_id, kinds__contains=[kind.value], row_ids__contains=[number])
    return any(stated in entries_of(seal) and holds(seal) for seal in seals)


def holds(seal: Seal) -> bool:
    """Return whether one of this newsroom's keys signed what a seal states."""
    return seal.public_key in known_keys() and is_signed(signed_bytes(seal), seal.signature, seal.public_key)


def entry_hash(kind: EntryKind, row: Sequence[Any]) -> str:
    """Return the SHA-256 of an entry; `row` holds its number and then the columns of its table."""
    named = dict(zip(("id", *TABLES[kind].columns), row, strict=True))
    text = json.dumps({"kind": kind.value, **named}, sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def entries_of(seal: Seal) -> list[EntryFacts]:
    """Return what a seal states about each of its entries."""
    return [
        EntryFacts(kind, str(row_id), sha256)
        for kind, row_id, sha256 in zip(seal.kinds, seal.row_ids, seal.hashes, strict=True)
    ]


def signed_bytes(seal: Seal) -> bytes:
    """Return what the signature of a seal is made over: canonical JSON in UTF-8."""
    return canonical(
        {
            "format": "factcheck-seal",
            "version": 1,
            "desk": str(seal.desk_id),
            "earlier": seal.is_earlier,
            "entries": [
                {"kind": entry.kind, "id": entry.id, "sha256": entry.sha256} for entry in entries_of(seal)
            ],
        }
    )


def _facts(kind: EntryKind, ids: Sequence[int]) -> list[EntryFacts]:
    table = TABLES[kind]
    rows = table.rows().filter(pk__in=ids).order_by("pk").values_list("pk", *table.columns)
    return [EntryFacts(kind.value, str(row[0]), entry_hash(kind, row)) for row in rows]


def _seal(desk_id: int, facts: Sequence[EntryFacts], *, is_earlier: bool = False) -> None:
    key, seals = signing_key(), []
    for start in range(0, len(facts), SEALED_AT_ONCE):
        some = facts[start : start + SEALED_AT_ONCE]
        made = Seal(
            desk_id=desk_id,
            kinds=[entry.kind for entry in some],
            row_ids=[int(entry.id) for entry in some],
            hashes=[entry.sha256 for entry in some],
            is_earlier=is_earlier,
            public_key=key.public_key,
        )
        made.signature = key.sign(signed_bytes(made))
        seals.append(made)
    Seal.objects.bulk_create(seals)


@transaction.atomic(durable=True)
def _seal_some_earlier() -> int | None:
    waiting = EarlierEntries.objects.select_for_update().filter(done_id__lt=F("until_id"))
    earlier = waiting.order_by("kind").first()
    if earlier is None:
        return None
    kind = EntryKind(earlier.kind)
    table = TABLES[kind]
    rows = table.rows().filter(pk__gt=earlier.done_id, pk__lte=earlier.until_id)
    by_desk: dict[int, list[EntryFacts]] = defaultdict(list)
    found = list(
        rows.filter(**{f"{table.dated}__lt": earlier.since})
        .order_by("pk")
        .values_list(table.desk, "pk", *table.columns)[:SEALED_AT_ONCE]
    )
    for desk_id, *row in found:
        by_desk[desk_id].append(EntryFacts(kind.value, str(row[0]), entry_hash(kind, row)))
    for desk_id, facts in by_desk.items():
        _seal(desk_id, facts, is_earlier=True)
    earlier.done_id = found[-1][1] if len(found) == SEALED_AT_ONCE else earlier.until_id
    earlier.save(update_fields=["done_id"])
    return len(found)


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"an entry holds a {type(value).__name__}")
