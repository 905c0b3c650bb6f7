"""What is stated about a capture, or about a passage relied on: plain values to be sealed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from annotations.archiving.manifest_shape import HOP

FORMAT = "factcheck-manifest"
VERSION = 1


@dataclass(frozen=True)
class Link:
    """The place of a manifest in the chain of its desk. The first has number 1 and no `previous`.

    `previous` is the SHA-256 of the manifest before, in hexadecimal.
    """

    desk: str
    number: int
    previous: str
    made_at: datetime


@dataclass(frozen=True)
class Blob:
    """Bytes that are kept: their SHA-256 and how many they are."""

    sha256: str
    size: int


@dataclass(frozen=True)
class CaptureFacts:
    """What was found when an address was asked, or what was uploaded in its stead.

    `wire` is the WARC file, absent for an upload. `body` is the page with its content codings
    undone. `text` is what was read from it, in UTF-8, by the software named in `extractor`. `hops` are
    the exchanges under the names of the fields of a hop; headers are left to the WARC file. `details` is
    the SHA-256 of what else the newsroom noted, for its own check: no file holds it.
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
    """Words of a capture that a claim leans on. Places are code points in the capture's text."""

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


def capture_manifest(link: Link, facts: CaptureFacts, *, software: Mapping[str, str]) -> dict[str, Any]:
    """The statement about one capture. `software` maps the names of programs to their versions."""
    return {
        **_beginning(link, "capture", software),
        "capture": {
            "id": facts.capture,
            "reference": facts.reference,
            "asked": facts.asked,
            "final": facts.final,
            "fetched_at": _seconds(facts.fetched_at),
            "outcome": facts.outcome,
            "status": facts.status,
            "tls_unverified": facts.tls_unverified,
            "warnings": sorted(facts.warnings),
            "filename": facts.filename,
            "details": facts.details,
            "hops": [{name: hop[name] for name in HOP if name in hop} for hop in facts.hops],
        },
        "wire": _blob(facts.wire),
        # In WARC's words this is the decoded body; the name stays as it stands in signed manifests.
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
    """The statement that these words were relied on."""
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


def _beginning(link: Link, kind: str, software: Mapping[str, str]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "kind": kind,
        "chain": {"desk": link.desk, "number": link.number, "previous": link.previous},
        "made_at": _seconds(link.made_at),
        "software": dict(software),
    }


def _blob(blob: Blob | None) -> dict[str, Any] | None:
    return {"sha256": blob.sha256, "size": blob.size} if blob else None


def _seconds(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
