"""Second witnesses: ask other archives for a copy of their own of what was fetched.

Off unless the deployment names a witness, because asking tells it what the newsroom looks at. Each
question is a job row of its own: asked, polled and given up by the sweep; nobody waits for it.
"""

import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils import timezone

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
from annotations.jobs import ASK_WITNESS, wake
from annotations.models import Capture, WitnessJob
from annotations.workflow.captures.rows import plain

# A copy taken much later is no witness of what the page said when it was fetched.
ORDERED_WITHIN = timedelta(hours=24)
ORDERED_AT_ONCE = 100
# The archive takes four new pages a minute from strangers; the sweep comes four times a minute.
SAVES_AT_ONCE = 1
WOKEN_AT_ONCE = 20
LEASE_SECONDS = 60
_POLLING_COUNTS_AS = 3
_SUCCEEDED = [code for code, row in OUTCOMES.items() if row.counts is Counts.FETCHED]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Question:
    """The right to ask once, and all that asking takes."""

    job_id: int
    attempt: int
    kind: WitnessKind
    remote_id: str
    url: str
    seen_at: datetime


@transaction.atomic(durable=True)
def sweep_witnesses() -> int:
    """Make the questions that new captures call for and wake what is due; return how many were woken."""
    for kind in settings.WITNESSES:
        _order(WitnessKind(kind))
    due = WitnessJob.objects.filter(next_attempt_at__lte=Now()).exclude(
        state__in=[WitnessState.DONE.value, WitnessState.FAILED.value]
    )
    free = due.filter(state=WitnessState.QUEUED.value) | due.filter(lease_until__lt=Now())
    new_saves = free.filter(kind=WitnessKind.WAYBACK_SAVE.value, remote_id="").order_by("next_attempt_at")
    others = free.exclude(kind=WitnessKind.WAYBACK_SAVE.value, remote_id="").order_by("next_attempt_at")
    chosen = [
        *new_saves.values_list("pk", flat=True)[:SAVES_AT_ONCE],
        *others.values_list("pk", flat=True)[:WOKEN_AT_ONCE],
    ]
    for job_id in chosen:
        wake(ASK_WITNESS, witness_id=job_id)
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
    """Whether others could see the page too: not an address that only this deployment may fetch."""
    try:
        address = parse_address(url)
    except AddressRefused:
        return False
    return literal_ip(address.host) is None and "." in address.host


def ask_witness(job_id: int) -> bool:
    """Ask once, if the question is due; False, and nothing changed, if it is not or someone else is at it.

    Never raises for what the archive does.
    """
    question = _claim(job_id)
    if question is None:
        return False
    try:
        answer = _ask(question)
    except FetchFailed as failure:
        answer = Answer("witness_unreachable", detail=f"{failure.code} {failure.detail}".strip())
    except Exception as error:
        # A fault of ours must end in the row, where people see it, and not only in the log.
        logger.exception("witness job %s: attempt %s failed", job_id, question.attempt)
        answer = Answer("witness_lost", detail=f"{type(error).__name__}: {error}")
    return _conclude(question, answer)


@transaction.atomic(durable=True)
def _claim(job_id: int) -> _Question | None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE annotations_witnessjob
            SET state = 'asking', attempt = attempt + 1,
                lease_until = statement_timestamp() + make_interval(secs => %s)
            WHERE id = %s AND next_attempt_at <= statement_timestamp()
                AND (state = 'queued' OR state = 'asking' AND lease_until < statement_timestamp())
            RETURNING attempt
            """,
            [LEASE_SECONDS, job_id],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    job = WitnessJob.objects.select_related("capture__reference").get(pk=job_id)
    return _Question(
        job_id=job_id,
        attempt=row[0],
        kind=WitnessKind(job.kind),
        remote_id=job.remote_id,
        url=job.capture.reference.url,
        seen_at=job.capture.fetched_at,
    )


def _ask(question: _Question) -> Answer:
    if question.kind is WitnessKind.MEMENTO_LOOKUP:
        found = _exchange(
            "HEAD",
            f"{settings.MEMENTO_TIMEGATE}{question.url}",
            [("Accept-Datetime", accept_datetime(question.seen_at))],
        )
        return memento_found(
            found.status, found.final_url, found.header("memento-datetime"), asked_url=question.url
        )
    base = settings.WAYBACK_URL
    if question.remote_id:
        polled = _exchange("GET", f"{base}/save/status/{question.remote_id}", _wayback_headers())
        return save_ended(
            polled.status, _json(polled), base=base, asked_url=question.url, seen_at=question.seen_at
        )
    begun = _exchange(
        "POST",
        f"{base}/save",
        _wayback_headers(),
        # A page that is missing there is worth keeping too; nobody asked for the pages it links to.
        form={"url": question.url, "capture_all": "1", "skip_first_archive": "1"},
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
def _conclude(question: _Question, answer: Answer) -> bool:
    job = (
        WitnessJob.objects.select_for_update(of=("self",))
        .filter(pk=question.job_id, attempt=question.attempt, state=WitnessState.ASKING.value)
        .first()
    )
    if job is None:
        logger.warning("witness job %s: attempt %s is no longer ours", question.job_id, question.attempt)
        return False
    now = timezone.now()
    # Every poll took an attempt number though nothing failed; there the days set the end.
    tries = _POLLING_COUNTS_AS if job.remote_id else job.attempt
    again = ask_again_at(answer, tries_made=tries, asked_first=job.created_at, now=now)
    job.error_code, job.error_detail = answer.code, plain(answer.detail)[:1000]
    job.lease_until, job.next_attempt_at = None, again
    job.remote_id = answer.remote_id or job.remote_id
    job.found_url, job.found_at = answer.found_url, answer.found_at
    if again is not None:
        job.state = WitnessState.QUEUED.value
    else:
        good = answer.code in ("witness_saved", "witness_found", "witness_none")
        job.state = (WitnessState.DONE if good else WitnessState.FAILED).value
        job.finished_at = now
    job.save()
    return True
