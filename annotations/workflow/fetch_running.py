"""Running the fetches that were asked for: claim a job, fetch, read, keep, and finish, fenced.

The row is the queue. A worker owns a job only while its attempt number is still the row's and its
lease lasts; whatever it writes afterwards finds no row and changes nothing. Network, reading and
storage happen between transactions, never inside one.
"""

import logging
from dataclasses import replace

from django.conf import settings
from django.db import connection

from annotations.domain.text import normalise_text
from annotations.fetching import FetchFailed, fetch
from annotations.reading import Read, read_page
from annotations.suggesting.language import detect
from annotations.workflow.fetch_claiming import FollowUp, Ticket, claim_job, next_on_host
from annotations.workflow.fetch_finishing import finish_job
from annotations.workflow.fetch_results import KeptPage, Result
from annotations.workflow.keeping import keep

USER_AGENT = "FactCheckWorkbench/0.1"

logger = logging.getLogger(__name__)


def run_fetch(job_id: int, *, worker: str) -> FollowUp | None:
    """Run one attempt of a job, if it is due and its host is free; else change nothing.

    Returns the next waiting job for the same host, for this worker to go on with. Never raises for
    what a site does.
    """
    ticket = claim_job(job_id, worker=worker)
    if ticket is None:
        return None
    try:
        result: Result = _fetch_and_keep(ticket)
    except FetchFailed as failure:
        result = failure
    except OSError as error:
        logger.exception("job %s: the storage failed", job_id)
        result = FetchFailed("storage_failed", str(error))
    except Exception as error:
        # A fault of ours must end in the row, where people see it, and not only in the log.
        logger.exception("job %s: attempt %s failed", job_id, ticket.attempt)
        result = FetchFailed("internal", f"{type(error).__name__}: {error}")
    if not connection.in_atomic_block:
        # A minute may have passed: a connection the database closed meanwhile is noticed and opened anew.
        connection.close_if_unusable_or_obsolete()
    finish_job(ticket, result)
    return next_on_host(ticket.host)


def _fetch_and_keep(ticket: Ticket) -> KeptPage:
    fetched = fetch(
        ticket.url,
        user_agent=f"{USER_AGENT} (+{settings.FETCH_CONTACT_URL})",
        allowed_networks=settings.FETCH_ALLOWED_NETWORKS,
        verify_tls=ticket.verify_tls,
    )
    # Kept before it is read: whatever a page does to the reader, the evidence is safe.
    digest, key = keep(fetched.body)
    read = read_page(fetched.body, fetched.media_type, fetched.charset_hint, fetched.final_url)
    return KeptPage(fetched, _with_language(read), (digest, key, len(fetched.body)))


def _with_language(read: Read) -> Read:
    return read if read.language else replace(read, language=detect(normalise_text(read.text), ""))
