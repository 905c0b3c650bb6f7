"""Write manifests as files, beside the files that they are about, so that the files prove themselves.

The rows are the truth. A file follows within moments, and the sweep writes those that were left behind.
"""

import logging

from django.db import transaction
from django.db.models import F

from annotations.archiving.layout import manifest_name
from annotations.archiving.signing import Sealed, key_id
from annotations.models import Manifest, ProofChain
from annotations.storing import StorageFailed
from annotations.workflow.captures.storage import Kept, clear_left_behind, count_kept, keep_named
from annotations.workflow.entries import seal_earlier
from annotations.workflow.proof.chain import chain_entries

KEPT_AT_ONCE = 200

logger = logging.getLogger(__name__)


def sweep() -> int:
    """Chain what was sealed, and write the manifests of all desks that are not files yet; return how many.

    Also removes what interrupted writers left. If the storage fails, the next sweep tries again.
    """
    seal_earlier()
    chain_entries()
    try:
        clear_left_behind()
    except OSError:
        logger.exception("the storage could not be tidied")
    behind = ProofChain.objects.filter(kept_number__lt=F("number")).order_by("pk")
    return sum(keep_manifests(desk_id) for desk_id in behind.values_list("pk", flat=True))


def keep_manifests(desk_id: int) -> int:
    """Write the manifests of a desk that are not files yet, in their order; return how many were written.

    Safe at any time, and twice at once: a file is written once. If the storage fails, this is logged and
    the rest is left to the next sweep.
    """
    written = 0
    try:
        while some := _keep_some(desk_id):
            written += some
    except StorageFailed:
        logger.exception("desk %s: its manifests could not be kept", desk_id)
    return written


def sealed_of(manifest: Manifest) -> Sealed:
    """Return a manifest as it was signed."""
    return Sealed(
        body=manifest.body,
        sha256=manifest.sha256,
        key=key_id(manifest.public_key),
        public_key=manifest.public_key,
        signature=manifest.signature,
    )


def _keep_some(desk_id: int) -> int:
    chain = ProofChain.objects.filter(pk=desk_id).first()
    if chain is None:
        return 0
    after = Manifest.objects.filter(desk_id=desk_id, number__gt=chain.kept_number).order_by("number")
    rows = list(after[:KEPT_AT_ONCE])
    files = [keep_named(manifest_name(str(desk_id), row.number), sealed_of(row).envelope()) for row in rows]
    if rows:
        _count(desk_id, files, rows[-1].number)
    return len(rows)


@transaction.atomic(durable=True)
def _count(desk_id: int, files: list[Kept], number: int) -> None:
    count_kept(files)
    ProofChain.objects.filter(pk=desk_id, kept_number__lt=number).update(kept_number=number)
