"""How captures are proved: the link of the chain that signs each one, and the time stamps on it."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings

from annotations.archiving.signing import Sealed, key_id
from annotations.archiving.stamp_batches import Inclusion
from annotations.domain.proof.kinds import ManifestKind, StampState
from annotations.models import Capture, Manifest, Stamp, StampLeaf, User
from annotations.visibility import check_visible


@dataclass(frozen=True)
class StampView:
    """One authority's time stamp on a capture. `at` is the time that the authority vouches for.

    `authority` is its host, with port and path if other authorities have the same host.
    """

    authority: str
    state: StampState
    at: datetime | None
    problem: str


@dataclass(frozen=True)
class ProofView:
    """The proof of a capture. `number` is None while the capture is not signed."""

    number: int | None
    sha256: str
    previous: str
    key: str
    made_at: datetime | None
    batched: bool
    stamps: tuple[StampView, ...]
    asks_authorities: bool

    @property
    def stamped(self) -> tuple[StampView, ...]:
        """Return the stamps that are held."""
        return tuple(stamp for stamp in self.stamps if stamp.state is StampState.HELD)


@dataclass(frozen=True)
class LinkRecord:
    """A link of a desk's chain about a capture.

    `inclusion` is its place under the root that `stamps` vouch for. It is None until the link joins a batch.
    """

    manifest: Manifest
    sealed: Sealed
    inclusion: Inclusion | None
    stamps: list[Stamp]


def proof_of(capture: Capture) -> ProofView:
    """Return the proof of one capture; at most three queries."""
    return proofs_of([capture.pk])[capture.pk]


def proofs_of(capture_ids: Iterable[int]) -> dict[int, ProofView]:
    """Return the proof of each of some captures, by id; at most three queries for any number of captures."""
    wanted = list(capture_ids)
    signed = Manifest.objects.filter(capture__in=wanted, kind=ManifestKind.CAPTURE.value).defer("body")
    manifests = {row.capture_id: row for row in signed} if wanted else {}
    leaves = StampLeaf.objects.filter(manifest__in=manifests.values())
    batches = dict(leaves.values_list("manifest_id", "batch_id")) if manifests else {}
    stamps: dict[int, list[StampView]] = {batch: [] for batch in batches.values()}
    held = Stamp.objects.filter(batch__in=stamps).defer("token").order_by("authority")
    rows = list(held) if stamps else []
    names = _names({stamp.authority for stamp in rows})
    for stamp in rows:
        stamps[stamp.batch_id].append(_stamp(stamp, names[stamp.authority]))
    return {number: _proof(manifests.get(number), batches, stamps) for number in wanted}


def links_of(user: User, capture_id: int) -> list[LinkRecord]:
    """Return the links of the desk's chain about a capture and about passages chosen in it, in chain order.

    The list is empty while the capture is not signed. Raises Missing. At most four queries.
    """
    check_visible(user, Capture, capture_id)
    manifests = list(Manifest.objects.filter(capture_id=capture_id).order_by("number"))
    leaves = {
        leaf.manifest_id: leaf
        for leaf in StampLeaf.objects.filter(manifest__in=manifests).select_related("batch")
    }
    stamps: dict[int, list[Stamp]] = defaultdict(list)
    if leaves:
        batches = {leaf.batch_id for leaf in leaves.values()}
        for stamp in Stamp.objects.filter(batch__in=batches).order_by("authority"):
            stamps[stamp.batch_id].append(stamp)
    return [_link(row, leaves.get(row.pk), stamps) for row in manifests]


def _proof(
    manifest: Manifest | None, batches: dict[int, int], stamps: dict[int, list[StampView]]
) -> ProofView:
    batch = batches.get(manifest.pk) if manifest else None
    return ProofView(
        number=manifest.number if manifest else None,
        sha256=manifest.sha256 if manifest else "",
        previous=manifest.previous_sha256 if manifest else "",
        key=key_id(manifest.public_key) if manifest else "",
        made_at=manifest.made_at if manifest else None,
        batched=batch is not None,
        stamps=tuple(stamps[batch]) if batch is not None else (),
        asks_authorities=bool(settings.TIMESTAMP_AUTHORITIES),
    )


def _names(authorities: Iterable[str]) -> dict[str, str]:
    """Return a distinct name for each authority, by its address."""
    parts = {address: urlsplit(address) for address in authorities}
    hosts = Counter(part.hostname for part in parts.values())
    return {
        # An address may hold a name and password before the host and a key after the path. Neither is shown.
        address: (part.netloc.rpartition("@")[2] + part.path if hosts[part.hostname] > 1 else part.hostname)
        or address
        for address, part in parts.items()
    }


def _stamp(stamp: Stamp, name: str) -> StampView:
    return StampView(
        authority=name,
        state=StampState(stamp.state),
        at=stamp.stamped_at,
        problem=stamp.error_detail,
    )


def _link(manifest: Manifest, leaf: StampLeaf | None, stamps: dict[int, list[Stamp]]) -> LinkRecord:
    sealed = Sealed(
        body=manifest.body,
        sha256=manifest.sha256,
        key=key_id(manifest.public_key),
        public_key=manifest.public_key,
        signature=manifest.signature,
    )
    if leaf is None:
        return LinkRecord(manifest, sealed, None, [])
    place = Inclusion(
        leaf.batch.root_sha256, manifest.sha256, leaf.position, leaf.batch.leaf_count, tuple(leaf.path)
    )
    return LinkRecord(manifest, sealed, place, stamps[leaf.batch_id])
