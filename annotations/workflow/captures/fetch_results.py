"""What an attempt brought, and the capture made of it; private to this package."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Max
from django.db.models.functions import Coalesce

from annotations.domain.claims.states import ClaimState
from annotations.domain.fetches.states import FetchKind
from annotations.domain.hops import Hop
from annotations.domain.verdicts.records import RecordCause
from annotations.extraction import Extracted
from annotations.fetching import Fetched, FetchFailed
from annotations.models import Capture, Claim, Evidence, FetchJob, Reference, SignedRecord
from annotations.models.page_facts import PAGE_FACTS
from annotations.workflow.captures.rows import capture_of, place_passage, plain
from annotations.workflow.captures.storage import Kept
from annotations.workflow.entries import seal


@dataclass(frozen=True)
class KeptPage:
    """A fetched page whose exchange, bytes and text are stored. `text` is None where there is none."""

    fetched: Fetched
    read: Extracted
    body: Kept
    wire: Kept | None = None
    text: Kept | None = None


@dataclass(frozen=True)
class UnkeptPage:
    """A page that was not stored, because a check of the watch found nothing new that matters.

    `findings` holds what differed all the same. `is_missing` says that it is a friendly “not found”.
    """

    fetched: Fetched
    findings: dict[str, Any] = field(default_factory=dict)
    is_missing: bool = False


Result = KeptPage | UnkeptPage | FetchFailed


def code_of(result: Result) -> str:
    """Return the outcome as a code of the table in `domain.fetches.outcomes`."""
    return result.code if isinstance(result, FetchFailed) else result.fetched.code


def retry_after_of(result: Result) -> timedelta | None:
    """Return how long the site asked to wait before the next try; None if it did not ask."""
    return result.retry_after if isinstance(result, FetchFailed) else result.fetched.retry_after


def last_host_of(result: Result, asked: str) -> str:
    """Return the host that answered or stayed silent; after a redirect it is not the one `asked`."""
    if isinstance(result, FetchFailed):
        return (urlsplit(result.hops[-1].url).hostname or asked) if result.hops else asked
    return urlsplit(result.fetched.final_url).hostname or asked


def show_fetch(reference: Reference, job: FetchJob) -> None:
    """Copy the state of a job to its locked reference, where lists and pages read it.

    A check of the watch is not copied: a page that was fetched stays fetched.
    """
    if job.kind == FetchKind.WATCH:
        return
    reference.fetch_state, reference.fetch_code = job.state, job.error_code
    reference.fetch_next_at = job.next_attempt_at
    reference.save(update_fields=["fetch_state", "fetch_code", "fetch_next_at"])


def store_capture(job: FetchJob, reference: Reference, kept: KeptPage) -> Capture:
    """Write the capture of a running attempt. The reference is left unchanged."""
    fetched, read = kept.fetched, kept.read
    return capture_of(
        reference,
        replace(read, media_type=read.media_type or fetched.media_type),
        outcome_code=fetched.code,
        body=kept.body,
        wire=kept.wire,
        text=kept.text,
        job=job,
        attempt=job.attempt,
        fetched_at=fetched.started_at,
        final_url=plain(fetched.final_url),
        status=fetched.status,
        headers=[[plain(name), plain(value)] for name, value in fetched.headers],
        hops=[_hop(hop) for hop in fetched.hops],
        tls_unverified=not job.verify_tls,
        warnings=list(dict.fromkeys((*fetched.warnings, *read.warnings))),
    )


def adopt(reference: Reference, capture: Capture) -> None:
    """Make a capture the latest of its locked reference, and the one that waiting evidence relies on."""
    reference.latest_capture = capture
    for name in PAGE_FACTS:
        value = getattr(capture, name)
        # What a page no longer says, such as who wrote it, is not forgotten.
        setattr(reference, name, value or getattr(reference, name))
    reference.save(update_fields=["latest_capture", *PAGE_FACTS])
    waiting = Evidence.objects.filter(reference=reference, capture__isnull=True)
    # A submission or decision of one of these claims comes wholly before or after. What is verified keeps its
    # record.
    claims = Claim.objects.filter(evidence__in=waiting).exclude(state=ClaimState.VERIFIED).values("pk")
    locked = Claim.objects.select_for_update(no_key=True).filter(pk__in=claims).order_by("pk")
    list(locked.values_list("pk", flat=True))
    pinned = list(waiting.exclude(claim__state=ClaimState.VERIFIED).order_by("pk"))
    records = SignedRecord.objects.filter(claim__in={evidence.claim_id for evidence in pinned})
    before = records.aggregate(last=Coalesce(Max("pk"), 0))["last"] if pinned else 0
    for evidence in pinned:
        pin(evidence, capture)
    if pinned:
        # The database makes a new record of a claim in review, because its reviewer has to read the page too.
        seal(reference.desk_id, records.filter(pk__gt=before, cause=RecordCause.READ))


def pin_late_captures(claim: Claim) -> list[Evidence]:
    """Let evidence of an opened claim rely on what was read of its page while the claim was locked.

    Returns that evidence. The transaction has to end with `proof.chain.sign_passages` of it.
    """
    waiting = Evidence.objects.filter(
        claim=claim, capture__isnull=True, reference__latest_capture__isnull=False
    ).select_related("reference__latest_capture")
    pinned = list(waiting.order_by("pk"))
    for evidence in pinned:
        pin(evidence, evidence.reference.latest_capture)
    return pinned


def pin(evidence: Evidence, capture: Capture | None) -> None:
    """Rely on this capture, and find the passage in it."""
    evidence.capture = capture
    place_passage(evidence, capture)
    evidence.save(update_fields=["capture", "passage_start", "passage_end"])


def _hop(hop: Hop) -> dict[str, Any]:
    return {**hop.as_json(), "headers": [[plain(name), plain(value)] for name, value in hop.headers]}
