"""When a failed job is tried again, and when it is given up: the arithmetic for every kind of job."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

# Doubling any further goes beyond every cap.
_MOST_DOUBLINGS = 20


@dataclass(frozen=True)
class RetryRule:
    """How long a kind of job waits after a failed try, and how often and for how long it is tried at all.

    The wait starts at `base` and doubles with each try up to `cap`. Chance takes away up to the share
    `jitter` of it, so that jobs that failed together do not come back together; at least `least` remains.
    None in `tries` or `within` means without end.
    """

    base: timedelta
    cap: timedelta
    least: timedelta = timedelta()
    jitter: float = 1.0
    tries: int | None = None
    within: timedelta | None = None

    def wait(self, tries_made: int, *, rng: random.Random | None = None) -> timedelta:
        """How long to wait after try number `tries_made` has failed."""
        ceiling: timedelta = min(self.cap, self.base * (1 << min(max(0, tries_made - 1), _MOST_DOUBLINGS)))
        # Scheduling, not secrecy: a plain generator is enough, and tests pass a seeded one.
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
        """When to try again after try number `tries_made` has failed; None to give up.

        `asked_for` is a wait that the other side asked for: it is never shortened and may go beyond `within`.
        """
        if self.tries is not None and tries_made >= self.tries:
            return None
        wait = self.wait(tries_made, rng=rng)
        if asked_for is not None:
            return now + max(wait, asked_for)
        if self.within is not None and now + wait > first_tried + self.within:
            return None
        return now + wait
