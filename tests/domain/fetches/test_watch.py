"""When pages are looked at again, and what several looks make of a page: every outcome, over time."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.alerts import AlertLevel, AlertState, more_serious
from annotations.domain.evidence.passages import PassageState
from annotations.domain.fetches.outcomes import OUTCOMES, Counts
from annotations.domain.fetches.watch import PageCheck, PageHealth, PageStatus, interval, judge, next_check

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOT_THERE = {"http_404", "http_410", "dns_nxdomain"}
IN_THE_WAY = {code for code, row in OUTCOMES.items() if row.counts is Counts.BLOCKED} | {"http_451"}
CAME = {code for code, row in OUTCOMES.items() if row.counts is Counts.FETCHED}
TROUBLE = set(OUTCOMES) - NOT_THERE - IN_THE_WAY - CAME


def after(looks: list[tuple[timedelta, str]], *, begun: PageHealth | None = None) -> PageHealth:
    health = begun or PageHealth()
    for moment, code in looks:
        health = judge(health, PageCheck(code), now=START + moment)
    return health


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(0), 6 * HOUR),
        (2 * DAY - HOUR, 6 * HOUR),
        (2 * DAY, DAY),
        (16 * DAY - HOUR, DAY),
        (16 * DAY, 7 * DAY),
        (107 * DAY - HOUR, 7 * DAY),
        (107 * DAY, 30 * DAY),
        (3000 * DAY, 30 * DAY),
    ],
)
def test_the_older_a_watch_the_rarer_its_looks(age: timedelta, expected: timedelta) -> None:
    assert interval(age) == expected


@given(st.integers(min_value=0, max_value=400 * 24), st.randoms(use_true_random=False))
def test_looks_are_spread_by_a_tenth_at_most(hours: int, rng: random.Random) -> None:
    now = START + hours * HOUR
    wait = next_check(since=START, now=now, rng=rng) - now
    assert 0.9 * interval(hours * HOUR) <= wait <= 1.1 * interval(hours * HOUR)


def test_the_looks_of_a_year_follow_the_schedule() -> None:
    now, looks = START, 0
    while now < START + 365 * DAY:
        now = next_check(since=START, now=now, rng=random.Random(looks))
        looks += 1
    # 8 in two days, 14 in two weeks, 13 in three months, 8 or 9 months left.
    assert 41 <= looks <= 48


@given(st.integers(min_value=0, max_value=400), st.randoms(use_true_random=False))
def test_an_absence_is_confirmed_within_a_day_and_a_tenth(days: int, rng: random.Random) -> None:
    now = START + days * DAY
    wait = next_check(since=START, now=now, confirming=True, rng=rng) - now
    assert wait <= 1.1 * DAY
    if days >= 2:
        assert wait >= DAY


@pytest.mark.parametrize("code", sorted(CAME))
def test_a_page_that_comes_is_live(code: str) -> None:
    assert after([(HOUR, code)]) == PageHealth()


@pytest.mark.parametrize("code", sorted(CAME))
def test_a_page_that_comes_back_is_live_whatever_it_was(code: str) -> None:
    gone = PageHealth(PageStatus.DEAD, gone_count=5, gone_since=START)
    blocked = PageHealth(PageStatus.BLOCKED, gone_count=2, gone_since=START)
    assert after([(HOUR, code)], begun=gone) == PageHealth()
    assert after([(HOUR, code)], begun=blocked) == PageHealth()


@pytest.mark.parametrize("code", sorted(IN_THE_WAY))
def test_what_is_closed_to_us_is_blocked_and_never_dead(code: str) -> None:
    health = after([(n * DAY, code) for n in range(30)])
    assert health == PageHealth(PageStatus.BLOCKED)


@pytest.mark.parametrize("code", sorted(IN_THE_WAY))
def test_a_wall_neither_counts_nor_ends_the_count(code: str) -> None:
    looks = [(0 * DAY, "http_404"), (1 * DAY, code), (2 * DAY, "http_404"), (3 * DAY, code)]
    health = after(looks)
    assert (health.page_status, health.gone_count) == (PageStatus.BLOCKED, 2)
    assert after([*looks, (4 * DAY, "http_404")]).page_status is PageStatus.DEAD


@pytest.mark.parametrize("code", sorted(TROUBLE))
def test_trouble_on_the_way_says_nothing_about_the_page(code: str) -> None:
    for page_status in PageStatus:
        begun = PageHealth(page_status, moved_to="x", gone_count=1, gone_since=START)
        assert after([(n * DAY, code) for n in range(10)], begun=begun) == begun


@pytest.mark.parametrize("code", sorted(NOT_THERE))
@pytest.mark.parametrize(
    ("moments", "page_status"),
    [
        ([0], PageStatus.LIVE),
        ([0, 24], PageStatus.LIVE),
        ([0, 24, 48], PageStatus.LIVE),
        ([0, 72], PageStatus.LIVE),
        ([0, 6, 12, 18, 24, 30], PageStatus.LIVE),
        ([0, 6, 71], PageStatus.LIVE),
        ([0, 6, 72], PageStatus.DEAD),
        ([0, 24, 48, 72], PageStatus.DEAD),
        ([0, 24, 48, 72, 400], PageStatus.DEAD),
    ],
)
def test_gone_takes_three_looks_over_three_days(
    code: str, moments: list[int], page_status: PageStatus
) -> None:
    health = after([(n * HOUR, code) for n in moments])
    assert (health.page_status, health.gone_count) == (page_status, len(moments))
    assert health.gone_since == START
    assert health.confirming is (page_status is not PageStatus.DEAD)


def test_a_page_seen_in_between_begins_the_count_anew() -> None:
    looks = [(0 * DAY, "http_404"), (1 * DAY, "http_404"), (2 * DAY, "ok"), (3 * DAY, "http_404")]
    health = after(looks)
    assert (health.page_status, health.gone_count, health.gone_since) == (
        PageStatus.LIVE,
        1,
        START + 3 * DAY,
    )


def test_the_days_of_confirming_settle_it_by_the_fourth_look() -> None:
    for seed in range(50):
        rng, now, health = random.Random(seed), START + 20 * DAY, PageHealth()
        for _ in range(4):
            health = judge(health, PageCheck("http_404"), now=now)
            now = next_check(since=START, now=now, confirming=health.confirming, rng=rng)
        assert health.page_status is PageStatus.DEAD


def test_a_friendly_not_found_is_a_status_of_its_own_and_freezes_the_count() -> None:
    begun = PageHealth(gone_count=2, gone_since=START)
    health = judge(begun, PageCheck("ok", looks_missing=True), now=START + DAY)
    assert (health.page_status, health.gone_count) == (PageStatus.SOFT_404, 2)


def test_changed_stays_through_quiet_looks_until_someone_has_looked() -> None:
    changed = judge(PageHealth(), PageCheck("ok", changed=True), now=START)
    assert changed.page_status is PageStatus.CHANGED
    assert after([(DAY, "not_modified"), (2 * DAY, "ok")], begun=changed).page_status is PageStatus.CHANGED


def test_moved_for_good_says_where_to_and_a_change_outranks_it() -> None:
    there = "https://example.org/new"
    moved = judge(PageHealth(), PageCheck("ok", moved_to=there), now=START)
    assert (moved.page_status, moved.moved_to) == (PageStatus.MOVED, there)
    both = judge(PageHealth(), PageCheck("ok", changed=True, moved_to=there), now=START)
    assert (both.page_status, both.moved_to) == (PageStatus.CHANGED, there)


def test_a_page_back_at_its_old_address_is_live() -> None:
    assert after([(DAY, "ok")], begun=PageHealth(PageStatus.MOVED, moved_to="x")) == PageHealth()


def test_levels_are_in_the_order_in_which_they_matter() -> None:
    assert list(AlertLevel) == ["passage", "page", "details", "text"]
    assert more_serious(AlertLevel.TEXT, AlertLevel.PASSAGE) is AlertLevel.PASSAGE
    assert more_serious(AlertLevel.PAGE, AlertLevel.DETAILS) is AlertLevel.PAGE


@pytest.mark.parametrize("kind", [PageStatus, PassageState, AlertLevel, AlertState])
def test_everything_has_words_for_people(kind: type) -> None:
    assert all(each.label for each in kind)  # type: ignore[attr-defined]
