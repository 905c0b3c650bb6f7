"""Check the rows that people work with against what was signed of them; private to this package.

While a claim is in review or verified, nothing that its record states changes. Whoever owns the tables can
change it all the same; then the record in force says something else than the rows.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from annotations.archiving.findings import Findings
from annotations.domain.claims.states import SIGNED, ClaimState
from annotations.domain.verdicts.records import Record, RecordCause
from annotations.domain.verdicts.scale import Decision
from annotations.models import SignedRecord

ROWS_AT_ONCE = 500
Progress = Callable[[str], None]

# One statement reads records and rows at the same moment, since others write meanwhile.
_SIGNED_CLAIMS = """
    SELECT c.id, c.desk_id, c.state, r.body, annotations_record(c.id)::text,
        EXISTS (
            SELECT 1 FROM annotations_review v
            WHERE v.claim_id = c.id AND v.decision = %(approved)s AND v.reviewer_id = c.verified_by_id
                AND (v.record_id = r.id OR v.record_id IS NULL AND r.cause = %(upgraded)s)
        )
    FROM annotations_claim c
    LEFT JOIN LATERAL (
        SELECT k.id, k.body, k.cause FROM annotations_signedrecord k
        WHERE k.claim_id = c.id ORDER BY k.number DESC LIMIT 1
    ) r ON true
    WHERE c.state = ANY (%(signed)s) AND (%(desk)s::bigint IS NULL OR c.desk_id = %(desk)s)
        AND (%(since)s::timestamptz IS NULL OR c.updated_at >= %(since)s OR c.submitted_at >= %(since)s)
    ORDER BY c.id
"""
_TEXTS = """
    SELECT v.sha256, encode(sha256(convert_to(v.text, 'UTF8')), 'hex')
    FROM annotations_documentversion v WHERE v.document_id = %(document)s AND v.number = %(number)s
"""


class ClaimCheck:
    """One walk over the claims in review and verified, and the texts that records were made of."""

    def __init__(
        self, findings: Findings, *, desk_id: int | None, since: datetime | None, progress: Progress
    ) -> None:
        self._findings, self._progress = findings, progress
        self._given: dict[str, Any] = {
            "desk": desk_id,
            "since": since,
            "approved": Decision.APPROVED.value,
            "upgraded": RecordCause.UPGRADED.value,
            "signed": [state.value for state in SIGNED],
        }

    def run(self) -> None:
        """Check claims and texts and add the findings."""
        for claim_id, desk_id, state, body, rows, is_approved in self._rows(_SIGNED_CLAIMS):
            name = self._look(f"claim {claim_id} of desk {desk_id}")
            if body is None:
                self._findings.problem(name, "is in review or verified without a record")
                continue
            try:
                differing = _differing(orjson.loads(body), orjson.loads(rows))
            except (ValueError, KeyError, TypeError):
                differing = ["its words cannot be read"]
            if differing:
                self._findings.problem(name, f"is not what its record states: {', '.join(differing)}")
            if state == ClaimState.VERIFIED and not is_approved:
                self._findings.problem(
                    name, "is verified, but whoever it names did not approve the record in force"
                )
        for (document_id, number), stated in sorted(self._stated_texts().items()):
            name = self._look(f"version {number} of article {document_id}")
            with connection.cursor() as cursor:
                cursor.execute(_TEXTS, {"document": document_id, "number": number})
                row = cursor.fetchone()
            if row is None or {*row, *stated} != {row[0]}:
                self._findings.problem(name, "is not the text that records were made of")

    def _stated_texts(self) -> dict[tuple[int, int], set[str]]:
        """Return the hashes that records state of each version of an article that they quote."""
        records = SignedRecord.objects.order_by()
        if self._given["desk"] is not None:
            records = records.filter(claim__desk_id=self._given["desk"])
        if self._given["since"] is not None:
            records = records.filter(created_at__gte=self._given["since"])
        found: dict[tuple[int, int], set[str]] = defaultdict(set)
        rows = records.values_list("claim__document_id", "body")
        for document_id, body in rows.iterator(chunk_size=ROWS_AT_ONCE):
            # A record that cannot be read is not what its seal states, which is told elsewhere.
            with suppress(ValueError, KeyError, TypeError):
                article = orjson.loads(body)["article"]
                found[document_id, article["version"]].add(article["sha256"])
        return found

    def _rows(self, statement: str) -> Iterator[tuple[Any, ...]]:
        with connection.chunked_cursor() as cursor:
            cursor.execute(statement, self._given)
            while rows := cursor.fetchmany(ROWS_AT_ONCE):
                yield from rows

    def _look(self, name: str) -> str:
        self._findings.checked += 1
        self._progress(name)
        return name


def _differing(signed: Record, now: Record) -> list[str]:
    """Return the names of the parts that two records state differently, names of people and titles aside.

    Those may change after the signature: the record keeps what they were on that day.
    """
    before, after = _judged(signed), _judged(now)
    return [name for name, value in before.items() if after[name] != value]


def _judged(record: Record) -> dict[str, Any]:
    words, verdict, rating = record["words"], record["verdict"], record["rating"]
    return {
        "statement": (record["statement"], record["language"], record["chosen_because"]),
        "claimant": record["claimant"],
        "when and where it was said": (record["said_on"], record["said_where"]),
        "words": words and (words["exact"], words["start"], words["end"], record["article"]["version"]),
        "verdict": (
            *(verdict[name] for name in ("number", "reasoning", "reason_for_change", "as_of", "at")),
            verdict["by"]["id"],
        ),
        "rating": [rating[name] for name in ("slug", "label", "definition", "value", "tone", "position")],
        "sources": [
            (
                *(row[name] for name in ("id", "stance", "passage", "passage_start", "passage_end", "note")),
                row["authors"],
                row["capture"]
                and (row["capture"]["id"], row["capture"]["body_sha256"], row["capture"]["text_sha256"]),
            )
            for row in record["evidence"]
        ],
        "submission": (record["submitted_by"]["id"], record["submitted_at"]),
    }
