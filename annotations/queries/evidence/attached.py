"""The evidence of a claim, as pages and the API show it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urldefrag

from django.db.models import F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Greatest, Least, Substr

from annotations.domain.alerts import AlertState
from annotations.domain.documents.text import words_after, words_before
from annotations.domain.evidence.stance import Stance
from annotations.domain.evidence.text_fragments import link_to_words
from annotations.domain.fetches.outcomes import sentence_of
from annotations.models import Alert, Capture, Evidence, Reference, User
from annotations.queries.fetches.views import FetchView, fetch_of, newest_copy, rest_of_host
from annotations.visibility import get_visible, not_here

_CONTEXT = 240
# The same words are searched for within this many characters on both sides, so that a link can name the right
# ones.
_SURROUNDINGS = 10_000


@dataclass(frozen=True, slots=True)
class PassageView:
    """The passage with the words before and after it in the page as it was read.

    `found` is None while no page was read, and False when the page does not hold the words. `live_url` opens
    today's page at these words. It is empty for a file and for words that were not found.
    """

    words: str
    before: str
    after: str
    found: bool | None
    live_url: str


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """One source of a claim, ready to be shown.

    `alert_id` is the alert that the page changed after the verdict in force, until a person settles it. If
    they decide to amend the verdict, it stays until the next verdict. `marks` say permanently how the copy
    was made. `newer_id` and `newer_at` belong to the newest capture that is later than the one relied on and
    has another text; None if there is none.
    """

    evidence: Evidence
    reference: Reference
    stance: Stance
    fetch: FetchView
    passage: PassageView
    warnings: tuple[str, ...]
    marks: tuple[str, ...]
    fetched_at: datetime | None
    has_text: bool
    alert_id: int | None
    newer_id: int | None
    newer_at: datetime | None


_unanswered = (
    Alert.objects.filter(evidence=OuterRef("pk"))
    .filter(
        Q(state=AlertState.OPEN.value)
        | Q(state=AlertState.AMENDED.value, decided_at__gt=OuterRef("claim__verdict__created_at"))
    )
    .order_by("-pk")
)


def evidence_views(claim_id: int, *, withdrawn: bool = False) -> list[EvidenceView]:
    """Return the sources of a claim in the order in which they were attached; one query.

    The caller has checked that the claim may be read. The database cuts the texts of pages to what the
    passage needs.
    """
    start, end = F("passage_start"), F("passage_end")
    newer = (
        Capture.objects.filter(reference=OuterRef("reference"), pk__gt=OuterRef("capture"), outcome_code="ok")
        .exclude(text_sha256=OuterRef("capture__text_sha256"))
        .exclude(text_sha256="")
        .order_by("-pk")[:1]
    )
    rows = (
        Evidence.objects.filter(claim_id=claim_id)
        .select_related("reference", "created_by", "withdrawn_by")
        .annotate(
            before=Substr(
                "capture__text", Greatest(start - _SURROUNDINGS, 0) + 1, Least(start, _SURROUNDINGS)
            ),
            exact=Substr("capture__text", start + 1, end - start),
            after=Substr("capture__text", end + 1, Value(_SURROUNDINGS)),
            page_warnings=F("capture__warnings"),
            page_unverified=F("capture__tls_unverified"),
            page_uploader=F("capture__uploaded_by"),
            page_at=F("capture__fetched_at"),
            page_hash=F("capture__text_sha256"),
            newer_id=Subquery(newer.values("pk")),
            newer_at=Subquery(newer.values("fetched_at")),
            alert_id=Subquery(_unanswered.values("pk")[:1]),
            **rest_of_host("reference__host"),
            **newest_copy("reference__latest_capture"),
        )
        .order_by("pk")
    )
    if not withdrawn:
        rows = rows.filter(withdrawn_at__isnull=True)
    return [_source(row) for row in rows]


def evidence_for(user: User, evidence_id: int) -> Evidence:
    """Return a piece of evidence with its claim; raises Missing. One query."""
    return get_visible(user, Evidence.objects.select_related("claim"), evidence_id)


def evidence_view(evidence_id: int) -> EvidenceView:
    """Return one source, as `evidence_views` shows it; raises Missing. The caller has checked access."""
    claim_id = Evidence.objects.filter(pk=evidence_id).values_list("claim_id", flat=True).first()
    found = [
        view for view in evidence_views(claim_id or 0, withdrawn=True) if view.evidence.pk == evidence_id
    ]
    if not found:
        raise not_here(Evidence)
    return found[0]


def _marks(row: Any) -> tuple[str, ...]:
    marks = []
    if row.page_unverified:
        marks.append("Certificate not checked")
    if row.page_uploader and not row.reference.is_file:
        marks.append("Uploaded, not fetched")
    return tuple(marks)


def _source(row: Any) -> EvidenceView:
    for name in ("host_open_until", "host_free_at", "copy_uploader", "copy_unverified"):
        setattr(row.reference, name, getattr(row, name))
    fetch = fetch_of(row.reference)
    return EvidenceView(
        evidence=row,
        reference=row.reference,
        stance=Stance(row.stance),
        fetch=fetch,
        passage=_passage(row),
        warnings=tuple(sentence_of(code) for code in row.page_warnings or () if code != "tls_unverified"),
        marks=_marks(row),
        fetched_at=row.page_at,
        has_text=bool(row.page_hash),
        alert_id=row.alert_id,
        newer_id=row.newer_id,
        newer_at=row.newer_at,
    )


def _passage(row: Any) -> PassageView:
    # Without a place the database still returns some text, because LEAST and GREATEST ignore nulls.
    if row.passage_start is None:
        found = False if row.page_at and row.passage else None
        return PassageView(words=row.passage, before="", after="", found=found, live_url="")
    before, after = row.before or "", row.after or ""
    live_url = ""
    if not row.reference.is_file:
        # The given address may name a part of the page; the address that is fetched does not.
        part = urldefrag(row.url_given).fragment
        live_url = link_to_words(
            row.reference.url + (f"#{part}" if part and "#" not in row.reference.url else ""),
            before + row.exact + after,
            len(before),
            len(before) + len(row.exact),
            is_cut=len(before) == _SURROUNDINGS or len(after) == _SURROUNDINGS,
        )
    return PassageView(
        words=row.exact if row.passage else "",
        before=words_before(before, len(before), _CONTEXT),
        after=words_after(after, 0, _CONTEXT),
        found=bool(row.passage) or None,
        live_url=live_url,
    )
