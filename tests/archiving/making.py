"""Kept files as the workbench writes them: a desk with a page, a broken page, an upload and a passage."""

import gzip
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from annotations.archiving.layout import (
    batch_name,
    body_name,
    inclusion_name,
    manifest_name,
    text_name,
    token_name,
    wire_name,
)
from annotations.archiving.manifest import (
    Blob,
    CaptureFacts,
    Link,
    PassageFacts,
    capture_manifest,
    passage_manifest,
)
from annotations.archiving.signing import Sealed, SigningKey
from annotations.archiving.stamp_batches import Batch, Stamped
from annotations.archiving.timestamps import read_response, request_for
from annotations.archiving.wacz import Page, uploaded_url, write_wacz
from annotations.archiving.warc import ExchangeRecorder, write_resource, write_warc
from annotations.archiving.zip_writing import write_zip
from annotations.domain.hops import Hop
from tests.archiving.authority import Authority

SEED = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
AT = datetime(2026, 11, 20, 9, 30, 1, 250000, tzinfo=UTC)
SOFTWARE = "factcheck-workbench 0.1.0"
PAGE = b"<html><title>Unrest</title><p>At least fifty injured, officials said. \xf0\x9f\x98\x80</p></html>"
TEXT = "Unrest\n\nAt least fifty injured, officials said. \N{GRINNING FACE}"


@dataclass
class Desk:
    """Kept files in memory, with a growing chain of manifests."""

    key: SigningKey = field(default_factory=lambda: SigningKey(SEED))
    name: str = "7"
    files: dict[str, bytes] = field(default_factory=dict)
    sealed: list[Sealed] = field(default_factory=list)

    def link(self) -> Link:
        previous = self.sealed[-1].sha256 if self.sealed else ""
        made_at = AT + timedelta(minutes=len(self.sealed))
        return Link(self.name, len(self.sealed) + 1, previous, made_at)

    def seal(self, manifest: dict[str, object]) -> Sealed:
        sealed = self.key.seal(manifest)
        self.sealed.append(sealed)
        self.files[manifest_name(self.name, len(self.sealed))] = sealed.envelope()
        return sealed

    def page(
        self,
        responses: list[tuple[str, bytes]],
        body: bytes,
        *,
        text: str = TEXT,
        cut: str = "",
        status: int = 200,
    ) -> Sealed:
        """Keep the exchange `responses` (the address and raw response of each hop) that delivered `body`."""
        wire = warc_of(responses, cut=cut)
        blob = self._keep(wire_name, wire)
        hops = [
            {
                "url": url, "status": 200, "address": "203.0.113.7", "answers": ["203.0.113.7"],
                "started_at": AT.isoformat(), "sent_bytes": 1, "headers": [["left", "out"]],
            }
            for url, _ in responses
        ]  # fmt: skip
        facts = CaptureFacts(
            capture=f"c{len(self.sealed) + 1}",
            reference="r1",
            asked=responses[0][0],
            final=responses[-1][0],
            fetched_at=AT,
            outcome="ok",
            status=status,
            body=self._keep(body_name, body),
            media_type="text/html",
            wire=blob,
            text=self._keep(text_name, text.encode()),
            extractor="reader 1",
            hops=hops,
            warnings=["truncated"] if cut else [],
        )
        return self.seal(capture_manifest(self.link(), facts, software={"factcheck-workbench": "0.1.0"}))

    def upload(self, body: bytes) -> Sealed:
        facts = CaptureFacts(
            capture=f"c{len(self.sealed) + 1}",
            reference="r2",
            asked="https://paper.example/behind-a-wall",
            final="",
            fetched_at=AT,
            outcome="uploaded",
            status=None,
            body=self._keep(body_name, body),
            media_type="application/pdf",
            filename="what i saw.pdf",
        )
        return self.seal(capture_manifest(self.link(), facts, software={"factcheck-workbench": "0.1.0"}))

    def passage(self, capture: Sealed, exact: str, *, text: str = TEXT, move: int = 0) -> Sealed:
        start = text.index(exact) + move
        facts = PassageFacts(
            evidence="e1",
            claim="k1",
            capture="c1",
            capture_manifest=capture.sha256,
            stance="supports",
            exact=exact,
            prefix=text[max(0, start - 5) : start],
            suffix=text[start + len(exact) : start + len(exact) + 5],
            start=start,
            end=start + len(exact),
            text_sha256=hashlib.sha256(text.encode()).hexdigest(),
        )
        return self.seal(passage_manifest(self.link(), [facts], software={}))

    def stamp(self, authority: Authority) -> Batch:
        """Stamp all manifests made so far under one root."""
        batch = Batch(tuple(Stamped(self.name, i, s.sha256) for i, s in enumerate(self.sealed, 1)))
        digest = bytes.fromhex(batch.root)
        answer = authority.answer(request_for(digest, 42))
        token = read_response(answer, digest=digest, nonce=42, roots=[authority.root])
        self.files[batch_name(batch.root)] = batch.file()
        self.files[token_name(batch.root, hashlib.sha256(token.der).hexdigest())] = token.der
        return batch

    def write(self, folder: Path) -> Path:
        for name, data in self.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        return folder

    def _keep(self, named: "type[str] | object", data: bytes) -> Blob:
        sha256 = hashlib.sha256(data).hexdigest()
        self.files[named(sha256)] = data  # type: ignore[operator]
        return Blob(sha256, len(data))


def warc_of(responses: list[tuple[str, bytes]], *, cut: str = "") -> bytes:
    out = io.BytesIO()
    with ExchangeRecorder() as recorder:
        for url, raw in responses:
            recorder.begin(url)
            recorder.sent(b"GET / HTTP/1.1\r\nHost: paper.example\r\n\r\n")
            recorder.received(raw)
        hops = [hop_of(url) for url, _ in responses]
        hops[-1] = replace(hops[-1], truncated=cut)
        write_warc(out, recorder.exchanges, hops, software=SOFTWARE)
    return out.getvalue()


def hop_of(url: str) -> Hop:
    """The facts of one exchange besides its bytes."""
    return Hop(url, address="203.0.113.7", started_at=AT)


def plain_response(body: bytes = PAGE) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def chunked_response(body: bytes = PAGE) -> bytes:
    packed = gzip.compress(body, mtime=0)
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
        b"X-Twice: 1\r\nx-twice: 2\r\nContent-Encoding: gzip\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
         b"5;of=course\r\n" + packed[:5] + b"\r\n"
        + f"{len(packed) - 5:X}\r\n".encode() + packed[5:] + b"\r\n0\r\nX-Trailer: yes\r\n\r\n"
    )  # fmt: skip


REDIRECT = b"HTTP/1.1 302 Found\r\nLocation: https://paper.example/new\r\nContent-Length: 4\r\n\r\ngone"


def full_desk() -> Desk:
    desk = Desk()
    page = desk.page(
        [("https://paper.example/old", REDIRECT), ("https://paper.example/new", chunked_response())], PAGE
    )
    desk.passage(page, "At least fifty injured")
    desk.page(
        [("https://paper.example/cut", plain_response()[:-9])], PAGE[:-9], text="Unrest", cut="disconnect"
    )
    desk.upload(b"%PDF-1.7 what I saw")
    return desk


def wacz_of(desk: Desk, number: int, *, batch: Batch | None, roots: dict[str, bytes]) -> bytes:
    """The download of the capture that manifest `number` of `desk` states."""
    body = desk.sealed[number - 1].body
    evidence = {manifest_name(desk.name, number): desk.sealed[number - 1].envelope()}
    for other, sealed in enumerate(desk.sealed, 1):
        if '"kind":"passage"' in sealed.body and desk.sealed[number - 1].sha256 in sealed.body:
            evidence[manifest_name(desk.name, other)] = sealed.envelope()
    evidence |= {
        name: data for name, data in desk.files.items() if name.startswith("texts/") and name[9:73] in body
    }
    if batch:
        for proof in batch.inclusions():
            if any(proof.manifest == desk.sealed[int(name.split("/")[2][:-5]) - 1].sha256
                   for name in evidence if name.startswith("manifests/")):  # fmt: skip
                evidence[inclusion_name(batch.root, proof.manifest)] = proof.file()
        evidence |= {name: data for name, data in desk.files.items() if name.endswith(".tst")}
    archive, url = _archive_of(desk, body)
    out = io.BytesIO()
    write_wacz(
        out,
        archive=archive,
        page=Page(url, "Unrest", AT),
        evidence=evidence,
        roots=roots,
        software=SOFTWARE,
    )
    return out.getvalue()


def _archive_of(desk: Desk, body: str) -> tuple[io.BytesIO, str]:
    for name, data in desk.files.items():
        if name.startswith("wire/") and name[8:72] in body:
            return io.BytesIO(data), json.loads(body)["capture"]["final"]
    name, data = next((n, d) for n, d in desk.files.items() if n.startswith("captures/") and n[12:] in body)
    url = uploaded_url(name[12:], "what i saw.pdf")
    out = io.BytesIO()
    write_resource(
        out, io.BytesIO(data), url=url, media_type="application/pdf", kept_at=AT, software=SOFTWARE
    )
    return out, url


def repacked(wacz: bytes, changes: dict[str, bytes | None]) -> bytes:
    """The same container with files changed, added or (with None) left out, and all hashes computed anew."""
    with zipfile.ZipFile(io.BytesIO(wacz)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files = {name: data for name, data in {**files, **changes}.items() if data is not None}
    out = io.BytesIO()
    write_zip(out, {name: io.BytesIO(data) for name, data in files.items()})
    return out.getvalue()


def places(data: bytes, count: int) -> Iterator[int]:
    """Bit positions spread over all of `data`."""
    total = len(data) * 8
    step = max(1, total // count)
    # A step without a common factor with 8 visits every bit position of a byte.
    yield from range(0, total, step | 1)
