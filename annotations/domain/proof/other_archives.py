"""What other archives answer, as one table of outcomes, and when to ask them again.

The answers have the form of the Wayback Machine's "Save Page Now 2" and of Memento (RFC 7089). Times are UTC.
"""

import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

from annotations.domain.references.addresses import AddressRefused, canonical, parse_address
from annotations.domain.retries import RetryRule

MAX_TRIES = 8
_RETRIES = RetryRule(
    base=timedelta(minutes=5),
    cap=timedelta(hours=6),
    least=timedelta(seconds=30),
    tries=MAX_TRIES,
    within=timedelta(days=3),
)
# The archive takes about a minute to save a page; asking more often would only burden it.
POLL_EVERY = timedelta(minutes=2)
POLLS_FOR = timedelta(hours=12)
CLOCKS_APART = timedelta(minutes=5)

OUTCOMES: dict[str, str] = {
    "witness_saved": "The archive kept a copy of its own.",
    "witness_found": "The archive had a copy of its own.",
    "witness_none": "The archive has no copy of this page.",
    "witness_pending": "The archive is still saving the page.",
    "witness_busy": "The archive has too much to do and is asked again later.",
    "witness_unreachable": "The archive could not be reached and is asked again later.",
    "witness_strange": "The archive gave an answer that means nothing to us and is asked again later.",
    "witness_lost": "Asking was interrupted on our side and is done again.",
    "witness_refused": "The archive does not keep this page.",
    "witness_unauthorised": "The archive does not accept the keys of this workbench. Tell whoever runs it.",
}
# Asking again would not change these.
_FINAL = frozenset(
    {"witness_saved", "witness_found", "witness_none", "witness_refused", "witness_unauthorised"}
)
# The name becomes part of an address, so it must not contain any character that has a meaning there.
_JOB_NAME = re.compile(r"[A-Za-z0-9_\-]{1,200}")
# Everything before the last scheme in the address of a copy.
_LAST_ADDRESS = re.compile(r"^.*(?=https?://)")
_SCHEME_AND_WWW = re.compile(r"^https?://(?:www\.)?")
_BUSY = (
    "too-many",
    "too-busy",
    "celery",
    "capacity",
    "bandwidth",
    "gateway",
    "timeout",
    "unavailable",
)


@dataclass(frozen=True)
class Answer:
    """One answer: a code of `OUTCOMES` and its details. `found_at` is when the archive saw the page."""

    code: str
    remote_id: str = ""
    found_url: str = ""
    found_at: datetime | None = None
    detail: str = ""

    @property
    def final(self) -> bool:
        """Return whether asking again would bring the same answer."""
        return self.code in _FINAL


def save_begun(status: int, values: object) -> Answer:
    """Read the answer to the request to save a page."""
    reply = values if isinstance(values, dict) else {}
    name = reply.get("job_id")
    if status == 200 and isinstance(name, str) and _JOB_NAME.fullmatch(name):
        return Answer("witness_pending", remote_id=name)
    return _trouble(status, reply)


def save_ended(status: int, values: object, *, base: str, asked_url: str, seen_at: datetime) -> Answer:
    """Read how far the archive has come with saving a page.

    `base` is the address of the archive, without a slash at its end. A copy of an address other than
    `asked_url` does not count. A copy from before `seen_at`, the moment of our own capture, was found
    rather than made.
    """
    reply = values if isinstance(values, dict) else {}
    state = reply.get("status")
    if status == 200 and state == "pending":
        return Answer("witness_pending")
    stamp, original = reply.get("timestamp"), reply.get("original_url")
    if status == 200 and state == "success" and isinstance(stamp, str) and isinstance(original, str):
        try:
            moment = datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            return Answer("witness_strange", detail=f"timestamp {stamp[:40]!r}")
        if not _same_page(original, asked_url):
            return Answer("witness_strange", detail=f"a copy of {original[:200]}")
        code = "witness_found" if moment < seen_at - CLOCKS_APART else "witness_saved"
        return Answer(code, found_url=f"{base}/web/{stamp}/{original}", found_at=moment)
    return _trouble(status, reply)


def memento_found(status: int, final_url: str, memento_datetime: str, *, asked_url: str) -> Answer:
    """Read where a TimeGate led, from the status, address and `Memento-Datetime` of its last answer.

    The address of an archive's copy ends with the address of the page; a copy of another page does not count.
    """
    if status == 404:
        return Answer("witness_none")
    if status == 200 and memento_datetime:
        try:
            moment = parsedate_to_datetime(memento_datetime)
        except ValueError:
            return Answer("witness_strange", detail=f"Memento-Datetime {memento_datetime[:60]!r}")
        if not _same_page(_LAST_ADDRESS.sub("", final_url), asked_url):
            return Answer("witness_strange", detail=f"a copy at {final_url[:200]}")
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return Answer("witness_found", found_url=final_url, found_at=moment)
    return _trouble(status, {})


def _same_page(one: str, other: str) -> bool:
    """Return whether two addresses name the same page; archives change the scheme, `www.` and last slash."""
    return _bare(one) == _bare(other)


def _bare(url: str) -> str:
    try:
        return _SCHEME_AND_WWW.sub("", canonical(parse_address(url))).rstrip("/")
    except AddressRefused:
        return url


def accept_datetime(moment: datetime) -> str:
    """Return the value of `Accept-Datetime` (RFC 7089) that asks for the copy nearest to this moment."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def _trouble(status: int, reply: dict[str, object]) -> Answer:
    extra = reply.get("status_ext")
    error = extra.removeprefix("error:") if isinstance(extra, str) else ""
    detail = " ".join(str(part)[:300] for part in (status, error, reply.get("message", "")) if part)
    if status in (401, 403) or error == "unauthorized":
        return Answer("witness_unauthorised", detail=detail)
    if status in (429, 503) or status >= 500 or any(word in error for word in _BUSY):
        return Answer("witness_busy", detail=detail)
    if error or reply.get("status") == "error":
        return Answer("witness_refused", detail=detail)
    return Answer("witness_strange", detail=detail)


def ask_again_at(
    answer: Answer, *, tries_made: int, asked_first: datetime, now: datetime, rng: random.Random | None = None
) -> datetime | None:
    """Return when to ask again, or None for never.

    An archive that is still saving the page is polled. After trouble the wait grows, with full jitter.
    """
    if answer.final:
        return None
    if answer.code == "witness_pending":
        return now + POLL_EVERY if now < asked_first + POLLS_FOR else None
    return _RETRIES.next_try(tries_made=tries_made, first_tried=asked_first, now=now, rng=rng)
