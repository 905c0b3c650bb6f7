"""Time stamps: manifests gathered under one root, which several authorities stamp in the background.

A stamp is a job row until it is held. A worker owns it while its attempt number is the row's; what it
writes later changes nothing. An authority that is down is asked again for as long as it is configured,
and one that is configured later stamps what was gathered before it came.
"""

import hashlib
import logging
import secrets
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import SystemRandom

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Now

from annotations.archiving.layout import batch_name, token_name
from annotations.archiving.stamp_batches import Batch, Stamped
from annotations.archiving.timestamps import StampRefused, Token, read_response, request_for
from annotations.domain.fetches.outcomes import sentence_of
from annotations.domain.proof.kinds import StampState
from annotations.domain.software import NAME, VERSION
from annotations.fetching import FetchFailed, exchange
from annotations.jobs import ASK_STAMP, wake
from annotations.models import Manifest, Stamp, StampBatch, StampLeaf
from annotations.storing import StorageFailed
from annotations.workflow.captures.storage import Kept, count_kept, keep_named

MOST_LEAVES = 4096
ORDERED_AT_ONCE = 500
WOKEN_AT_ONCE = 20
# An authority answers within 30 s or is given up; what is left is for a slow storage.
LEASE = timedelta(seconds=90)
BACK_OFF_BASE = timedelta(minutes=1)
BACK_OFF_CAP = timedelta(hours=6)
_GATHER_LOCK = 0x7374616D
_OPEN = (StampState.QUEUED.value, StampState.ASKING.value)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Ticket:
    """The right to ask one authority once."""

    stamp_id: int
    attempt: int
    batch_id: int
    root: str
    authority: str
    roots: Path | None


def sweep() -> None:
    """Gather what was stated, order the stamps that are missing, and wake those that are due.

    Does nothing where no authority is configured; what was stated meanwhile is gathered once one is.
    """
    if settings.TIMESTAMP_AUTHORITIES:
        while gather():
            logger.info("manifests were gathered for a time stamp")
    order()
    due = Stamp.objects.filter(state__in=_OPEN, next_attempt_at__lte=Now()).order_by("next_attempt_at")
    for stamp_id in due.values_list("pk", flat=True)[:WOKEN_AT_ONCE]:
        wake(ASK_STAMP, stamp_id=stamp_id)


@transaction.atomic(durable=True)
def gather() -> StampBatch | None:
    """Put the kept manifests that no batch holds under one root, if it is time for the next batch.

    At most `MOST_LEAVES` at once; a full batch is followed by the next without waiting.
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
    """Make the job of each configured authority for each batch, and call off those of others."""
    urls = [authority.url for authority in settings.TIMESTAMP_AUTHORITIES]
    for url in urls:
        there = Stamp.objects.filter(batch=OuterRef("pk"), authority=url)
        batches = StampBatch.objects.filter(~Exists(there)).order_by("-pk")[:ORDERED_AT_ONCE]
        Stamp.objects.bulk_create(
            [Stamp(batch=batch, authority=url) for batch in batches], ignore_conflicts=True
        )
    Stamp.objects.filter(state=StampState.FAILED.value, authority__in=urls).update(
        state=StampState.QUEUED.value, next_attempt_at=Now()
    )
    Stamp.objects.filter(state__in=_OPEN).exclude(authority__in=urls).update(
        state=StampState.FAILED.value, next_attempt_at=None, lease_until=None, error_code="not_configured"
    )


def ask(stamp_id: int) -> bool:
    """Ask the authority of a stamp that is due; True if the stamp is held now.

    Never raises for what an authority does: that is written to the row, with the time of the next try.
    """
    ticket = _claim(stamp_id)
    if ticket is None:
        return False
    try:
        token = _token(ticket)
        files = _keep(ticket, token)
    except FetchFailed as failure:
        _fail(ticket, failure.code, failure.detail or sentence_of(failure.code))
    except StampRefused as refused:
        _fail(ticket, refused.code, refused.sentence)
    except StorageFailed as error:
        _fail(ticket, "storage_failed", str(error))
    except (OSError, ValueError) as error:
        # The file of root certificates went away, or holds none.
        _fail(ticket, "stamp_roots", str(error))
    else:
        return _hold(ticket, token, files)
    return False


@transaction.atomic(durable=True)
def _claim(stamp_id: int) -> _Ticket | None:
    named = {authority.url: authority.roots for authority in settings.TIMESTAMP_AUTHORITIES}
    due = Stamp.objects.filter(
        pk=stamp_id, state__in=_OPEN, authority__in=list(named), next_attempt_at__lte=Now()
    )
    # The next try is when the lease lapses: a worker that is lost needs nobody to find it.
    stamp = due.select_for_update(skip_locked=True, of=("self",)).select_related("batch").first()
    if stamp is None:
        return None
    lapse = Now() + LEASE
    Stamp.objects.filter(pk=stamp.pk).update(
        state=StampState.ASKING.value,
        attempt=stamp.attempt + 1,
        lease_until=lapse,
        next_attempt_at=lapse,
    )
    return _Ticket(
        stamp.pk,
        stamp.attempt + 1,
        stamp.batch_id,
        stamp.batch.root_sha256,
        stamp.authority,
        named[stamp.authority],
    )


def _token(ticket: _Ticket) -> Token:
    digest, nonce = bytes.fromhex(ticket.root), secrets.randbits(63)
    answer = exchange(
        ticket.authority,
        user_agent=f"{NAME}/{VERSION} (+{settings.FETCH_CONTACT_URL})",
        body=request_for(digest, nonce),
        content_type="application/timestamp-query",
        headers=[("Accept", "application/timestamp-reply")],
        allowed_networks=settings.FETCH_ALLOWED_NETWORKS,
    )
    if answer.code != "ok":
        raise FetchFailed(answer.code, sentence_of(answer.code))
    return read_response(answer.body, digest=digest, nonce=nonce, roots=trusted_roots(ticket.roots))


def token_hash(token: bytes) -> str:
    """The hash that names a kept token."""
    return hashlib.sha256(token).hexdigest()


def trusted_roots(file: Path | None) -> list[bytes]:
    """The certificates that an authority is checked against: those of `file`, else the machine's own.

    Raises OSError where there is no such file: a stamp of somebody unknown is worth nothing.
    """
    if file is None:
        paths = ssl.get_default_verify_paths()
        file = Path(paths.cafile or paths.openssl_cafile)
    return [file.read_bytes()]


def _keep(ticket: _Ticket, token: Token) -> list[Kept]:
    leaves = StampLeaf.objects.filter(batch=ticket.batch_id).order_by("position")
    manifests = [leaf.manifest for leaf in leaves.select_related("manifest").defer("manifest__body")]
    # By the hash of its own bytes, as everything that is kept.
    return [
        keep_named(batch_name(ticket.root), _batch_of(manifests).file()),
        keep_named(token_name(ticket.root, token_hash(token.der)), token.der),
    ]


@transaction.atomic(durable=True)
def _hold(ticket: _Ticket, token: Token, files: list[Kept]) -> bool:
    held = _own(ticket).update(
        state=StampState.HELD.value,
        token=token.der,
        serial=token.serial[:80],
        stamped_at=token.stamped_at,
        error_code="",
        error_detail="",
        next_attempt_at=None,
        lease_until=None,
    )
    if held:
        count_kept(files)
    return bool(held)


@transaction.atomic(durable=True)
def _fail(ticket: _Ticket, code: str, words: str) -> None:
    logger.warning("no time stamp from %s: %s", ticket.authority, code)
    _own(ticket).update(
        state=StampState.QUEUED.value,
        error_code=code[:40],
        error_detail=words[:2000],
        next_attempt_at=Now() + back_off(ticket.attempt),
        lease_until=None,
    )


def back_off(attempt: int) -> timedelta:
    """How long to wait after this attempt failed: doubling from a minute up to six hours, less up to half."""
    ceiling: timedelta = min(BACK_OFF_CAP, BACK_OFF_BASE * (1 << min(attempt - 1, 20)))
    return ceiling * (0.5 + SystemRandom().random() / 2)


def _own(ticket: _Ticket) -> QuerySet[Stamp]:
    return Stamp.objects.filter(pk=ticket.stamp_id, state=StampState.ASKING.value, attempt=ticket.attempt)


def _batch_of(manifests: Sequence[Manifest]) -> Batch:
    return Batch(tuple(Stamped(str(row.desk_id), row.number, row.sha256) for row in manifests))
