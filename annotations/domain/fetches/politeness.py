"""Politeness towards a site from which many pages are fetched.

Pages are fetched one at a time with pauses, and not at all while the site does not answer. This is pure
arithmetic; the rows of the hosts decide who fetches when.
"""

import random
from datetime import timedelta

from annotations.domain.fetches.outcomes import RETRY_AFTER_CAP
from annotations.domain.retries import RetryRule

GAP = timedelta(seconds=1)
GAP_JITTER = timedelta(seconds=0.5)
OPENS_AFTER = 5
_REST = RetryRule(base=timedelta(minutes=2), cap=timedelta(hours=1), jitter=0.5)
# For a site that says "too many requests" without saying until when.
DEFAULT_PATIENCE = timedelta(minutes=1)

# Failures that concern the site as a whole, not only the page that was asked for.
AGAINST_THE_HOST = frozenset(
    {
        "dns_nxdomain",
        "dns_timeout",
        "dns_failure",
        "connect_refused",
        "connect_timeout",
        "net_unreachable",
        "net_reset",
        "tls_expired",
        "tls_name",
        "tls_untrusted",
        "tls_protocol",
        "http_408",
        "http_503",
        "http_5xx",
        "timeout_total",
        "body_stalled",
        "protocol_error",
    }
)
# Trouble on our side, or an address that was never asked. It says nothing about the site.
SAYS_NOTHING = frozenset(
    {"worker_lost", "storage_failed", "storage_full", "internal", "circuit_open", "redirect_busy"}
    | {"url_invalid", "url_scheme", "url_userinfo", "url_host", "url_port", "policy_private_address"}
    | {"policy_mixed_answers", "policy_denylist"}
)


def gap(*, rng: random.Random | None = None) -> timedelta:
    """Return the pause between two fetches from one site: a second, plus up to half a second by chance."""
    return GAP + GAP_JITTER * _spread(rng)


def patience(code: str, retry_after: timedelta | None, *, rng: random.Random | None = None) -> timedelta:
    """Return how long to leave a whole site alone because it asked for that; zero if it did not.

    A wait that the site asked for is honoured up to a day.
    """
    if code not in ("http_429", "http_503"):
        return timedelta()
    if retry_after is not None:
        return max(timedelta(), min(retry_after, RETRY_AFTER_CAP))
    return DEFAULT_PATIENCE * (0.5 + _spread(rng) / 2) if code == "http_429" else timedelta()


def failures_after(failures: int, code: str) -> int:
    """Return how many fetches from a site have failed in a row after one more has ended in `code`."""
    if code in SAYS_NOTHING:
        return failures
    return failures + 1 if code in AGAINST_THE_HOST else 0


def closed_for(failures: int, *, rng: random.Random | None = None) -> timedelta | None:
    """Return how long to stop fetching from a site after so many failures in a row; None to go on.

    The pause is two minutes after the fifth failure and doubles with each further one, up to an hour. A
    random part, at most half, is taken off so that sites that failed together are not asked together.
    """
    if failures < OPENS_AFTER:
        return None
    return _REST.wait(failures - OPENS_AFTER + 1, rng=rng)


def _spread(rng: random.Random | None) -> float:
    # This is scheduling, not secrecy; tests pass a seeded generator.
    return (rng or random.SystemRandom()).random()
