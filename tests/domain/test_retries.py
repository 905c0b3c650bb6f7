"""Failed jobs wait longer and longer, never all for the same time, and are given up at some point."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from annotations.domain.retries import RetryRule

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
RULE = RetryRule(base=MINUTE, cap=10 * MINUTE, tries=4, within=60 * MINUTE)


class Chance(random.Random):
    """A generator that always gives the same number."""

    def __init__(self, number: float) -> None:
        super().__init__()
        self._number = number

    def random(self) -> float:
        return self._number


@pytest.mark.parametrize(("tries", "minutes"), [(0, 1), (1, 1), (2, 2), (3, 4), (4, 8), (5, 10), (1000, 10)])
def test_the_wait_doubles_with_each_try_up_to_a_cap(tries: int, minutes: int) -> None:
    assert RULE.wait(tries, rng=Chance(1.0)) == minutes * MINUTE


@pytest.mark.parametrize(
    ("jitter", "chance", "share"),
    [(1.0, 0.0, 0.0), (1.0, 0.5, 0.5), (0.5, 0.0, 0.5), (0.5, 0.5, 0.75), (0.0, 0.0, 1.0)],
)
def test_chance_takes_away_no_more_than_its_share_of_the_wait(
    jitter: float, chance: float, share: float
) -> None:
    rule = RetryRule(base=MINUTE, cap=MINUTE, jitter=jitter)
    assert rule.wait(1, rng=Chance(chance)) == share * MINUTE


def test_a_wait_is_never_below_the_least() -> None:
    rule = RetryRule(base=MINUTE, cap=MINUTE, least=timedelta(seconds=20))
    assert rule.wait(1, rng=Chance(0.0)) == timedelta(seconds=20)


def test_jobs_that_failed_together_do_not_come_back_together() -> None:
    assert len({RULE.wait(3) for _ in range(20)}) > 10


def when(tries: int, *, first: datetime = NOW, asked_for: timedelta | None = None) -> datetime | None:
    return RULE.next_try(tries_made=tries, first_tried=first, now=NOW, asked_for=asked_for, rng=Chance(1.0))


def test_a_job_is_given_up_after_so_many_tries_even_if_the_other_side_asks_for_another() -> None:
    assert [when(tries) for tries in (3, 4)] == [NOW + 4 * MINUTE, None]
    assert when(4, asked_for=MINUTE) is None


def test_no_try_is_planned_beyond_the_time_a_job_is_given() -> None:
    assert when(1, first=NOW - 59 * MINUTE) == NOW + MINUTE
    assert when(1, first=NOW - 60 * MINUTE) is None


def test_what_the_other_side_asks_for_is_never_shortened() -> None:
    assert when(3, asked_for=MINUTE) == NOW + 4 * MINUTE
    assert when(3, asked_for=90 * MINUTE) == NOW + 90 * MINUTE
    assert when(1, first=NOW - 60 * MINUTE, asked_for=MINUTE) == NOW + MINUTE


def test_a_job_without_bounds_is_tried_for_ever() -> None:
    endless = RetryRule(base=MINUTE, cap=10 * MINUTE)
    assert endless.next_try(tries_made=10_000, first_tried=NOW - timedelta(days=999), now=NOW) is not None
