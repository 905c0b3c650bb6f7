"""Batches of manifests under one Merkle root: one time stamp serves them all."""

from dataclasses import dataclass
from typing import Any

from annotations.archiving.canonical import NotCanonical, canonical, is_sha256, read_canonical
from annotations.archiving.merkle import inclusion_paths, is_included, merkle_root

_BATCH = "factcheck-batch"
_INCLUSION = "factcheck-inclusion"


class BadBatch(ValueError):
    """A list of stamped manifests or a proof of inclusion does not hold. The message says why."""


@dataclass(frozen=True)
class Stamped:
    """A manifest in a batch: its desk, its number in the chain of the desk, and its SHA-256."""

    desk: str
    number: int
    sha256: str


@dataclass(frozen=True)
class Inclusion:
    """The place of one manifest in a tree, and the hashes that lead to the root, in hexadecimal."""

    root: str
    manifest: str
    position: int
    size: int
    path: tuple[str, ...]

    def file(self) -> bytes:
        """The file to keep, as canonical JSON."""
        return canonical(
            {
                "format": _INCLUSION,
                "version": 1,
                "root": self.root,
                "leaf": self.manifest,
                "position": self.position,
                "size": self.size,
                "siblings": list(self.path),
            }
        )


@dataclass(frozen=True)
class Batch:
    """Manifests in the order of their leaves. The time stamp is on the digest `root` itself."""

    manifests: tuple[Stamped, ...]

    @property
    def root(self) -> str:
        """The Merkle root over the manifests' hashes, in hexadecimal."""
        return merkle_root(self._leaves()).hex()

    def inclusions(self) -> list[Inclusion]:
        """The proof for each manifest, in the order of the manifests."""
        root, size = self.root, len(self.manifests)
        return [
            Inclusion(root, manifest.sha256, position, size, tuple(step.hex() for step in path))
            for position, (manifest, path) in enumerate(
                zip(self.manifests, inclusion_paths(self._leaves()), strict=True)
            )
        ]

    def file(self) -> bytes:
        """The file to keep, as canonical JSON."""
        manifests = [{"desk": m.desk, "number": m.number, "sha256": m.sha256} for m in self.manifests]
        return canonical({"format": _BATCH, "version": 1, "root": self.root, "manifests": manifests})

    def _leaves(self) -> list[bytes]:
        return [bytes.fromhex(manifest.sha256) for manifest in self.manifests]


def read_batch(data: bytes) -> Batch:
    """Read a batch from a kept file. Raises `BadBatch` unless its root is that of its manifests."""
    value = _opened(data, _BATCH, {"root", "manifests"})
    listed = value["manifests"]
    if not isinstance(listed, list) or not listed:
        raise BadBatch("the list of manifests is empty")
    manifests = []
    for item in listed:
        if not isinstance(item, dict) or set(item) != {"desk", "number", "sha256"}:
            raise BadBatch("the list of manifests has another form than it should")
        if (
            not isinstance(item["desk"], str)
            or type(item["number"]) is not int
            or not is_sha256(item["sha256"])
        ):
            raise BadBatch("the list of manifests has another form than it should")
        manifests.append(Stamped(item["desk"], item["number"], item["sha256"]))
    batch = Batch(tuple(manifests))
    if batch.root != value["root"]:
        raise BadBatch("the root is not that of the manifests in the list")
    return batch


def read_inclusion(data: bytes) -> Inclusion:
    """Read a proof from a kept file. Raises `BadBatch` unless it leads from its manifest to its root."""
    value = _opened(data, _INCLUSION, {"root", "leaf", "position", "size", "siblings"})
    hashes = [
        value["root"],
        value["leaf"],
        *(value["siblings"] if isinstance(value["siblings"], list) else [""]),
    ]
    if not all(is_sha256(item) for item in hashes):
        raise BadBatch("a hash in the proof is none")
    if type(value["position"]) is not int or type(value["size"]) is not int:
        raise BadBatch("the place in the proof is no number")
    root, leaf, *path = (bytes.fromhex(item) for item in hashes)
    if not is_included(leaf, value["position"], value["size"], path, root):
        raise BadBatch("the proof does not lead from the manifest to the root")
    return Inclusion(value["root"], value["leaf"], value["position"], value["size"], tuple(value["siblings"]))


def _opened(data: bytes, kind: str, names: set[str]) -> dict[str, Any]:
    try:
        value = read_canonical(data)
    except NotCanonical as error:
        raise BadBatch(str(error)) from None
    if not isinstance(value, dict) or set(value) != names | {"format", "version"}:
        raise BadBatch("it has other parts than it should")
    if (value["format"], value["version"]) != (kind, 1):
        raise BadBatch("it is of another format or version")
    return value
