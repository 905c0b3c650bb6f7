"""Every way a fetch can end, in one table that serves retries, messages and counts.

The codes are stable: they are stored, shown, counted and documented. A test compares the manual's page about
them with this table.
"""

import enum
import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from annotations.domain.retries import RetryRule

MAX_TRIES = 8
RETRY_AFTER_CAP = timedelta(hours=24)
# Each outcome sets its own base and number of tries.
_RETRIES = RetryRule(
    base=timedelta(seconds=30),
    cap=timedelta(hours=6),
    least=timedelta(seconds=1),
    tries=MAX_TRIES,
    within=timedelta(hours=24),
)


class Counts(enum.Enum):
    """What an outcome says about the page behind the address."""

    FETCHED = "fetched"
    GONE = "gone"
    BLOCKED = "blocked"
    TROUBLE = "trouble"
    REFUSED = "refused"


@dataclass(frozen=True)
class Outcome:
    """One outcome. `tries` is the total number of attempts; 1 means no automatic retry."""

    code: str
    sentence: str
    tries: int
    counts: Counts
    base: timedelta = _RETRIES.base

    @property
    def succeeded(self) -> bool:
        """Return whether the page itself arrived or had not changed."""
        return self.counts is Counts.FETCHED


_HOURS = timedelta(hours=1)
_OFFER_UPLOAD = "Open it yourself and upload what you see."

_ROWS = (
    Outcome("ok", "Fetched.", 1, Counts.FETCHED),
    Outcome("not_modified", "Unchanged since the last fetch.", 1, Counts.FETCHED),
    # The address itself
    Outcome(
        "url_invalid", "This is not a complete web address. Check it and attach it again.", 1, Counts.REFUSED
    ),
    Outcome("url_scheme", "Only addresses with https:// or http:// are fetched.", 1, Counts.REFUSED),
    Outcome(
        "url_userinfo", "The address has a name or password in it. Attach it without.", 1, Counts.REFUSED
    ),
    Outcome("url_host", "The site name in the address cannot exist. Check its spelling.", 1, Counts.REFUSED),
    Outcome("url_port", "Pages are fetched from ports 80, 443, 8080 and 8443 only.", 1, Counts.REFUSED),
    Outcome(
        "policy_private_address",
        "The address leads into a private network, which is never fetched. Upload the page instead.",
        1,
        Counts.REFUSED,
    ),
    Outcome(
        "policy_mixed_answers",
        "The site name points both to public and to private machines, so it is not fetched.",
        1,
        Counts.REFUSED,
    ),
    Outcome(
        "policy_denylist",
        "This site is on the list of those that are never fetched from here. Upload the page instead.",
        1,
        Counts.REFUSED,
    ),
    Outcome(
        "policy_redirect",
        "The service redirects the request to another site. Such a redirect is not followed.",
        1,
        Counts.REFUSED,
    ),
    # Getting there
    Outcome("dns_nxdomain", "There is no site of this name.", 3, Counts.GONE, 4 * _HOURS),
    Outcome("dns_timeout", "The name of the site could not be looked up in time.", MAX_TRIES, Counts.TROUBLE),
    Outcome("dns_failure", "The name of the site could not be looked up.", MAX_TRIES, Counts.TROUBLE),
    Outcome("connect_refused", "The site does not accept connections.", MAX_TRIES, Counts.TROUBLE),
    Outcome("connect_timeout", "The site did not answer in time.", MAX_TRIES, Counts.TROUBLE),
    Outcome("net_unreachable", "The site cannot be reached from here.", MAX_TRIES, Counts.TROUBLE),
    Outcome("net_reset", "The site broke off the connection.", MAX_TRIES, Counts.TROUBLE),
    Outcome("tls_expired", "The certificate of the site has expired.", 2, Counts.TROUBLE, 6 * _HOURS),
    Outcome(
        "tls_name", "The certificate of the site belongs to another site.", 2, Counts.TROUBLE, 6 * _HOURS
    ),
    Outcome(
        "tls_untrusted",
        "Nobody we trust vouches for the certificate of the site.",
        2,
        Counts.TROUBLE,
        6 * _HOURS,
    ),
    Outcome(
        "tls_protocol", "No secure connection with the site could be agreed.", 2, Counts.TROUBLE, 6 * _HOURS
    ),
    # What it answered
    Outcome("http_404", "The site has no such page (404).", 3, Counts.GONE, 4 * _HOURS),
    Outcome("http_410", "The site has removed the page for good (410).", 1, Counts.GONE),
    Outcome("http_451", "The site may not show the page for legal reasons (451).", 1, Counts.GONE),
    Outcome("http_401", f"The page asks for a name and password (401). {_OFFER_UPLOAD}", 1, Counts.BLOCKED),
    Outcome("http_403", f"The site does not let us see the page (403). {_OFFER_UPLOAD}", 1, Counts.BLOCKED),
    Outcome("http_4xx", "The site refuses the request.", 1, Counts.TROUBLE),
    Outcome(
        "http_407",
        f"A proxy in between asks for a name and password (407). {_OFFER_UPLOAD}",
        1,
        Counts.BLOCKED,
    ),
    Outcome("http_408", "The site gave up waiting (408).", MAX_TRIES, Counts.TROUBLE),
    Outcome("http_421", "The site was asked at the wrong machine (421).", 3, Counts.TROUBLE),
    Outcome("http_423", "The page is locked for now (423).", 3, Counts.TROUBLE, _HOURS),
    Outcome("http_425", "The site is not ready for the request yet (425).", MAX_TRIES, Counts.TROUBLE),
    Outcome("http_429", "The site asks us to come back later (429).", MAX_TRIES, Counts.TROUBLE),
    Outcome("http_503", "The site is out of service for now (503).", MAX_TRIES, Counts.TROUBLE),
    Outcome("http_5xx", "The site has a fault of its own.", MAX_TRIES, Counts.TROUBLE),
    Outcome("http_unexpected", "The site answers in a way no browser could show.", 2, Counts.TROUBLE),
    Outcome("login_redirect", f"The page is behind a log-in. {_OFFER_UPLOAD}", 1, Counts.BLOCKED),
    Outcome("login_wall", f"The site sent a log-in form, not the page. {_OFFER_UPLOAD}", 1, Counts.BLOCKED),
    Outcome("paywall_block", f"Only the part before the paywall came. {_OFFER_UPLOAD}", 1, Counts.BLOCKED),
    Outcome(
        "consent_wall", f"The site asked for consent and sent no page. {_OFFER_UPLOAD}", 1, Counts.BLOCKED
    ),
    Outcome("bot_block", f"The site lets no programs in. {_OFFER_UPLOAD}", 2, Counts.BLOCKED, 6 * _HOURS),
    Outcome("redirect_loop", "The page sends visitors round in a circle.", 1, Counts.TROUBLE),
    Outcome("too_many_redirects", "The page sends visitors on more than ten times.", 1, Counts.TROUBLE),
    # How it answered
    Outcome("timeout_total", "The page took too long to arrive.", 3, Counts.TROUBLE),
    Outcome("body_stalled", "The page stopped arriving half-way.", 3, Counts.TROUBLE),
    Outcome("truncated_body", "The page arrived incomplete.", 3, Counts.TROUBLE),
    Outcome("header_too_large", "The site sent far more header lines than a page has.", 1, Counts.TROUBLE),
    Outcome("protocol_error", "The answer of the site is not proper HTTP.", 3, Counts.TROUBLE),
    Outcome("too_large", f"The page is too large to keep. {_OFFER_UPLOAD}", 1, Counts.TROUBLE),
    Outcome(
        "decompression_bomb",
        "The page unpacks to far more than it sent, so it was not read.",
        1,
        Counts.TROUBLE,
    ),
    Outcome("bad_encoding", "The page is packed in a way that cannot be unpacked.", 2, Counts.TROUBLE),
    # Our side
    Outcome(
        "circuit_open",
        "Several fetches from this site failed in a row, so it is left in peace for a while.",
        MAX_TRIES,
        Counts.TROUBLE,
    ),
    Outcome(
        "redirect_busy",
        "The page leads to another site that is being asked for something else just now.",
        MAX_TRIES,
        Counts.TROUBLE,
    ),
    Outcome("worker_lost", "The fetch was interrupted on our side.", MAX_TRIES, Counts.TROUBLE),
    Outcome("storage_failed", "The page could not be stored on our side.", MAX_TRIES, Counts.TROUBLE),
    Outcome(
        "storage_full",
        "There is no room left on our side to keep the page. Nothing that was kept is lost.",
        MAX_TRIES,
        Counts.TROUBLE,
        _HOURS,
    ),
    Outcome("internal", "Something went wrong on our side. The error is logged.", 3, Counts.TROUBLE),
)

OUTCOMES: dict[str, Outcome] = {row.code: row for row in _ROWS}

WARNINGS: dict[str, str] = {
    "downgraded": "A secure address led on to one that is not secure.",
    "meta_refresh": "The page sent visitors on by itself; this is where it led.",
    "tls_unverified": "The certificate of the site was not checked, because someone asked for that.",
    "truncated": "Only a part of the page arrived.",
    "charset_guessed": "The page does not say how its letters are written; this was guessed.",
    "charset_mismatch": "The page is not written in the letters it claims.",
    "undecodable_bytes": "Some letters of the page could not be read and are shown as �.",
    "type_mismatch": "The file is not of the type the site says it is.",
    "text_dropped": "The page is nested so deeply that a part of its text was lost in reading.",
    "text_left_out": "Numbers or paragraphs of the page are missing from this text. Look at the page itself.",
    "text_cut": "Only the beginning of the text was kept.",
    "no_text": "No text could be read from the page.",
    "whole_page": "The article could not be told apart from the rest, so all text of the page is shown.",
    "type_unsupported": "This kind of file is kept, but its text cannot be read.",
    "paywall": "The site says that a part of this page is for subscribers only.",
    "encrypted": "The file is locked with a password, so its text cannot be read.",
    "scanned": "The file holds pictures of pages and no text.",
    "read_timeout": "Reading the text took too long and was stopped.",
    "read_memory": "Reading the text took too much memory and was stopped.",
    "read_failed": "The text could not be read.",
}


def outcome(code: str) -> Outcome:
    """Return the row of `code`. Raises KeyError for a code that is not in the table."""
    return OUTCOMES[code]


def sentence_of(code: str) -> str:
    """Return the sentence for the code of an outcome or a warning, or the code itself if it is unknown."""
    row = OUTCOMES.get(code)
    return row.sentence if row else WARNINGS.get(code, code)


def code_for_status(status: int) -> str:
    """Return the outcome of a complete answer with this HTTP status."""
    if 200 <= status < 300:
        return "ok"
    if status == 304:
        return "not_modified"
    exact = f"http_{status}"
    if exact in OUTCOMES:
        return exact
    if 400 <= status < 500:
        return "http_4xx"
    return "http_5xx" if 500 <= status < 600 else "http_unexpected"


def next_try(
    code: str,
    *,
    tries_made: int,
    first_asked: datetime,
    now: datetime,
    retry_after: timedelta | None = None,
    rng: random.Random | None = None,
) -> datetime | None:
    """Return when to try again after attempt number `tries_made` ended in `code`; None for never.

    The wait has full jitter. It doubles from the outcome's base up to six hours and is at least a second.
    `retry_after` is the wait that the site asked for: it is honoured up to a day and never shortened. No
    attempt is planned later than a day after `first_asked`, except one that the site asked for.
    """
    row = OUTCOMES[code]
    if row.succeeded:
        return None
    asked_for = None if retry_after is None else min(retry_after, RETRY_AFTER_CAP)
    return replace(_RETRIES, base=row.base, tries=min(row.tries, MAX_TRIES)).next_try(
        tries_made=tries_made, first_tried=first_asked, now=now, asked_for=asked_for, rng=rng
    )
