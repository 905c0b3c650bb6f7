"""The page of one source: what it is, whether it has changed since verdicts relied on it, and its proof."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from annotations.domain.background import BackgroundPart
from annotations.domain.claims.states import ClaimState
from annotations.domain.evidence.passages import PassageState
from annotations.domain.fetches.watch import PageStatus
from annotations.models import Alert, Capture, Evidence, PassagePlace, Reference, User, Watch
from annotations.models.capture import large_columns
from annotations.queries.alerts import AlertRow
from annotations.queries.captures.time_line import TimeLine, time_line
from annotations.queries.fetches.views import FetchView, fetch_of, newest_copy, rest_of_host
from annotations.queries.heartbeats import part_alive
from annotations.queries.proof.links import proofs_of
from annotations.visibility import get_visible
from annotations.words.captures import Standing, proof_words, standing_words
from annotations.words.origins import origin_words

USES_SHOWN = 100
ALERTS_SHOWN = 20


@dataclass(frozen=True)
class Particular:
    """One detail that the page gives about itself, its origin, and how many of all signs agree on it."""

    name: str
    value: str | date
    origin: str
    agreement: int | None


@dataclass(frozen=True)
class UseView:
    """One use of the source. `passage` is the state of its passage in the newest capture, None without one.

    `leans` says that a verdict in force relies on it.
    """

    evidence: Evidence
    leans: bool
    passage: PassageState | None


@dataclass(frozen=True)
class ReferencePage:
    """Everything that the page of a source shows.

    `relied` holds the captures that verdicts in force rely on. `compare` holds the first of them and the
    newest capture, if they differ.
    """

    reference: Reference
    fetch: FetchView
    particulars: tuple[Particular, ...]
    watch: Watch | None
    standing: Standing
    proof: Standing
    relied: frozenset[int]
    compare: tuple[int, int] | None
    line: TimeLine
    uses: list[UseView]
    alerts: list[AlertRow]
    worker_missing: bool

    @property
    def mark(self) -> str:
        """Return a mark that changes whenever the fetch does something that a person can see."""
        return mark_of(self.reference, self.fetch, worker_missing=self.worker_missing)


@dataclass(frozen=True)
class ReferenceRecord:
    """A source with its fetch, its newest capture, and its watch while a verdict relies on it."""

    reference: Reference
    fetch: FetchView
    watch: Watch | None


def mark_of(reference: Reference, fetch: FetchView, *, worker_missing: bool) -> str:
    """Return a mark that distinguishes the visible states of a source's fetch."""
    at = int(fetch.next_at.timestamp()) if fetch.next_at else 0
    return f"{fetch.state.value}.{at}.{reference.latest_capture_id or 0}.{int(worker_missing)}"


def reference_page(user: User, reference_id: int, *, before: str = "") -> ReferencePage:
    """Return a source on one of the person's desks; raises Missing. At most thirteen queries.

    `before` is the cursor of its time line. Raises BadCursor when that is damaged.
    """
    reference = _reference(user, reference_id)
    fetch = fetch_of(reference)
    uses = _uses(reference)
    leaning = [use for use in uses if use.leans]
    latest = reference.latest_capture
    watch: Watch | None = getattr(reference, "watch", None)
    relied = sorted({use.evidence.capture_id for use in leaning if use.evidence.capture_id is not None})
    return ReferencePage(
        reference=reference,
        fetch=fetch,
        particulars=_particulars(reference, latest),
        watch=watch,
        standing=_page_standing(reference, watch, leaning),
        proof=_proof(relied or ([latest.pk] if latest else []), leans=bool(relied)),
        relied=frozenset(relied),
        compare=(relied[0], latest.pk) if relied and latest and relied[0] != latest.pk else None,
        line=time_line(reference.pk, before=before),
        uses=uses,
        alerts=_alerts(reference.pk),
        worker_missing=fetch.waiting and not part_alive(BackgroundPart.FETCHER),
    )


def reference_record(user: User, reference_id: int) -> ReferenceRecord:
    """Return a source on one of the person's desks; raises Missing. One query, without texts of pages."""
    found = _reference(user, reference_id)
    watch: Watch | None = getattr(found, "watch", None)
    return ReferenceRecord(found, fetch_of(found), watch if watch and watch.next_check_at else None)


def fetch_now(user: User, reference_id: int) -> tuple[Reference, FetchView, bool]:
    """Return a source, its fetch's state, and whether a worker is missing; raises Missing. Two queries."""
    found = get_visible(user, Reference.objects.annotate(**rest_of_host("host")), reference_id)
    fetch = fetch_of(found)
    return found, fetch, fetch.waiting and not part_alive(BackgroundPart.FETCHER)


def _reference(user: User, reference_id: int) -> Reference:
    rows = Reference.objects.select_related("latest_capture__uploaded_by", "desk", "watch")
    fetch_columns = {**rest_of_host("host"), **newest_copy("latest_capture")}
    large = large_columns("latest_capture", but=["provenance"])
    return get_visible(user, rows.defer(*large).annotate(**fetch_columns), reference_id)


def _uses(reference: Reference) -> list[UseView]:
    newest = PassagePlace.objects.filter(evidence=OuterRef("pk")).order_by("-capture_id")
    rows: QuerySet[Any] = (
        Evidence.objects.filter(reference=reference, withdrawn_at__isnull=True)
        .select_related("claim__document", "claim__rating", "created_by")
        .annotate(
            place_state=Subquery(newest.values("state")[:1]),
            place_capture=Subquery(newest.values("capture")[:1]),
        )
        .order_by("-pk")[:USES_SHOWN]
    )
    return [_use(row, row.place_state, row.place_capture) for row in rows]


def _use(row: Evidence, state: str | None, capture_id: int | None) -> UseView:
    passage = PassageState.FOUND if row.passage_start is not None else None
    # A place in a capture earlier than the one now relied on says nothing any more.
    if passage is not None and state and capture_id and capture_id > (row.capture_id or 0):
        passage = PassageState(state)
    leans = row.claim.verdict_id is not None and row.claim.state != ClaimState.DISMISSED
    return UseView(row, leans, passage)


def _page_standing(reference: Reference, watch: Watch | None, leaning: Sequence[UseView]) -> Standing:
    return standing_words(
        is_file=reference.is_file,
        is_kept=reference.latest_capture_id is not None,
        leaning=len(leaning),
        page_status=PageStatus(watch.page_status) if watch else None,
        misses=watch.gone_count if watch else 0,
        passages=[use.passage for use in leaning if use.passage is not None],
    )


def _proof(capture_ids: Sequence[int], *, leans: bool) -> Standing:
    proofs = list(proofs_of(capture_ids).values())
    vouching = [{stamp.authority for stamp in proof.stamped} for proof in proofs]
    return proof_words(
        copies=len(proofs),
        leans=leans,
        signed=sum(proof.number is not None for proof in proofs),
        authorities=sorted(set.intersection(*vouching)) if vouching else [],
        asks=any(proof.asks_authorities for proof in proofs),
    )


def _particulars(reference: Reference, latest: Capture | None) -> tuple[Particular, ...]:
    origins = latest.provenance if latest else {}
    values: tuple[tuple[str, str, str | date | None], ...] = (
        ("title", "Title", reference.title),
        ("site", "Site", reference.site),
        ("author", "Author", reference.author),
        ("published_on", "Published", reference.published_on),
        ("language", "Language", "" if reference.language == "und" else reference.language),
    )
    return tuple(
        Particular(words, value, origin_words(str(origins.get(name, ""))), origins.get(f"{name}_confidence"))
        for name, words, value in values
        if value
    )


def _alerts(reference_id: int) -> list[AlertRow]:
    rows = (
        Alert.objects.filter(reference_id=reference_id)
        .select_related("reference", "claim__rating")
        .order_by("-pk")[:ALERTS_SHOWN]
    )
    return [AlertRow.of(row) for row in rows]
