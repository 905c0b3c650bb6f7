"""Manifests, to be signed: plain values that state what was captured, relied on or written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from annotations.archiving.manifest_shape import HOP

FORMAT = "factcheck-manifest"
VERSION = 1


@dataclass(frozen=True)
class Link:
    """The place of a manifest in the chain of its desk.

    `previous` is the SHA-256 of the manifest before it, in hexadecimal. The first manifest has number 1
    and an empty `previous`.
    """

    desk: str
    number: int
    previous: str
    made_at: datetime


@dataclass(frozen=True)
class Blob:
    """The SHA-256 and the size in bytes of something that is kept."""

    sha256: str
    size: int


@dataclass(frozen=True)
class CaptureFacts:
    """The facts of one capture: what a site sent for an address, or what was uploaded instead.

    `wire` is the WARC file, or None for an upload. `body` is the page, decoded. `text` was extracted
    from it, in UTF-8, by the software named in `extractor`. `hops` map the names of the fields of a hop
    to their values; headers are omitted, since the WARC file has them. `details` is the SHA-256 of what
    else the newsroom noted. It is for the newsroom's own check: no kept file holds those details.
    """

    capture: str
    reference: str
    asked: str
    final: str
    fetched_at: datetime
    outcome: str
    status: int | None
    body: Blob
    media_type: str
    wire: Blob | None = None
    text: Blob | None = None
    extractor: str = ""
    hops: Sequence[Mapping[str, Any]] = ()
    warnings: Sequence[str] = ()
    tls_unverified: bool = False
    filename: str = ""
    details: str = ""


@dataclass(frozen=True)
class PassageFacts:
    """A passage of a capture that is evidence for a claim.

    `start` and `end` count code points in the text of the capture.
    """

    evidence: str
    claim: str
    capture: str
    capture_manifest: str
    stance: str
    exact: str
    prefix: str
    suffix: str
    start: int
    end: int
    text_sha256: str


@dataclass(frozen=True)
class EntryFacts:
    """An entry of the newsroom's own record, such as a review: kind, number, and SHA-256 of its content."""

    kind: str
    id: str
    sha256: str


@dataclass(frozen=True)
class SealFacts:
    """The entries that one transaction wrote, and the SHA-256 of what was signed about them then."""

    seal: str
    sha256: str
    entries: Sequence[EntryFacts]


def capture_manifest(link: Link, facts: CaptureFacts, *, software: Mapping[str, str]) -> dict[str, Any]:
    """The manifest of one capture. `software` maps the names of programs to their versions."""
    return {
        **_beginning(link, "capture", software),
        "capture": {
            "id": facts.capture,
            "reference": facts.reference,
            "asked": facts.asked,
            "final": facts.final,
            "fetched_at": seconds(facts.fetched_at),
            "outcome": facts.outcome,
            "status": facts.status,
            "tls_unverified": facts.tls_unverified,
            "warnings": sorted(facts.warnings),
            "filename": facts.filename,
            "details": facts.details,
            "hops": [{name: hop[name] for name in HOP if name in hop} for hop in facts.hops],
        },
        "wire": _blob(facts.wire),
        # WARC calls this the decoded body. The name stays, because signed manifests contain it.
        "payload": {
            "sha256": facts.body.sha256,
            "size": facts.body.size,
            "media_type": facts.media_type,
        },
        "text": {"sha256": facts.text.sha256, "size": facts.text.size, "reader": facts.extractor}
        if facts.text
        else None,
    }


def passage_manifest(
    link: Link, passages: Sequence[PassageFacts], *, software: Mapping[str, str]
) -> dict[str, Any]:
    """The manifest of passages that were relied on. `software` is that of `capture_manifest`."""
    return {
        **_beginning(link, "passage", software),
        "passages": [
            {
                "evidence": passage.evidence,
                "claim": passage.claim,
                "capture": passage.capture,
                "capture_manifest": passage.capture_manifest,
                "stance": passage.stance,
                "exact": passage.exact,
                "prefix": passage.prefix,
                "suffix": passage.suffix,
                "start": passage.start,
                "end": passage.end,
                "text_sha256": passage.text_sha256,
            }
            for passage in passages
        ],
    }


def entries_manifest(
    link: Link, seals: Sequence[SealFacts], *, software: Mapping[str, str]
) -> dict[str, Any]:
    """The manifest of entries, seal by seal. `software` is that of `capture_manifest`."""
    return {
        **_beginning(link, "entries", software),
        "seals": [
            {
                "id": seal.seal,
                "sha256": seal.sha256,
                "entries": [
                    {"kind": entry.kind, "id": entry.id, "sha256": entry.sha256} for entry in seal.entries
                ],
            }
            for seal in seals
        ],
    }


def _beginning(link: Link, kind: str, software: Mapping[str, str]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "kind": kind,
        "chain": {"desk": link.desk, "number": link.number, "previous": link.previous},
        "made_at": seconds(link.made_at),
        "software": dict(software),
    }


def _blob(blob: Blob | None) -> dict[str, Any] | None:
    return {"sha256": blob.sha256, "size": blob.size} if blob else None


def seconds(moment: datetime) -> str:
    """Return a moment as manifests state it: UTC, to the second, ISO 8601."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
