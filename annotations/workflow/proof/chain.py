"""Sign captures, passages that evidence relies on, and entries as the next manifests of the desk's chain.

The manifest of a capture or a passage is made in the transaction that makes what it is about. It locks the
head of the desk's chain, and that lock is the last one that the transaction takes, to avoid deadlocks.
Entries are sealed as they are written, and chained a little later, many at once: no writer waits for another.
"""

import hashlib
import json
import platform
from collections.abc import Sequence
from importlib import metadata

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from annotations.archiving.manifest import (
    Blob,
    CaptureFacts,
    Link,
    PassageFacts,
    SealFacts,
    capture_manifest,
    entries_manifest,
    passage_manifest,
)
from annotations.domain.proof.kinds import ManifestKind
from annotations.domain.software import NAME, VERSION
from annotations.jobs import KEEP_MANIFESTS, wake
from annotations.models import Capture, Evidence, Manifest, ProofChain, Seal
from annotations.workflow.entries import entries_of, holds, signed_bytes
from annotations.workflow.signing_key import signing_key

CONTEXT = 32
DETAILS = (
    "job_id", "attempt", "headers", "hops", "warnings", "charset", "title", "site", "author", "language",
    "excerpt", "provenance", "uploaded_by_id",
)  # fmt: skip
SIGNED_AT_ONCE = 100
CHAINED_AT_ONCE = 200
_LIBRARIES = ("httpcore2", "trafilatura", "pypdfium2", "warcio", "cryptography")
SOFTWARE = {
    NAME: VERSION,
    "python": platform.python_version(),
    **{name: metadata.version(name) for name in _LIBRARIES},
}


def sign_capture(capture: Capture) -> None:
    """Sign a capture of the running transaction, and each passage of it that evidence relies on.

    Call this last: it locks the desk's chain. A capture that is signed already is not signed again.
    """
    chain = _locked_chain(capture.reference.desk_id)
    if not _hash_of(capture):
        evidence = Evidence.objects.filter(capture=capture, passage_start__isnull=False)
        _append(chain, [capture, *evidence.select_related("capture").order_by("pk")])


def sign_passage(evidence: Evidence) -> None:
    """Sign the present place of a piece of evidence's passage; do nothing where it has no place.

    Call this last: it locks the desk's chain. The capture is signed first if it has not been signed yet.
    """
    sign_passages([evidence])


def sign_passages(evidence: Sequence[Evidence]) -> None:
    """Sign the places of the passages of several pieces of evidence of one desk; see `sign_passage`."""
    placed = [row for row in evidence if row.passage_start is not None and row.capture is not None]
    if not placed:
        return
    chain = _locked_chain(placed[0].reference.desk_id)
    captures = {row.capture_id: row.capture for row in placed if row.capture is not None}
    _append(chain, [*(capture for capture in captures.values() if not _hash_of(capture)), *placed])


def sign_missing() -> int:
    """Sign captures that nobody has signed, desk by desk, the oldest first; return how many were signed.

    Each hundred is a transaction of its own.
    """
    count = 0
    while some := _sign_some():
        count += some
    return count


def chain_entries() -> int:
    """Give the seals of all desks that stand in no manifest yet their place in the chain; return how many.

    A seal that none of this newsroom's keys signed gets none. Each two hundred are one manifest, in a
    transaction of its own.
    """
    waiting = Seal.objects.filter(manifest__isnull=True)
    desks = waiting.order_by("desk_id").values_list("desk_id", flat=True).distinct()
    return sum(_chain_desk(desk_id) for desk_id in list(desks))


def capture_facts(capture: Capture) -> CaptureFacts:
    """Return what a manifest states about a capture, from the capture's row."""
    return CaptureFacts(
        capture=str(capture.pk),
        reference=str(capture.reference_id),
        asked=capture.reference.url,
        final=capture.final_url,
        fetched_at=capture.fetched_at,
        outcome=capture.outcome_code,
        status=capture.status,
        body=Blob(capture.body_sha256, capture.body_size),
        media_type=capture.media_type,
        wire=Blob(capture.wire_sha256, capture.wire_size) if capture.wire_sha256 else None,
        text=Blob(capture.text_sha256, len(capture.text.encode())) if capture.text_sha256 else None,
        extractor=capture.extractor,
        hops=capture.hops,
        warnings=capture.warnings,
        tls_unverified=capture.tls_unverified,
        filename=capture.filename,
        details=_details_hash(capture),
    )


def _chain_desk(desk_id: int) -> int:
    count, after = 0, 0
    while (last := _chain_some(desk_id, after)) is not None:
        count, after = count + last[0], last[1]
    return count


@transaction.atomic(durable=True)
def _chain_some(desk_id: int, after: int) -> tuple[int, int] | None:
    """Chain some seals numbered above `after`; return how many, and the number of the last that was seen."""
    chain = _locked_chain(desk_id)
    waiting = Seal.objects.filter(desk_id=desk_id, manifest__isnull=True, pk__gt=after)
    seals = list(waiting.order_by("pk")[:CHAINED_AT_ONCE])
    if not seals:
        return None
    held = [seal for seal in seals if holds(seal)]
    if held:
        [manifest] = _append(chain, [held])
        Seal.objects.filter(pk__in=[seal.pk for seal in held]).update(manifest=manifest)
    return len(held), seals[-1].pk


@transaction.atomic(durable=True)
def _sign_some() -> int:
    signed = Manifest.objects.filter(capture=OuterRef("pk"), kind=ManifestKind.CAPTURE.value)
    captures = list(
        Capture.objects.filter(~Exists(signed))
        .select_related("reference")
        # Chains are locked in the same order by everyone who does this, to avoid deadlocks.
        .order_by("reference__desk_id", "pk")[:SIGNED_AT_ONCE]
    )
    for capture in captures:
        sign_capture(capture)
    return len(captures)


def _details_hash(capture: Capture) -> str:
    """Return the hash of the other facts in the row, so that a change to them is found."""
    day = capture.published_on.isoformat() if capture.published_on else None
    details = {name: getattr(capture, name) for name in DETAILS} | {"published_on": day}
    return hashlib.sha256(json.dumps(details, sort_keys=True).encode()).hexdigest()


def _hash_of(capture: Capture) -> str:
    """Return the hash of the manifest of a capture; empty where nobody has signed it."""
    manifests = Manifest.objects.filter(capture=capture, kind=ManifestKind.CAPTURE.value)
    return manifests.values_list("sha256", flat=True).first() or ""


def _locked_chain(desk_id: int) -> ProofChain:
    locked = ProofChain.objects.select_for_update(of=("self",)).filter(pk=desk_id)
    chain = locked.first()
    if chain is None:
        ProofChain.objects.bulk_create([ProofChain(desk_id=desk_id)], ignore_conflicts=True)
        chain = locked.get()
    return chain


def _append(chain: ProofChain, subjects: Sequence[Capture | Evidence | Sequence[Seal]]) -> Sequence[Manifest]:
    """Add a manifest about each of `subjects` to a locked chain, and return them."""
    key, made_at = signing_key(), timezone.now().replace(microsecond=0)
    was_kept_whole = chain.kept_number == chain.number
    rows: list[Manifest] = []
    hashes: dict[int, str] = {}
    for subject in subjects:
        link = Link(str(chain.desk_id), chain.number + 1, chain.sha256, made_at)
        row = Manifest(
            desk_id=chain.desk_id, number=link.number, previous_sha256=link.previous, made_at=made_at
        )
        if isinstance(subject, Capture):
            row.kind, row.capture = ManifestKind.CAPTURE.value, subject
            sealed = key.seal(capture_manifest(link, capture_facts(subject), software=SOFTWARE))
            hashes[subject.pk] = sealed.sha256
        elif isinstance(subject, Evidence):
            row.kind, row.capture, row.evidence = ManifestKind.PASSAGE.value, subject.capture, subject
            sealed = key.seal(passage_manifest(link, [_passage_facts(subject, hashes)], software=SOFTWARE))
        else:
            row.kind = ManifestKind.ENTRIES.value
            sealed = key.seal(
                entries_manifest(link, [seal_facts(seal) for seal in subject], software=SOFTWARE)
            )
        row.body, row.sha256 = sealed.body, sealed.sha256
        row.public_key, row.signature = sealed.public_key, sealed.signature
        rows.append(row)
        chain.number, chain.sha256 = link.number, sealed.sha256
    Manifest.objects.bulk_create(rows)
    chain.save(update_fields=["number", "sha256"])
    if was_kept_whole:
        # Otherwise a worker has been woken before, and it will write these too.
        wake(KEEP_MANIFESTS, desk_id=chain.desk_id)
    return rows


def seal_facts(seal: Seal) -> SealFacts:
    """Return what a manifest states about a seal, from its row."""
    return SealFacts(str(seal.pk), hashlib.sha256(signed_bytes(seal)).hexdigest(), entries_of(seal))


def _passage_facts(evidence: Evidence, hashes: dict[int, str]) -> PassageFacts:
    capture, start, end = evidence.capture, evidence.passage_start, evidence.passage_end
    assert capture is not None
    assert start is not None
    assert end is not None
    return PassageFacts(
        evidence=str(evidence.pk),
        claim=str(evidence.claim_id),
        capture=str(capture.pk),
        capture_manifest=hashes.get(capture.pk) or _hash_of(capture),
        stance=evidence.stance,
        exact=capture.text[start:end],
        prefix=capture.text[max(0, start - CONTEXT) : start],
        suffix=capture.text[end : end + CONTEXT],
        start=start,
        end=end,
        text_sha256=capture.text_sha256,
    )
