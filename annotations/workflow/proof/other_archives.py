"""Ask other web archives for their own copy of what was fetched.

This is off unless the settings name an archive, because asking shows it what the newsroom looks at. Each
question is a leased job of its own. The sweep has it asked and polled, and nobody waits for it.
"""

import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from annotations.domain.errors import LeaseLost
from annotations.domain.fetches.outcomes import OUTCOMES, Counts
from annotations.domain.proof.kinds import WitnessKind, WitnessState
from annotations.domain.proof.other_archives import (
    Answer,
    accept_datetime,
    ask_again_at,
    memento_found,
    save_begun,
    save_ended,
)
from annotations.domain.references.addresses import AddressRefused, literal_ip, parse_address
from annotations.domain.software import USER_AGENT
from annotations.fetching import Fetched, FetchFailed, exchange
from annotations.jobs import ASK_ARCHIVE, wake
from annotations.models import Capture, WitnessJob
from annotations.workflow.captures.rows import plain
from annotations.workflow.leased_jobs import (
    JobKind,
    Lease,
    database_time,
    due,
    end,
    lapsed,
    lease_job,
    lock_attempt,
    put_back,
    take_back,
)

# A copy taken much later says nothing about what the page said when it was fetched.
ORDERED_WITHIN = timedelta(hours=24)
ORDERED_AT_ONCE = 100
# The archive accepts four new pages a minute from clients it does not know; the sweep runs as often.
SAVES_AT_ONCE = 1
WOKEN_AT_ONCE = 20
LOST = "witness_lost"
_POLLING_COUNTS_AS = 3
_SUCCEEDED = [code for code, row in OUTCOMES.items() if row.counts is Counts.FETCHED]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ArchiveLease(Lease):
    """The right to ask another archive once, and everything needed to ask."""

    kind: WitnessKind
    remote_id: str
    url: str
    seen_at: datetime


def _archive_lease(job_id: int, attempt: int, until: datetime, *, kind: str, **question: Any) -> ArchiveLease:
    return ArchiveLease(job_id, attempt, until, kind=WitnessKind(kind), **question)


_QUESTIONS = JobKind(
    WitnessJob,
    _archive_lease,
    columns={
        "kind": "job.kind",
        "remote_id": "job.remote_id",
        "url": "reference.url",
        "seen_at": "capture.fetched_at",
    },
    joins="""
        JOIN annotations_capture capture ON capture.id = job.capture_id
        JOIN annotations_reference reference ON reference.id = capture.reference_id
    """,
)


@transaction.atomic(durable=True)
def sweep() -> int:
    """Make the questions about new captures and wake those that are due; return how many were woken.

    Questions whose worker was lost are taken back.
    """
    for kind in settings.WITNESSES:
        _order(WitnessKind(kind))
    take_back(lapsed(WitnessJob), code=LOST, failed=WitnessState.FAILED.value, next_try=_next_try_of_lost)
    waiting = due(WitnessJob)
    new_saves = waiting.filter(kind=WitnessKind.WAYBACK_SAVE.value, remote_id="")
    others = waiting.exclude(kind=WitnessKind.WAYBACK_SAVE.value, remote_id="")
    chosen = [
        *new_saves.values_list("pk", flat=True)[:SAVES_AT_ONCE],
        *others.values_list("pk", flat=True)[:WOKEN_AT_ONCE],
    ]
    for job_id in chosen:
        wake(ASK_ARCHIVE, witness_id=job_id)
    return len(chosen)


def _order(kind: WitnessKind) -> None:
    asked = WitnessJob.objects.filter(capture=OuterRef("pk"), kind=kind.value)
    rows = (
        Capture.objects.filter(
            job__isnull=False,
            outcome_code__in=_SUCCEEDED,
            fetched_at__gt=Now() - ORDERED_WITHIN,
            tls_unverified=False,
        )
        .exclude(Exists(asked))
        .order_by("pk")
        .values_list("pk", "reference__url")[:ORDERED_AT_ONCE]
    )
    WitnessJob.objects.bulk_create(
        [WitnessJob(capture_id=pk, kind=kind.value) for pk, url in rows if _is_public(url)],
        ignore_conflicts=True,
    )


def _is_public(url: str) -> bool:
    """Whether others could see the page too, so that it is not one that only this deployment can fetch."""
    try:
        address = parse_address(url)
    except AddressRefused:
        return False
    return literal_ip(address.host) is None and "." in address.host


def ask_archive(job_id: int, *, worker: str) -> bool:
    """Ask once if the question is due; return True if the answer was written.

    Changes nothing if the question is not due or someone else has leased it. Never raises for what the
    archive does.
    """
    lease = lease_question(job_id, worker=worker)
    if lease is None:
        return False
    try:
        answer = _ask(lease)
    except FetchFailed as failure:
        answer = Answer("witness_unreachable", detail=f"{failure.code} {failure.detail}".strip())
    except Exception as error:
        # A fault of ours must end in the row, where people see it, and not only in the log.
        logger.exception("witness job %s: attempt %s failed", job_id, lease.attempt)
        answer = Answer(LOST, detail=f"{type(error).__name__}: {error}")
    try:
        _conclude(lease, answer)
    except LeaseLost:
        logger.warning("witness job %s: attempt %s is no longer ours", lease.job_id, lease.attempt)
        return False
    return True


def lease_question(job_id: int, *, worker: str) -> ArchiveLease | None:
    """Lease this question if it is due; else return None and change nothing."""
    return lease_job(_QUESTIONS, job_id, worker=worker)


def _ask(lease: ArchiveLease) -> Answer:
    if lease.kind is WitnessKind.MEMENTO_LOOKUP:
        found = _exchange(
            "HEAD",
            f"{settings.MEMENTO_TIMEGATE}{lease.url}",
            [("Accept-Datetime", accept_datetime(lease.seen_at))],
        )
        return memento_found(
            found.status, found.final_url, found.header("memento-datetime"), asked_url=lease.url
        )
    base = settings.WAYBACK_URL
    if lease.remote_id:
        polled = _exchange("GET", f"{base}/save/status/{lease.remote_id}", _wayback_headers())
        return save_ended(polled.status, _json(polled), base=base, asked_url=lease.url, seen_at=lease.seen_at)
    begun = _exchange(
        "POST",
        f"{base}/save",
        _wayback_headers(),
        # A page that is missing now is worth keeping too. Nobody asked for the pages that it links to.
        form={"url": lease.url, "capture_all": "1", "skip_first_archive": "1"},
    )
    return save_begun(begun.status, _json(begun))


def _wayback_headers() -> list[tuple[str, str]]:
    keys = f"LOW {settings.WAYBACK_ACCESS_KEY}:{settings.WAYBACK_SECRET_KEY}"
    own = [("Authorization", keys)] if settings.WAYBACK_ACCESS_KEY else []
    return [("Accept", "application/json"), *own]


def _exchange(
    method: str, url: str, headers: list[tuple[str, str]], form: dict[str, str] | None = None
) -> Fetched:
    return exchange(
        url,
        user_agent=f"{USER_AGENT} (+{settings.FETCH_CONTACT_URL})",
        method=method,
        headers=headers,
        body=urlencode(form).encode() if form else b"",
        content_type="application/x-www-form-urlencoded" if form else "",
        allowed_networks=settings.FETCH_ALLOWED_NETWORKS,
    )


def _json(fetched: Fetched) -> object:
    try:
        return json.loads(fetched.body)
    except (ValueError, RecursionError):
        return None


@transaction.atomic(durable=True)
def _conclude(lease: ArchiveLease, answer: Answer) -> None:
    job = lock_attempt(WitnessJob, lease)
    job.remote_id = answer.remote_id or job.remote_id
    job.found_url, job.found_at = answer.found_url, answer.found_at
    now, detail = database_time(), plain(answer.detail)
    again = _next_try(job, answer, now)
    if again is not None:
        put_back(job, again, code=answer.code, detail=detail)
    else:
        good = answer.code in ("witness_saved", "witness_found", "witness_none")
        state = WitnessState.DONE if good else WitnessState.FAILED
        end(job, state.value, now=now, code=answer.code, detail=detail)


def _next_try(job: WitnessJob, answer: Answer, now: datetime) -> datetime | None:
    # Every poll counted as an attempt although nothing failed, so only the time limit ends the polling.
    tries = _POLLING_COUNTS_AS if job.remote_id else job.attempt
    return ask_again_at(answer, tries_made=tries, asked_first=job.first_tried_at or now, now=now)


def _next_try_of_lost(job: WitnessJob, now: datetime) -> datetime | None:
    return _next_try(job, Answer(LOST), now)
