"""Kept files checked against each other: from the files alone, trusting nobody."""

import hashlib
from collections.abc import Callable, Collection, Sequence
from typing import IO, Any

from annotations.archiving.findings import Findings, KeptFiles
from annotations.archiving.layout import kind_of, manifest_name, payload_name, text_name, wire_name
from annotations.archiving.manifest_shape import is_manifest
from annotations.archiving.signing import BadEnvelope, open_envelope
from annotations.archiving.stamp_batches import BadBatch, Stamped, read_batch, read_inclusion
from annotations.archiving.timestamps import CannotStamp, StampRefused, check_token
from annotations.archiving.wire_checks import Examined, examine_wire

_SMALL = 64 * 1024 * 1024  # for files that are read whole
_PIECE = 1024 * 1024


class KeptCheck:
    """One walk over kept files. `whole` says that they are all there are, not the few of one download.

    `roots` are PEM files of authorities to trust for time stamps. `keys` are the public keys, in
    hexadecimal, that may have signed; without them any key may, and a note names it. `heads` are hashes
    of manifests that somebody noted elsewhere and that have to be there. `progress` is told each name.
    """

    def __init__(
        self,
        kept: KeptFiles,
        *,
        whole: bool = True,
        roots: Sequence[bytes] = (),
        keys: Collection[str] = (),
        heads: Collection[str] = (),
        progress: Callable[[str], None] | None = None,
    ) -> None:
        self.findings = Findings()
        self.captures = 0
        self._kept, self._whole, self._roots, self._keys = kept, whole, roots, keys
        self._heads, self._progress = heads, progress or (lambda name: None)
        self._names: dict[str, set[str]] = {}
        self._sound: dict[str, int] = {}  # files whose bytes are those of their name, and their sizes
        self._stated: dict[str, Stamped] = {}  # manifests that hold, by hash
        self._texts: dict[str, str] = {}  # the text hash of each capture's manifest
        self._signers: dict[str, int] = {}
        self._needed: set[str] = set()
        self._last_text = ("", "")

    def run(self) -> Findings:
        """Check everything and return what was found."""
        for name in self._kept.names():
            kind, _ = kind_of(name)
            self._names.setdefault(kind, set()).add(name)
        stray = self.findings.note if self._whole else self.findings.problem
        for name in sorted(self._names.get("", ())):
            stray(name, "is no kept file; it was not looked at")
        self._check_chains()
        self._check_stamps()
        for kind in ("payload", "text", "wire"):
            for name in sorted(self._names.get(kind, ())):
                if self._holds(name) and name not in self._needed:
                    stray(name, "belongs to no manifest")
        for head in sorted(set(self._heads) - set(self._stated)):
            self.findings.problem("manifests", f"the manifest {head} is missing")
        for key, count in sorted(self._signers.items()):
            if not self._keys:
                self.findings.note(
                    "manifests", f"{count} signed with key {key}: ask the newsroom whether it is theirs"
                )
        return self.findings

    def _check_chains(self) -> None:
        links: dict[str, list[int]] = {}
        for name in self._names.get("manifest", ()):
            parts = kind_of(name)[1]
            links.setdefault(parts["desk"], []).append(int(parts["number"]))
        late: list[tuple[str, dict[str, Any]]] = []
        for desk, numbers in sorted(links.items()):
            before = (0, "")
            for number in sorted(numbers):
                name = manifest_name(desk, number)
                if self._whole and number != before[0] + 1:
                    missing = f"{before[0] + 1}" + (f" to {number - 1}" if number > before[0] + 2 else "")
                    self.findings.problem(name, f"the chain is broken: number {missing} before it is missing")
                manifest, sha256 = self._open(name, desk, number)
                if manifest is None:
                    before = (number, "")
                    continue
                if before == (number - 1, before[1]) and before[1] not in ("", manifest["chain"]["previous"]):
                    self.findings.problem(name, "does not follow the manifest before it")
                before = (number, sha256)
                if manifest["kind"] == "capture":
                    self._check_capture(name, manifest, sha256)
                else:
                    late.append((name, manifest))
        for name, manifest in late:
            self._check_passages(name, manifest)

    def _open(self, name: str, desk: str, number: int) -> tuple[dict[str, Any] | None, str]:
        try:
            manifest, sealed = open_envelope(self._small(name))
        except (BadEnvelope, OSError) as error:
            self.findings.problem(name, str(error))
            return None, ""
        if not is_manifest(manifest):
            self.findings.problem(name, "the manifest has another form than it should")
            return None, ""
        if (manifest["chain"]["desk"], manifest["chain"]["number"]) != (desk, number):
            self.findings.problem(name, "the manifest belongs to another place in the chain")
            return None, ""
        if self._keys and sealed.public_key not in self._keys:
            self.findings.problem(name, f"is signed with key {sealed.key}, which is none of those given")
        self._signers[sealed.key] = self._signers.get(sealed.key, 0) + 1
        self._stated[sealed.sha256] = Stamped(desk, number, sealed.sha256)
        return manifest, sealed.sha256

    def _check_capture(self, name: str, manifest: dict[str, Any], sha256: str) -> None:
        self.captures += 1
        payload, wire, text = manifest["payload"], manifest["wire"], manifest["text"]
        kept = payload_name(payload["sha256"])
        if self._whole or kept in self._names.get("payload", ()) or wire is None:
            self._check_blob(kept, payload["size"], name)
        if text is not None:
            self._check_blob(text_name(text["sha256"]), text["size"], name)
            self._texts[sha256] = text["sha256"]
        if wire is None:
            return
        file = wire_name(wire["sha256"])
        self._needed.add(file)
        try:
            with self._kept.open(file) as stream:
                self._progress(file)
                found = examine_wire(stream, payload["size"])
        except OSError:
            self.findings.problem(file, f"is missing, but {name} relies on it")
            return
        self._sound[file] = found.size if found.sha256 == wire["sha256"] else -1
        self.findings.checked += 1
        if (found.sha256, found.size) != (wire["sha256"], wire["size"]):
            self.findings.problem(file, f"is not the exchange that {name} states")
        for sentence in found.problems:
            self.findings.problem(file, sentence)
        self._compare(file, name, manifest, found)

    def _compare(self, file: str, name: str, manifest: dict[str, Any], found: Examined) -> None:
        capture, payload = manifest["capture"], manifest["payload"]
        asked = [(hop["url"], hop.get("address", "")) for hop in capture["hops"] if hop.get("sent_bytes", 1)]
        if asked != found.asked:
            self.findings.problem(file, f"does not show the requests that {name} states")
        if capture["status"] != found.payload.status:
            self.findings.problem(file, f"does not show the answer {capture['status']} that {name} states")
        derived, cut = found.payload, "truncated" in capture["warnings"]
        if derived.missing:
            self.findings.gap(file, f"to unpack the page, install the Python package {derived.missing}")
        elif derived.size < payload["size"] and cut:
            self._compare_beginning(file, payload["sha256"], found)
        elif derived.sha256 != payload["sha256"] or derived.size != payload["size"]:
            self.findings.problem(file, f"the page in it is not the one that {name} states")
        elif not derived.whole and not cut:
            self.findings.problem(file, "the page in it breaks off, and nobody stated that")

    def _compare_beginning(self, file: str, sha256: str, found: Examined) -> None:
        """A broken page can be unpacked a little further by one program than by another."""
        try:
            with self._kept.open(payload_name(sha256)) as stream:
                beginning = _sha256(stream, found.payload.size)
        except OSError:
            self.findings.gap(file, "the broken page in it could not be compared to the end")
            return
        if beginning != found.payload.sha256:
            self.findings.problem(file, "the page in it is not the one that was kept")

    def _check_passages(self, name: str, manifest: dict[str, Any]) -> None:
        for passage in manifest["passages"]:
            stated = self._texts.get(passage["capture_manifest"])
            if stated is None and self._whole:
                self.findings.problem(name, "the capture that it relies on is not stated")
            elif stated not in (None, passage["text_sha256"]):
                self.findings.problem(name, "relies on another text than its capture")
            text = self._text(passage["text_sha256"], name)
            if text is None:
                continue
            start, end = passage["start"], passage["end"]
            before, after = text[max(0, start) : end], passage["exact"]
            around = text[:start].endswith(passage["prefix"]) and text[end:].startswith(passage["suffix"])
            if start < 0 or not after or before != after or not around:
                self.findings.problem(
                    name,
                    f"the passage of evidence {passage['evidence']} does not stand in the text where stated",
                )

    def _text(self, sha256: str, asker: str) -> str | None:
        if self._last_text[0] != sha256:
            file = text_name(sha256)
            if not self._check_blob(file, None, asker):
                return None
            try:
                self._last_text = (sha256, self._small(file).decode("utf-8"))
            except UnicodeDecodeError:
                self.findings.problem(file, "is not text in UTF-8")
                return None
        return self._last_text[1]

    def _check_stamps(self) -> None:
        good: dict[str, bool] = {}
        for name in sorted(self._names.get("batch", set()) | self._names.get("inclusion", set())):
            kind, parts = kind_of(name)
            try:
                data = self._small(name)
                if kind == "batch":
                    batch = read_batch(data)
                    root, manifests = batch.root, list(batch.manifests)
                else:
                    proof = read_inclusion(data)
                    root, manifests = proof.root, [Stamped("", 0, proof.manifest)]
                    if proof.manifest != parts["manifest"]:
                        raise BadBatch("it is about another manifest")
                if root != parts["root"]:
                    raise BadBatch("it is about another root")
            except (BadBatch, OSError) as error:
                self.findings.problem(name, f"does not hold: {error}")
                continue
            good[root] = True
            self._find_stamped(name, manifests)
        for name in sorted(self._names.get("token", ())):
            parts = kind_of(name)[1]
            if self._holds(name):
                self._check_token(name, parts["root"])
            if parts["root"] not in good:
                self.findings.problem(name, "stamps a root that nothing leads to")

    def _find_stamped(self, name: str, manifests: list[Stamped]) -> None:
        for stamped in manifests:
            known = self._stated.get(stamped.sha256)
            if known is None or (stamped.number and known != stamped):
                where = manifest_name(stamped.desk, stamped.number) if stamped.number else stamped.sha256
                self.findings.problem(name, f"the manifest {where} that it lists is missing or was changed")

    def _check_token(self, name: str, root: str) -> None:
        try:
            token = check_token(self._small(name), bytes.fromhex(root), self._roots)
        except StampRefused as refused:
            self.findings.problem(name, refused.sentence)
            return
        except CannotStamp as error:
            self.findings.gap("timestamps", f"to check time stamps, install the Python package {error}")
            return
        when = f"{token.stamped_at:%Y-%m-%d %H:%M:%S} UTC by {token.authority}"
        if token.trusted:
            self.findings.note(name, f"stamped {when}")
        else:
            self.findings.gap(name, f"says {when}; give the authority's root certificate to check that it is")

    def _check_blob(self, name: str, size: int | None, asker: str) -> bool:
        self._needed.add(name)
        if name not in self._names.get(kind_of(name)[0], ()):
            self.findings.problem(name, f"is missing, but {asker} relies on it")
            return False
        if self._holds(name) and size not in (None, self._sound[name]):
            self.findings.problem(name, f"has another size than {asker} states")
        return self._sound[name] >= 0

    def _holds(self, name: str) -> bool:
        """Whether the bytes of a file have the hash that its name says; read once."""
        if name not in self._sound:
            self._progress(name)
            self.findings.checked += 1
            try:
                with self._kept.open(name) as stream:
                    counted = _Counter(stream)
                    same = _sha256(counted) == kind_of(name)[1]["sha256"]
            except OSError as error:
                self.findings.problem(name, f"cannot be read: {error}")
                same = False
            else:
                if not same:
                    self.findings.problem(name, "its bytes are not those that its name says")
            self._sound[name] = counted.size if same else -1
        return self._sound[name] >= 0

    def _small(self, name: str) -> bytes:
        self._progress(name)
        self.findings.checked += 1
        with self._kept.open(name) as stream:
            data = stream.read(_SMALL + 1)
        if len(data) > _SMALL:
            raise OSError(f"is larger than {_SMALL} bytes")
        return data


class _Counter:
    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self.size = stream, 0

    def read(self, size: int) -> bytes:
        piece = self._stream.read(size)
        self.size += len(piece)
        return piece


def _sha256(stream: Any, most: int | None = None) -> str:
    digest, left = hashlib.sha256(), most
    while piece := stream.read(_PIECE if left is None else min(_PIECE, left)):
        digest.update(piece)
        left = None if left is None else left - len(piece)
    return digest.hexdigest()
