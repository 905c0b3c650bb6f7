"""Times at which a failed job is tried again or given up: the arithmetic for every kind of job."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

# Any further doubling exceeds every cap.
_MOST_DOUBLINGS = 20


@dataclass(frozen=True)
class RetryRule:
    """How long a kind of job waits after a failed try, and when it is given up.

    The wait starts at `base` and doubles with each try up to `cap`. A random share of it, at most `jitter`,
    is taken off so that jobs that failed together do not come back together. At least `least` remains. None
    in `tries` or `within` means no limit.
    """

    base: timedelta
    cap: timedelta
    least: timedelta = timedelta()
    jitter: float = 1.0
    tries: int | None = None
    within: timedelta | None = None

    def wait(self, tries_made: int, *, rng: random.Random | None = None) -> timedelta:
        """Return how long to wait after try number `tries_made` has failed."""
        ceiling: timedelta = min(self.cap, self.base * (1 << min(max(0, tries_made - 1), _MOST_DOUBLINGS)))
        # This is scheduling, not secrecy: a plain generator is enough, and tests pass a seeded one.
        chance = (rng or random.SystemRandom()).random()
        return max(self.least, ceiling * (1 - self.jitter + self.jitter * chance))

    def next_try(
        self,
        *,
        tries_made: int,
        first_tried: datetime,
        now: datetime,
        asked_for: timedelta | None = None,
        rng: random.Random | None = None,
    ) -> datetime | None:
        """Return when to try again after try number `tries_made` has failed; None to give up.

        `asked_for` is a wait that the other side asked for. It is never shortened and may go beyond `within`.
        """
        if self.tries is not None and tries_made >= self.tries:
            return None
        wait = self.wait(tries_made, rng=rng)
        if asked_for is not None:
            return now + max(wait, asked_for)
        if self.within is not None and now + wait > first_tried + self.within:
            return None
        return now + wait
