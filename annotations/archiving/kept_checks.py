"""Check kept files against each other, from the files alone and without trusting anybody."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from annotations.archiving.findings import Findings, KeptFiles
from annotations.archiving.layout import body_name, kind_of, manifest_name, text_name, wire_name
from annotations.archiving.manifest_shape import is_manifest
from annotations.archiving.shelf import Shelf, hashed
from annotations.archiving.signing import BadEnvelope, open_envelope
from annotations.archiving.stamp_batches import Stamped
from annotations.archiving.stamp_checks import check_stamps
from annotations.archiving.wire_checks import Examined, examine_wire


class KeptCheck:
    """One check of kept files. `whole` is True for a complete storage and False for one download.

    `roots` are PEM files of the time-stamping authorities to trust. `keys` are the public keys, in
    hexadecimal, that may have signed. Without `keys` any key may have signed, and a note names it.
    `heads` are the hashes of manifests that somebody noted elsewhere; each has to be there. With
    `only_desk` only the chain of that desk is checked, and other files are ignored. `progress` is called
    with the name of each file.
    """

    def __init__(
        self,
        kept: KeptFiles,
        *,
        whole: bool = True,
        roots: Sequence[bytes] = (),
        keys: Collection[str] = (),
        heads: Collection[str] = (),
        only_desk: str = "",
        progress: Callable[[str], None] | None = None,
    ) -> None:
        self.findings = Findings()
        self.captures = 0
        self._shelf = Shelf(kept, self.findings, progress)
        self._whole, self._roots, self._keys, self._heads = whole, roots, keys, heads
        self._only_desk = only_desk
        self._stated: dict[str, Stamped] = {}  # the manifests that hold, by hash
        self._texts: dict[str, str] = {}  # the text hash of each capture's manifest
        self._signers: dict[str, int] = {}
        self._last_text = ("", "")

    def run(self) -> Findings:
        """Check everything and return what was found."""
        self._check_chains()
        check_stamps(self._shelf, self._stated, self._roots, only_desk=self._only_desk)
        if not self._only_desk:
            self._check_the_rest()
        for head in sorted(set(self._heads) - set(self._stated)):
            self.findings.problem("manifests", f"the manifest {head} is missing")
        for key, count in sorted(self._signers.items()):
            if not self._keys:
                self.findings.note(
                    "manifests", f"{count} signed with key {key}: ask the newsroom whether it is theirs"
                )
        return self.findings

    def _check_the_rest(self) -> None:
        # A download holds only files that belong in it. A storage may hold a file that has no manifest yet.
        stray = self.findings.note if self._whole else self.findings.problem
        for name in sorted(self._shelf.names("")):
            stray(name, "is no kept file; it was not looked at")
        for kind in ("body", "text", "wire"):
            for name in sorted(self._shelf.names(kind) - self._shelf.needed):
                if self._shelf.holds(name):
                    stray(name, "belongs to no manifest")

    def _check_chains(self) -> None:
        chains: dict[str, list[int]] = {}
        for name in self._shelf.names("manifest"):
            parts = kind_of(name)[1]
            if self._only_desk in ("", parts["desk"]):
                chains.setdefault(parts["desk"], []).append(int(parts["number"]))
        passages: list[tuple[str, dict[str, Any]]] = []
        for desk, numbers in sorted(chains.items()):
            passages += self._check_chain(desk, sorted(numbers))
        # A passage may come from a capture of another desk, so all chains are read first.
        for name, manifest in passages:
            self._check_passages(name, manifest)

    def _check_chain(self, desk: str, numbers: list[int]) -> list[tuple[str, dict[str, Any]]]:
        last, last_sha256 = 0, ""
        passages = []
        for number in numbers:
            name = manifest_name(desk, number)
            if self._whole and number != last + 1:
                gap = f"number {last + 1}" if number == last + 2 else f"numbers {last + 1} to {number - 1}"
                self.findings.problem(name, f"the chain is broken: {gap} before it missing")
            manifest, sha256 = self._open(name, desk, number)
            if manifest is not None:
                if number == last + 1 and last_sha256 not in ("", manifest["chain"]["previous"]):
                    self.findings.problem(name, "does not follow the manifest before it")
                if manifest["kind"] == "capture":
                    self._check_capture(name, manifest, sha256)
                elif manifest["kind"] == "passage":
                    passages.append((name, manifest))
            last, last_sha256 = number, sha256
        return passages

    def _open(self, name: str, desk: str, number: int) -> tuple[dict[str, Any] | None, str]:
        try:
            manifest, sealed = open_envelope(self._shelf.small(name))
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
        body, wire, text = manifest["payload"], manifest["wire"], manifest["text"]
        kept = body_name(body["sha256"])
        # A download omits the page if it can be derived from the exchange.
        if self._whole or wire is None or kept in self._shelf.names("body"):
            self._shelf.check(kept, body["size"], name)
        if text is not None:
            self._shelf.check(text_name(text["sha256"]), text["size"], name)
            self._texts[sha256] = text["sha256"]
        if wire is not None:
            self._check_wire(wire_name(wire["sha256"]), name, manifest)

    def _check_wire(self, file: str, name: str, manifest: dict[str, Any]) -> None:
        wire = manifest["wire"]
        self._shelf.needed.add(file)
        self._shelf.touch(file)
        try:
            with self._shelf.kept.open(file) as stream:
                found = examine_wire(stream, manifest["payload"]["size"])
        except OSError:
            self.findings.problem(file, f"is missing, but {name} relies on it")
            return
        if (found.sha256, found.size) != (wire["sha256"], wire["size"]):
            self.findings.problem(file, f"is not the exchange that {name} states")
        for sentence in found.problems:
            self.findings.problem(file, sentence)
        self._compare(file, name, manifest, found)

    def _compare(self, file: str, name: str, manifest: dict[str, Any], found: Examined) -> None:
        capture, body = manifest["capture"], manifest["payload"]
        asked = [(hop["url"], hop.get("address", "")) for hop in capture["hops"] if hop.get("sent_bytes", 1)]
        if asked != found.asked:
            self.findings.problem(file, f"does not show the requests that {name} states")
        if capture["status"] != found.body.status:
            self.findings.problem(file, f"does not show the answer {capture['status']} that {name} states")
        derived, cut = found.body, "truncated" in capture["warnings"]
        if derived.missing:
            self.findings.gap(file, f"to unpack the page, install the Python package {derived.missing}")
        elif derived.size < body["size"] and cut:
            self._compare_beginning(file, body["sha256"], found)
        elif derived.sha256 != body["sha256"] or derived.size != body["size"]:
            self.findings.problem(file, f"the page in it is not the one that {name} states")
        elif not derived.whole and not cut:
            self.findings.problem(file, "the page in it breaks off, and nobody stated that")

    def _compare_beginning(self, file: str, sha256: str, found: Examined) -> None:
        """Compare the beginning of a page that broke off.

        An older version decoded such a page a little further, depending on how the network delivered it.
        """
        try:
            with self._shelf.kept.open(body_name(sha256)) as stream:
                beginning, _ = hashed(stream, found.body.size)
        except OSError:
            self.findings.gap(file, "the broken page in it could not be compared to its end")
            return
        if beginning != found.body.sha256:
            self.findings.problem(file, "the page in it is not the one that was kept")

    def _check_passages(self, name: str, manifest: dict[str, Any]) -> None:
        for passage in manifest["passages"]:
            stated = self._texts.get(passage["capture_manifest"])
            if stated is None and self._whole and not self._only_desk:
                self.findings.problem(name, "the capture that it relies on is not stated")
            elif stated not in (None, passage["text_sha256"]):
                self.findings.problem(name, "relies on another text than its capture")
            text = self._text(passage["text_sha256"], name)
            if text is None:
                continue
            start, end, exact = passage["start"], passage["end"], passage["exact"]
            around = text[:start].endswith(passage["prefix"]) and text[end:].startswith(passage["suffix"])
            if not 0 <= start < end <= len(text) or text[start:end] != exact or not around:
                self.findings.problem(
                    name, f"the passage of evidence {passage['evidence']} does not stand in the text there"
                )

    def _text(self, sha256: str, asker: str) -> str | None:
        if self._last_text[0] != sha256:
            file = text_name(sha256)
            if not self._shelf.check(file, None, asker):
                return None
            try:
                self._last_text = (sha256, self._shelf.small(file).decode("utf-8"))
            except (UnicodeDecodeError, OSError) as error:
                self.findings.problem(file, f"cannot be read as text: {error}")
                return None
        return self._last_text[1]
