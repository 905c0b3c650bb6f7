"""The watch over sources: when to check a page again, and what several checks say about it.

One check proves little: a site may fail, ask for a log-in or show a bot check on one day and the page on the
next. So only an answer that says the page is gone counts, and the page is gone only after several such
answers over three days.
"""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from annotations.domain.fetches.outcomes import Counts, outcome


class PageStatus(StrEnum):
    """The state of the page behind an address, judged from several checks."""

    LIVE = "live"
    CHANGED = "changed"
    MOVED = "moved"
    SOFT_404 = "soft_404"
    BLOCKED = "blocked"
    DEAD = "dead"

    @property
    def label(self) -> str:
        return PAGE_STATUS_LABELS[self]


PAGE_STATUS_LABELS: dict[PageStatus, str] = {
    PageStatus.LIVE: "Live",
    PageStatus.CHANGED: "Changed",
    PageStatus.MOVED: "Moved",
    PageStatus.SOFT_404: "Page missing behind a friendly answer",
    PageStatus.BLOCKED: "Closed to us",
    PageStatus.DEAD: "Gone",
}


@dataclass(frozen=True)
class Stage:
    """How often a page is checked while its watch is younger than `until`."""

    until: timedelta
    every: timedelta


SCHEDULE: tuple[Stage, ...] = (
    Stage(until=timedelta(days=2), every=timedelta(hours=6)),
    Stage(until=timedelta(days=16), every=timedelta(days=1)),
    Stage(until=timedelta(days=16 + 91), every=timedelta(days=7)),
)
AFTERWARDS = timedelta(days=30)
JITTER = 0.1
DEAD_CONFIRMATIONS = 3
DEAD_AFTER = timedelta(hours=72)
CONFIRM_EVERY = timedelta(hours=24)


def interval(age: timedelta) -> timedelta:
    """Return the time between two checks of a page. `age` is the time since its watch began or restarted."""
    return next((stage.every for stage in SCHEDULE if age < stage.until), AFTERWARDS)


def next_check(
    *, since: datetime, now: datetime, confirming: bool = False, rng: random.Random | None = None
) -> datetime:
    """Return when to check again a page that was checked at `now`.

    The time is spread by a tenth either way, so that pages attached together are not fetched together. While
    the page's absence is being confirmed, the next check is at most a day and a tenth away.
    """
    # This is scheduling, not secrecy: a plain generator is enough, and tests pass a seeded one.
    spread = (rng or random.SystemRandom()).random()
    usual = interval(now - since)
    if confirming and usual >= CONFIRM_EVERY:
        # Never earlier: the first and the last confirmation have to be three days apart.
        return now + CONFIRM_EVERY * (1 + JITTER * spread)
    return now + usual * (1 - JITTER + 2 * JITTER * spread)


@dataclass(frozen=True)
class PageHealth:
    """The state of a page after all checks so far; the fields of a `Watch` row."""

    page_status: PageStatus = PageStatus.LIVE
    moved_to: str = ""
    gone_count: int = 0
    gone_since: datetime | None = None

    @property
    def confirming(self) -> bool:
        """Return whether the page was missing at the last check but is not yet confirmed as gone."""
        return self.gone_count > 0 and self.page_status is not PageStatus.DEAD


@dataclass(frozen=True)
class PageCheck:
    """The result of one check.

    `code` is the outcome of the fetch. The other fields count only if a page arrived. They say whether it
    differs in a way that people need to know about, whether it is a “not found” page that answered with
    success, and the other address to which it has moved permanently, if any.
    """

    code: str
    changed: bool = False
    looks_missing: bool = False
    moved_to: str = ""


def judge(before: PageHealth, check: PageCheck, *, now: datetime) -> PageHealth:
    """Return the state of the page after this check.

    A page is gone after `DEAD_CONFIRMATIONS` checks over at least `DEAD_AFTER` that found no page (404, 410,
    or no such site). A page that arrives resets the count. A bot wall, a log-in or trouble on the way neither
    counts nor resets it. “Changed” stays through checks that find nothing new, until someone has looked at
    the change.
    """
    counts = outcome(check.code).counts
    # A page withheld for legal reasons is not gone: readers elsewhere may still see it.
    if counts is Counts.BLOCKED or check.code == "http_451":
        return replace(before, page_status=PageStatus.BLOCKED)
    if counts is Counts.GONE:
        return _not_there(before, now)
    if counts is not Counts.FETCHED:
        return before
    if check.looks_missing:
        return replace(before, page_status=PageStatus.SOFT_404)
    here = PageHealth(moved_to=check.moved_to)
    if check.changed or before.page_status is PageStatus.CHANGED:
        return replace(here, page_status=PageStatus.CHANGED)
    return replace(here, page_status=PageStatus.MOVED) if check.moved_to else here


def _not_there(before: PageHealth, now: datetime) -> PageHealth:
    since = before.gone_since or now
    count = before.gone_count + 1
    settled = count >= DEAD_CONFIRMATIONS and now - since >= DEAD_AFTER
    page_status = PageStatus.DEAD if settled or before.page_status is PageStatus.DEAD else before.page_status
    return replace(before, page_status=page_status, gone_count=count, gone_since=since)
