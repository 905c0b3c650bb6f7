"""How captures are proved: the link of the chain that signs each, and the time stamps on it."""

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
    """One authority's time stamp on a capture: `at` is the time it vouches for.

    `authority` is its host, with port and path where others of that host stamp as well.
    """

    authority: str
    state: StampState
    at: datetime | None
    problem: str


@dataclass(frozen=True)
class ProofView:
    """How a capture is proved, for a sentence each. `number` is empty while it is not signed."""

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
        """The stamps that are held."""
        return tuple(stamp for stamp in self.stamps if stamp.state is StampState.HELD)


@dataclass(frozen=True)
class LinkRecord:
    """A link of a desk's chain that speaks of a capture.

    `inclusion` is its place under the root that `stamps` vouch for; None until it is gathered.
    """

    manifest: Manifest
    sealed: Sealed
    inclusion: Inclusion | None
    stamps: list[Stamp]


def proof_of(capture: Capture) -> ProofView:
    """How one capture is proved; three queries at most."""
    return proofs_of([capture.pk])[capture.pk]


def proofs_of(capture_ids: Iterable[int]) -> dict[int, ProofView]:
    """How each of some captures is proved, by its id; three queries at most, however many there are."""
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
    """What a desk's chain says of a capture and of passages chosen in it, in its order.

    Empty while it is not signed; raises Missing. Four queries at most.
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
    """How to call each authority, by its address, so that no two of them are called the same."""
    parts = {address: urlsplit(address) for address in authorities}
    hosts = Counter(part.hostname for part in parts.values())
    return {
        # A name and password may stand before the host, a key behind the path: neither is to be shown.
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
