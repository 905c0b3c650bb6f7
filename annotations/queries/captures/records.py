"""The captures of a page, their proof and the places of passages in them, for the API."""

from collections import defaultdict
from dataclasses import dataclass

from annotations.archiving.signing import Sealed, key_id
from annotations.archiving.stamp_batches import Inclusion
from annotations.domain.fetches.watch import PageStatus
from annotations.models import (
    Capture,
    Manifest,
    PassagePlace,
    Reference,
    Stamp,
    StampLeaf,
    User,
    Watch,
    WatchCheck,
)
from annotations.models.capture import large_columns
from annotations.queries.evidence.attached import evidence_for
from annotations.queries.fetches.views import FetchView, fetch_of, rest_of_host
from annotations.queries.paging import Page, newest_first
from annotations.visibility import check_visible, get_visible
from annotations.words.captures import check_words


@dataclass(frozen=True)
class ReferenceRecord:
    """A reference with its fetch and its newest capture; with its watch while a verdict rests on it."""

    reference: Reference
    fetch: FetchView
    watch: Watch | None


@dataclass(frozen=True)
class LinkRecord:
    """A link of a desk's chain that is about a capture.

    `inclusion` is its place under the root that `stamps` cover; None until it is in a batch.
    """

    manifest: Manifest
    sealed: Sealed
    inclusion: Inclusion | None
    stamps: list[Stamp]


@dataclass(frozen=True)
class CheckRecord:
    """One check of a watched page, in words."""

    check: WatchCheck
    words: str


def reference_record(user: User, reference_id: int) -> ReferenceRecord:
    """Return a reference on one of the person's desks; raises Missing. One query, which loads no text."""
    rows = Reference.objects.select_related("latest_capture__uploaded_by", "watch").annotate(
        **rest_of_host("host")
    )
    found = get_visible(user, rows.defer(*large_columns("latest_capture")), reference_id)
    watch: Watch | None = getattr(found, "watch", None)
    return ReferenceRecord(found, fetch_of(found), watch if watch and watch.next_check_at else None)


def captures_page(
    user: User, reference_id: int, *, after: str = "", size: int | None = None
) -> Page[Capture]:
    """Return one page of the captures of a reference, newest first, without texts; two queries.

    Raises Missing or BadCursor.
    """
    check_visible(user, Reference, reference_id)
    rows = Capture.objects.without_text().filter(reference_id=reference_id).select_related("uploaded_by")
    return newest_first(rows, after=after, size=size)


def checks_page(
    user: User, reference_id: int, *, after: str = "", size: int | None = None
) -> Page[CheckRecord]:
    """Return one page of the checks of a reference, newest first; two queries.

    Raises Missing or BadCursor.
    """
    check_visible(user, Reference, reference_id)
    page = newest_first(WatchCheck.objects.filter(reference_id=reference_id), after=after, size=size)
    rows = [
        CheckRecord(row, check_words(row.code, PageStatus(row.page_status), row.findings)[1])
        for row in page.rows
    ]
    return Page(rows, page.after)


def places_page(
    user: User, evidence_id: int, *, after: str = "", size: int | None = None
) -> Page[PassagePlace]:
    """Return one page of the places of a passage in later captures, newest first; two queries.

    Raises Missing or BadCursor.
    """
    evidence_for(user, evidence_id)
    rows = PassagePlace.objects.filter(evidence_id=evidence_id).select_related("capture")
    return newest_first(rows.defer(*large_columns("capture")), after=after, size=size)


def links_of(user: User, capture_id: int) -> list[LinkRecord]:
    """Return the links of a desk's chain about a capture and the passages chosen in it, in their order.

    Empty until it is signed; raises Missing. Four queries at most.
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
