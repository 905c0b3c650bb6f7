"""Time stamps: manifests are gathered under one root, which several authorities stamp in the background.

A stamp is a leased job until it is held. An authority that is down is asked again for as long as it is
configured. One that is configured later also stamps what was gathered before.
"""

import hashlib
import logging
import secrets
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Now

from annotations.archiving.layout import batch_name, token_name
from annotations.archiving.stamp_batches import Batch, Stamped
from annotations.archiving.timestamps import StampRefused, Token, read_response, request_for
from annotations.domain.errors import LeaseLost
from annotations.domain.fetches.outcomes import sentence_of
from annotations.domain.proof.kinds import StampState
from annotations.domain.retries import RetryRule
from annotations.domain.software import NAME, VERSION
from annotations.fetching import FetchFailed, exchange
from annotations.jobs import ASK_STAMP, wake
from annotations.models import Manifest, Stamp, StampBatch, StampLeaf
from annotations.storing import StorageFailed
from annotations.workflow.captures.rows import plain
from annotations.workflow.captures.storage import Kept, count_kept, keep_named
from annotations.workflow.leased_jobs import (
    JobKind,
    Lease,
    database_time,
    due,
    end,
    end_all,
    lapsed,
    lease_job,
    lock_attempt,
    put_back,
    queue_again,
    take_back,
)

MOST_LEAVES = 4096
ORDERED_AT_ONCE = 500
WOKEN_AT_ONCE = 20
# There is no last try: an authority is asked for as long as it is configured.
RETRIES = RetryRule(base=timedelta(minutes=1), cap=timedelta(hours=6), jitter=0.5)
_GATHER_LOCK = 0x7374616D
_OPEN = (StampState.QUEUED.value, StampState.ASKING.value)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class StampLease(Lease):
    """The right to ask one authority once for the time stamp of one batch."""

    batch_id: int
    root: str
    authority: str


_STAMPS = JobKind(
    Stamp,
    StampLease,
    columns={"batch_id": "batch.id", "root": "batch.root_sha256", "authority": "job.authority"},
    joins="JOIN annotations_stampbatch batch ON batch.id = job.batch_id",
    needs="job.authority = ANY (%(authorities)s)",
)


def sweep() -> None:
    """Gather manifests, order the stamps that are missing, and wake the stamps that are due.

    Stamps whose worker was lost are taken back. Nothing is gathered while no authority is configured;
    the manifests of that time are gathered once there is one.
    """
    if settings.TIMESTAMP_AUTHORITIES:
        while gather():
            logger.info("manifests were gathered for a time stamp")
    order()
    _take_back_lapsed()
    for stamp_id in due(Stamp).values_list("pk", flat=True)[:WOKEN_AT_ONCE]:
        wake(ASK_STAMP, stamp_id=stamp_id)


@transaction.atomic(durable=True)
def gather() -> StampBatch | None:
    """Put the manifests that are kept as files and in no batch under one root, if the next batch is due.

    A batch has at most `MOST_LEAVES` manifests. After a full batch the next one is due at once. Returns
    the batch, or None if none was made.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_GATHER_LOCK])
        [is_ours] = cursor.fetchone() or [False]
    recent = StampBatch.objects.filter(
        made_at__gt=Now() - settings.TIMESTAMP_EVERY, leaf_count__lt=MOST_LEAVES
    )
    if not is_ours or recent.exists():
        return None
    manifests = list(
        Manifest.objects.filter(leaf__isnull=True, number__lte=F("desk__proof_chain__kept_number"))
        .defer("body")
        .order_by("pk")[:MOST_LEAVES]
    )
    if not manifests:
        return None
    inclusions = _batch_of(manifests).inclusions()
    batch = StampBatch.objects.create(root_sha256=inclusions[0].root, leaf_count=len(manifests))
    StampLeaf.objects.bulk_create(
        StampLeaf(batch=batch, manifest=manifest, position=place.position, path=list(place.path))
        for manifest, place in zip(manifests, inclusions, strict=True)
    )
    return batch


@transaction.atomic(durable=True)
def order() -> None:
    """Make a job for each batch and configured authority, and end the jobs of all other authorities."""
    urls = _authorities()
    for url in urls:
        there = Stamp.objects.filter(batch=OuterRef("pk"), authority=url)
        batches = StampBatch.objects.filter(~Exists(there)).order_by("-pk")[:ORDERED_AT_ONCE]
        Stamp.objects.bulk_create(
            [Stamp(batch=batch, authority=url) for batch in batches], ignore_conflicts=True
        )
    queue_again(Stamp.objects.filter(state=StampState.FAILED.value, authority__in=urls))
    of_others = Stamp.objects.filter(state__in=_OPEN).exclude(authority__in=urls)
    end_all(of_others, StampState.FAILED.value, code="not_configured")


@transaction.atomic(durable=True)
def _take_back_lapsed() -> None:
    take_back(lapsed(Stamp), code="worker_lost", failed=StampState.FAILED.value, next_try=_next_try)


def _next_try(stamp: Stamp, now: datetime) -> datetime:
    return now + back_off(stamp.attempt)


def ask(stamp_id: int, *, worker: str) -> bool:
    """Ask the authority for a stamp that is due; return True if the stamp is held now.

    Never raises for what an authority does: that is written to the row, with the time of the next try.
    """
    lease = lease_stamp(stamp_id, worker=worker)
    if lease is None:
        return False
    try:
        return _ask(lease)
    except LeaseLost:
        logger.warning("stamp %s: attempt %s is no longer ours", lease.job_id, lease.attempt)
        return False


def lease_stamp(stamp_id: int, *, worker: str) -> StampLease | None:
    """Lease this stamp if it is due and its authority is configured; else return None and change nothing."""
    return lease_job(_STAMPS, stamp_id, worker=worker, authorities=_authorities())


def _authorities() -> list[str]:
    return [authority.url for authority in settings.TIMESTAMP_AUTHORITIES]


def _ask(lease: StampLease) -> bool:
    try:
        token = _token(lease)
        files = _keep(lease, token)
    except FetchFailed as failure:
        _fail(lease, failure.code, failure.detail or sentence_of(failure.code))
    except StampRefused as refused:
        _fail(lease, refused.code, refused.sentence)
    except StorageFailed as error:
        _fail(lease, "storage_failed", str(error))
    except (OSError, ValueError) as error:
        # The file of root certificates is gone, or contains none.
        _fail(lease, "stamp_roots", str(error))
    else:
        _hold(lease, token, files)
        return True
    return False


def _token(lease: StampLease) -> Token:
    digest, nonce = bytes.fromhex(lease.root), secrets.randbits(63)
    answer = exchange(
        lease.authority,
        user_agent=f"{NAME}/{VERSION} (+{settings.FETCH_CONTACT_URL})",
        body=request_for(digest, nonce),
        content_type="application/timestamp-query",
        headers=[("Accept", "application/timestamp-reply")],
        allowed_networks=settings.FETCH_ALLOWED_NETWORKS,
    )
    if answer.code != "ok":
        raise FetchFailed(answer.code, sentence_of(answer.code))
    roots = {named.url: named.roots for named in settings.TIMESTAMP_AUTHORITIES}[lease.authority]
    return read_response(answer.body, digest=digest, nonce=nonce, roots=trusted_roots(roots))


def token_hash(token: bytes) -> str:
    """Return the hash by which a kept token is named."""
    return hashlib.sha256(token).hexdigest()


def trusted_roots(file: Path | None) -> list[bytes]:
    """Return the certificates that an authority is checked against: those in `file`, else the machine's own.

    Raises OSError where there is no such file: a stamp from an unknown authority is worth nothing.
    """
    if file is None:
        paths = ssl.get_default_verify_paths()
        file = Path(paths.cafile or paths.openssl_cafile)
    return [file.read_bytes()]


def _keep(lease: StampLease, token: Token) -> list[Kept]:
    leaves = StampLeaf.objects.filter(batch=lease.batch_id).order_by("position")
    manifests = [leaf.manifest for leaf in leaves.select_related("manifest").defer("manifest__body")]
    # The token is named by the hash of its own bytes, like everything that is kept.
    return [
        keep_named(batch_name(lease.root), _batch_of(manifests).file()),
        keep_named(token_name(lease.root, token_hash(token.der)), token.der),
    ]


@transaction.atomic(durable=True)
def _hold(lease: StampLease, token: Token, files: list[Kept]) -> None:
    stamp = lock_attempt(Stamp, lease)
    stamp.token, stamp.serial, stamp.stamped_at = token.der, token.serial[:80], token.stamped_at
    end(stamp, StampState.HELD.value, now=database_time())
    count_kept(files)


@transaction.atomic(durable=True)
def _fail(lease: StampLease, code: str, words: str) -> None:
    logger.warning("no time stamp from %s: %s", lease.authority, code)
    stamp = lock_attempt(Stamp, lease)
    put_back(stamp, _next_try(stamp, database_time()), code=code, detail=plain(words))


def back_off(attempt: int) -> timedelta:
    """Return how long to wait after a failed attempt: a minute, doubling up to six hours, less up to half."""
    return RETRIES.wait(attempt)


def _batch_of(manifests: Sequence[Manifest]) -> Batch:
    return Batch(tuple(Stamped(str(row.desk_id), row.number, row.sha256) for row in manifests))
