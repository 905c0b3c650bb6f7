"""Run the fetches that were asked for: lease a job, fetch its page, extract and keep it, write the result.

The row is the queue. A worker owns a job only while its attempt is the one under way; a result that comes
later changes nothing. Fetching, extracting and storing happen between transactions, never inside one.
"""

import logging
import time
from dataclasses import replace
from functools import partial

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from annotations.archiving.warc import ExchangeRecorder
from annotations.domain.documents.text import normalise_text
from annotations.domain.fetches.states import FetchKind
from annotations.domain.software import USER_AGENT
from annotations.extraction import Extracted, ExtractionLimits, extract_page
from annotations.extraction.process import WALL_SECONDS
from annotations.fetching import Fetched, FetchFailed, fetch
from annotations.storing import NO_ROOM
from annotations.suggesting.language import detect
from annotations.workflow.captures import compare
from annotations.workflow.captures.fetch_results import KeptPage, Result, UnkeptPage
from annotations.workflow.captures.storage import keep, keep_text, keep_wire
from annotations.workflow.fetches.finish import finish_job
from annotations.workflow.fetches.lease import (
    FetchLease,
    enter_host,
    lease_job,
    lease_next,
    seconds_until_due,
)

# Longer than the polite gap, so that a worker that has just fetched from a host waits for its next page.
PAUSE_SECONDS = 2.0
SHORTEST_LOOK = 0.01
LONGEST_LOOK = 0.25
# What a page may take in all, to fetch and to extract: a page that came slowly has to be extracted quickly.
ATTEMPT_SECONDS = 55.0
LEAST_EXTRACTION_SECONDS = 4.0
# A restart of the database takes seconds. The lease of the job lasts longer than this.
DATABASE_PATIENCE = 20.0

logger = logging.getLogger(__name__)


def run_due(*, worker: str, seconds: float) -> bool:
    """Run what is due, one fetch after another, until nothing is due or the time is up.

    Between two fetches from one host this keeps the pause, and does whatever is due elsewhere meanwhile.
    Never raises for what a site does. Returns True if the time was up first, so that someone should go on.
    """
    end = time.monotonic() + seconds
    has_run = False
    while time.monotonic() < end:
        lease = lease_next(worker=worker)
        if lease is not None:
            run_attempt(lease)
            has_run = True
            continue
        # Only a worker that has fetched something waits. If many were woken for one host, the others stop.
        pause = seconds_until_due(within=PAUSE_SECONDS) if has_run else None
        if pause is None:
            return False
        time.sleep(min(max(pause, SHORTEST_LOOK), LONGEST_LOOK))
    return True


def run_fetch(job_id: int, *, worker: str) -> bool:
    """Run one attempt of this job if it is due and its host is free; else change nothing.

    Never raises for what a site does. Returns whether the attempt was made.
    """
    lease = lease_job(job_id, worker=worker)
    if lease is not None:
        run_attempt(lease)
    return lease is not None


def run_attempt(lease: FetchLease) -> None:
    """Fetch, keep and extract the page of a lease, and write the result."""
    try:
        result: Result = _fetch_and_keep(lease)
    except FetchFailed as failure:
        result = failure
    except OSError as error:
        # The storage failed, or the disk on which a long exchange waits to be kept.
        logger.exception("job %s: the storage failed", lease.job_id)
        result = FetchFailed("storage_full" if error.errno in NO_ROOM else "storage_failed", str(error))
    except Exception as error:
        # A fault of ours must end in the row, where people see it, and not only in the log.
        logger.exception("job %s: attempt %s failed", lease.job_id, lease.attempt)
        result = FetchFailed("internal", f"{type(error).__name__}: {error}")
    _finish(lease, result)


def _finish(lease: FetchLease, result: Result) -> None:
    """Write the result, even if the database restarts at this moment.

    Writing it twice has the effect of writing it once: the second time the attempt is no longer under way.
    If a fault of ours prevents the result from being written, the attempt ends with that fault.
    """
    end = time.monotonic() + DATABASE_PATIENCE
    while True:
        if not connection.in_atomic_block:
            # A minute may have passed, and the database may have closed the connection meanwhile.
            connection.close_if_unusable_or_obsolete()
        try:
            finish_job(lease, result)
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or time.monotonic() > end:
                raise
            logger.warning("job %s: the database is away; its result is kept meanwhile", lease.job_id)
            connection.close()
            time.sleep(LONGEST_LOOK)
        except Exception as error:
            if isinstance(result, FetchFailed):
                raise
            logger.exception("job %s: what was fetched cannot be written", lease.job_id)
            result = FetchFailed("internal", f"{type(error).__name__}: {error}")
        else:
            return


def _fetch_and_keep(lease: FetchLease) -> KeptPage | UnkeptPage:
    watched = lease.kind == FetchKind.WATCH
    with ExchangeRecorder() as recorder:
        fetched = fetch(
            lease.url,
            user_agent=f"{USER_AGENT} (+{settings.FETCH_CONTACT_URL})",
            allowed_networks=settings.FETCH_ALLOWED_NETWORKS,
            denied_hosts=settings.FETCH_DENIED_HOSTS,
            conditional=compare.validators_of(lease.reference_id) if watched else None,
            verify_tls=lease.verify_tls,
            recorder=recorder,
            enter=partial(enter_host, lease),
        )
        # An unchanged page is not stored, so a page that the watch fetched is extracted before it is kept.
        decision = (
            compare.decide_keeping(lease.reference_id, fetched, lambda: _read(fetched)) if watched else None
        )
        if decision is not None and not decision.keep:
            return UnkeptPage(fetched, decision.findings, decision.is_missing)
        # Any other page is kept first: whatever it does to the extraction, the evidence is safe.
        wire = keep_wire(recorder, fetched.hops)
    body = keep(fetched.body)
    read = (decision and decision.extracted) or _read(fetched)
    return KeptPage(fetched, read, body, wire=wire, text=keep_text(read.text) if read.text else None)


def _read(fetched: Fetched) -> Extracted:
    left = ATTEMPT_SECONDS - fetched.elapsed.total_seconds()
    limits = ExtractionLimits(wall_seconds=min(WALL_SECONDS, max(LEAST_EXTRACTION_SECONDS, left)))
    read = extract_page(
        fetched.body, fetched.media_type, fetched.charset_hint, fetched.final_url, limits=limits
    )
    return _with_language(read)


def _with_language(read: Extracted) -> Extracted:
    text = normalise_text(read.text)
    return replace(read, text=text, language=read.language or detect(text, ""))
