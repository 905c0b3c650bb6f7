"""How many requests a person may send: a brake for runaway programs.

All web processes of a copy count together, in the broker, so the limit is the same however many there are.
Each answer says what is left. While the broker is away nothing is counted and nobody is refused.
"""

import time
from dataclasses import dataclass
from typing import Any

import structlog
from django.core.cache import caches
from redis.exceptions import RedisError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle, SimpleRateThrottle, UserRateThrottle

log = structlog.get_logger(__name__)
# Seconds.
_LEFT_IN_PEACE = 5.0
_KEPT_AS = "_allowances"


@dataclass(frozen=True)
class Allowance:
    """How many requests a window of time allows, how many are left, and the seconds until the next."""

    limit: int
    left: int
    reset: int


class _Away:
    """Until when a broker that did not answer is not asked again, by the process's own clock."""

    until = 0.0


class _Counted(SimpleRateThrottle):
    """Counts in windows that begin with each minute of the clock; one counter for each window."""

    num_requests: int | None
    duration: int | None
    _reset = 1

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count this request and return whether it is still within the limit."""
        key = self.get_cache_key(request, view) if self.rate else None
        if key is None or self.num_requests is None or self.duration is None:
            return True
        now = time.time()
        self._reset = max(1, int(self.duration - now % self.duration + 0.999))
        if time.monotonic() < _Away.until:
            return True
        try:
            count = _counted(f"{key}:{int(now // self.duration)}", seconds=self.duration * 2)
        except (RedisError, OSError) as away:
            _Away.until = time.monotonic() + _LEFT_IN_PEACE
            log.warning("requests are not counted", reason=str(away))
            return True
        left = max(0, self.num_requests - count)
        request.__dict__.setdefault(_KEPT_AS, []).append(Allowance(self.num_requests, left, self._reset))
        return count <= self.num_requests

    def wait(self) -> float:
        """Return the seconds until the next window."""
        return self._reset


class PerPerson(_Counted, UserRateThrottle):
    """Every request of one person, or of one address without sign-in."""

    scope = "person"


class PerHeavyWrite(ScopedRateThrottle, _Counted):
    """Loading and uploading, which read whole files."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count writes only; reading the same address costs little."""
        return request.method in SAFE_METHODS or super().allow_request(request, view)


def say_what_is_left(request: Request, response: Response) -> None:
    """Put the tightest limit that counted this request into the headers of its answer."""
    allowances: list[Allowance] = request.__dict__.get(_KEPT_AS, [])
    if allowances:
        tightest = min(allowances, key=lambda allowance: allowance.left)
        response["RateLimit-Limit"] = str(tightest.limit)
        response["RateLimit-Remaining"] = str(tightest.left)
        response["RateLimit-Reset"] = str(tightest.reset)


def _counted(name: str, *, seconds: int) -> int:
    counters = caches["limits"]
    counters.add(name, 0, timeout=seconds)
    return counters.incr(name)
