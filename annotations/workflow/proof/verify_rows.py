"""Check captures, passages, chains and time stamps against each other; private to this package."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery

from annotations.archiving.canonical import NotCanonical, canonical, read_canonical
from annotations.archiving.findings import Findings
from annotations.archiving.layout import body_name, manifest_name, text_name, token_name, wire_name
from annotations.archiving.manifest import Link, capture_manifest, seconds
from annotations.archiving.manifest_shape import is_manifest
from annotations.archiving.merkle import is_included
from annotations.archiving.signing import is_signed, key_id
from annotations.archiving.timestamps import StampRefused, check_token
from annotations.domain.claims.anchoring import find_words
from annotations.domain.documents.text import text_sha256
from annotations.domain.proof.kinds import ManifestKind, StampState
from annotations.models import (
    Capture,
    Evidence,
    Extraction,
    Manifest,
    PassagePlace,
    ProofChain,
    Stamp,
    StampLeaf,
)
from annotations.models.capture import large_columns
from annotations.workflow.captures.storage import kept_body, open_kept
from annotations.workflow.proof.chain import DETAILS, capture_facts
from annotations.workflow.proof.manifest_files import sealed_of
from annotations.workflow.proof.timestamps import token_hash
from annotations.workflow.signing_key import known_keys

ROWS_AT_ONCE = 200
Progress = Callable[[str], None]
Broken = Callable[[int, int], None]
# What people call the fields of a manifest. Other fields are shown under their own names.
_HASHED = sorted(name.removesuffix("_id") for name in (*DETAILS, "published_on"))
_CALLED = {
    "id": "number", "asked": "address asked", "final": "address", "fetched_at": "time", "hops": "exchanges",
    "tls_unverified": "certificate check", "filename": "file name", "media_type": "media type",
    "payload": "bytes", "wire": "kept exchange", "details": f"one of: {', '.join(_HASHED)}",
}  # fmt: skip


class RowCheck:
    """One walk over the rows of what is kept. `names` are the files that the rows rely on.

    Others may be at work meanwhile. A row that may have been written between two queries is read again before
    it is reported. `broken` is told the desk and the number of each manifest that does not hold, or that
    states something which does not.
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
        self.names: set[str] = set()
        self._broken = broken
        self._findings, self._desk_id, self._since, self._progress = findings, desk_id, since, progress
        self._whole = desk_id is None and since is None

    def run(self) -> None:
        """Check all rows and add the findings."""
        self._check_captures()
        self._check_chains()
        self._check_passages()
        self._check_extractions()
        self._check_stamps()

    def _check_captures(self) -> None:
        signed = Manifest.objects.filter(kind=ManifestKind.CAPTURE.value)
        rows = self._of_desk(Capture.objects.all(), "reference__desk_id", "fetched_at")
        rows = rows.select_related("reference").prefetch_related(
            Prefetch("manifests", queryset=signed, to_attr="signed")
        )
        for capture in self._each(rows):
            name = f"capture {capture.pk}"
            self._need(capture)
            if text_sha256(capture.text) != (capture.text_sha256 or text_sha256("")):
                self._findings.problem(name, "its text is not the one that was extracted")
            for key, right in (
                (capture.body_key, body_name(capture.body_sha256)),
                (capture.wire_key, wire_name(capture.wire_sha256) if capture.wire_sha256 else ""),
            ):
                if key != right:
                    self._findings.problem(name, f"points to {key or 'no file'} instead of {right}")
            manifests: list[Manifest] = capture.signed
            if not manifests:
                self._findings.problem(name, "nobody signed it")
            elif (differing := _differing(manifests[0], capture)) is not None:
                self._broken(manifests[0].desk_id, manifests[0].number)
                about = f": {'; '.join(differing)}" if differing else ""
                self._findings.problem(name, f"is not what manifest {manifests[0].number} states{about}")

    def _check_chains(self) -> None:
        last = Manifest.objects.filter(desk=OuterRef("pk")).order_by("-number")
        chains = self._of_desk(ProofChain.objects.all(), "pk", "")
        # One statement reads both at the same moment, because chains grow meanwhile.
        heads = chains.annotate(
            last=Subquery(last.values("number")[:1]), hash=Subquery(last.values("sha256")[:1])
        )
        for chain in heads.order_by("pk"):
            if (chain.last or 0, chain.hash or "") != (chain.number, chain.sha256):
                self._findings.problem(f"chain of desk {chain.pk}", "its head is not the last manifest")
        manifests = self._of_desk(Manifest.objects.all(), "desk_id", "made_at").order_by("desk_id", "number")
        before: Manifest | None = None
        for row in self._each(
            manifests.select_related("capture", "desk__proof_chain").defer(*large_columns("capture")),
            ordered=False,
        ):
            name = f"manifest {row.number} of desk {row.desk_id}"
            self.names.add(manifest_name(str(row.desk_id), row.number))
            if row.capture is not None and row.capture.text_sha256 and not self._whole:
                self.names.add(text_name(row.capture.text_sha256))
            for sentence in self._wrong_with(row, before):
                self._findings.problem(name, sentence)
                self._broken(row.desk_id, row.number)
            before = row

    def _wrong_with(self, row: Manifest, before: Manifest | None) -> Iterator[str]:
        """Yield what does not hold about a manifest; `before` is the manifest that was read before it."""
        body = row.body.encode()
        if hashlib.sha256(body).hexdigest() != row.sha256:
            yield "its words are not those that were signed"
        elif not is_signed(body, row.signature, row.public_key):
            yield "the signature does not fit the manifest"
        elif row.public_key not in known_keys():
            yield (
                f"is signed with key {key_id(row.public_key)}, which is none of this newsroom's: "
                "FORMER_SIGNING_KEYS names those from before"
            )
        elif not _fits_its_row(row):
            yield "its row says something else than it does"
        if before is not None and before.desk_id == row.desk_id:
            if (before.number + 1, before.sha256) != (row.number, row.previous_sha256):
                yield "does not follow the manifest before it"
        elif self._since is None and (row.number, row.previous_sha256) != (1, ""):
            yield "the chain does not begin with it"
        if row.number <= row.desk.proof_chain.kept_number and not _fits_its_file(row):
            yield f"is not what {manifest_name(str(row.desk_id), row.number)} holds"

    def _check_passages(self) -> None:
        rows = self._of_desk(_placed(Evidence.objects.all()), "reference__desk_id", "created_at")
        for evidence in self._each(rows):
            if _agrees_with_manifest(evidence):
                continue
            # Somebody may have edited it after it was read and before its manifests were read.
            now: Any = _placed(Evidence.objects.filter(pk=evidence.pk)).first()
            if now is not None and not _agrees_with_manifest(now):
                self._findings.problem(
                    f"evidence {evidence.pk}", "its passage is not the one that was signed"
                )
                for manifest in now.signed[:1]:
                    self._broken(manifest.desk_id, manifest.number)
        places = self._of_desk(PassagePlace.objects.all(), "evidence__reference__desk_id", "placed_at")
        for place in self._each(places.select_related("capture")):
            words = place.capture.text[place.start : place.end] if place.start is not None else ""
            if place.words != words:
                self._findings.problem(
                    f"place of evidence {place.evidence_id} in capture {place.capture_id}",
                    "its words do not stand there",
                )

    def _check_extractions(self) -> None:
        rows = self._of_desk(Extraction.objects.all(), "capture__reference__desk_id", "extracted_at")
        for extraction in self._each(rows):
            if text_sha256(extraction.text) != (extraction.text_sha256 or text_sha256("")):
                self._findings.problem(
                    f"extraction {extraction.pk}", "its text is not the one that was extracted"
                )

    def _check_stamps(self) -> None:
        leaves = self._of_desk(StampLeaf.objects.all(), "manifest__desk_id", "manifest__made_at")
        for leaf in self._each(leaves.select_related("batch", "manifest").defer("manifest__body")):
            if not _leads_to_its_root(leaf):
                self._findings.problem(
                    f"manifest {leaf.manifest.number} of desk {leaf.manifest.desk_id}",
                    f"is not under the root of batch {leaf.batch_id}",
                )
        if not self._whole:
            return
        for stamp in self._each(Stamp.objects.filter(state=StampState.HELD.value).select_related("batch")):
            token = bytes(stamp.token or b"")
            name = token_name(stamp.batch.root_sha256, token_hash(token))
            try:
                with open_kept(name) as file:
                    same = file.read() == token
            except FileNotFoundError:
                same = False
            if not same:
                self._findings.problem(f"time stamp {stamp.pk}", f"is not the one that is kept as {name}")
            elif not _tells_its_time(stamp, token):
                self._findings.problem(f"time stamp {stamp.pk}", "its row says something else than it does")

    def _need(self, capture: Capture) -> None:
        if self._whole:
            return
        self.names.add(body_name(capture.body_sha256))
        if capture.text_sha256:
            self.names.add(text_name(capture.text_sha256))
        if capture.wire_sha256:
            self.names.add(wire_name(capture.wire_sha256))

    def _of_desk(self, rows: QuerySet[Any], desk: str, moment: str) -> QuerySet[Any]:
        wanted = Q()
        if self._desk_id is not None:
            wanted &= Q(**{desk: self._desk_id})
        if self._since is not None and moment:
            wanted &= Q(**{f"{moment}__gte": self._since})
        return rows.filter(wanted)

    def _each(self, rows: QuerySet[Any], *, ordered: bool = True) -> Iterator[Any]:
        for row in (rows.order_by("pk") if ordered else rows).iterator(chunk_size=ROWS_AT_ONCE):
            self._findings.checked += 1
            self._progress(f"{type(row).__name__.lower()} {row.pk}")
            yield row


def _body(manifest: Manifest) -> dict[str, Any] | None:
    try:
        body = read_canonical(manifest.body.encode())
    except NotCanonical:
        return None
    return body if isinstance(body, dict) and is_manifest(body) else None


def _differing(manifest: Manifest, capture: Capture) -> list[str] | None:
    """Return what differs between the row of a capture and its manifest; None where nothing does.

    The list is empty where something differs but the manifest does not show what.
    """
    body = _body(manifest)
    if body is None or body["kind"] != ManifestKind.CAPTURE.value:
        return []
    chain, facts = body["chain"], capture_facts(capture)
    link = Link(chain["desk"], chain["number"], chain["previous"], manifest.made_at)
    now = capture_manifest(link, facts, software=body["software"])
    try:
        if canonical(now) == manifest.body.encode():
            return None
    except NotCanonical:
        pass
    signed, says = _named(body), _named(now)
    return [name for name, value in says.items() if signed.get(name) != value]


def _named(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the manifest of a capture states, under the names that people know."""
    payload, text = dict(body["payload"]), dict(body["text"] or {})
    facts = {
        **body["capture"],
        "media_type": payload.pop("media_type"),
        "payload": payload,
        "reader": text.pop("reader", None),
        "text": text,
        "wire": body["wire"],
    }
    return {_CALLED.get(name, name): value for name, value in facts.items()}


def _relies(manifest: Manifest, evidence: Evidence) -> bool:
    """Whether a manifest states the present place of the passage of a piece of evidence."""
    body, capture = _body(manifest), evidence.capture
    if body is None or capture is None or body["kind"] != ManifestKind.PASSAGE.value:
        return False
    [passage] = body["passages"]
    return bool(
        (passage["evidence"], passage["capture"]) == (str(evidence.pk), str(capture.pk))
        and (passage["start"], passage["end"]) == (evidence.passage_start, evidence.passage_end)
        and passage["text_sha256"] == capture.text_sha256
        and capture.text[passage["start"] : passage["end"]] == passage["exact"]
        and _same_words(evidence.passage, passage["exact"])
    )


def _same_words(typed: str, exact: str) -> bool:
    """Whether a passage as a person typed it is the words of the page: blanks and quotes may differ."""
    return [(found.start, found.end) for found in find_words(exact, typed)] == [(0, len(exact))]


def _placed(rows: QuerySet[Evidence]) -> QuerySet[Evidence]:
    signed = Manifest.objects.filter(kind=ManifestKind.PASSAGE.value).order_by("-number")
    placed = rows.filter(passage_start__isnull=False).select_related("capture")
    return placed.prefetch_related(Prefetch("manifests", queryset=signed, to_attr="signed"))


def _agrees_with_manifest(evidence: Any) -> bool:
    """Whether the last manifest about a piece of evidence from `_placed` states its place."""
    return bool(evidence.signed) and _relies(evidence.signed[0], evidence)


def _leads_to_its_root(leaf: StampLeaf) -> bool:
    try:
        path = [bytes.fromhex(step) for step in leaf.path]
        data, root = bytes.fromhex(leaf.manifest.sha256), bytes.fromhex(leaf.batch.root_sha256)
    except (TypeError, ValueError):
        return False
    return is_included(data, leaf.position, leaf.batch.leaf_count, path, root)


def _tells_its_time(stamp: Stamp, token: bytes) -> bool:
    """Whether the row of a time stamp agrees with its token."""
    try:
        read = check_token(token, bytes.fromhex(stamp.batch.root_sha256), [])
    except StampRefused:
        return False
    return (read.serial[:80], read.stamped_at) == (stamp.serial, stamp.stamped_at)


def _fits_its_row(manifest: Manifest) -> bool:
    body = _body(manifest)
    if body is None:
        return False
    chain = body["chain"]
    about: tuple[str | None, str | None] = (None, None)
    if body["kind"] == "capture":
        about = (body["capture"]["id"], None)
    elif body["kind"] == "passage":
        about = (body["passages"][0]["capture"], body["passages"][0]["evidence"])
    in_row = (manifest.capture_id, manifest.evidence_id)
    return (
        (chain["desk"], chain["number"], chain["previous"], body["made_at"])
        == (str(manifest.desk_id), manifest.number, manifest.previous_sha256, seconds(manifest.made_at))
    ) and (body["kind"], about) == (manifest.kind, tuple(str(pk) if pk else None for pk in in_row))


def _fits_its_file(manifest: Manifest) -> bool:
    """Whether the file of a manifest holds what its row does; one that is missing is told elsewhere."""
    try:
        return (
            kept_body(manifest_name(str(manifest.desk_id), manifest.number)) == sealed_of(manifest).envelope()
        )
    except FileNotFoundError:
        return True
