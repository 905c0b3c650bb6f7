import random
from datetime import timedelta

import pytest

from annotations.domain.fetches.outcomes import OUTCOMES, Counts
from annotations.domain.fetches.politeness import (
    AGAINST_THE_HOST,
    SAYS_NOTHING,
    closed_for,
    failures_after,
    gap,
    patience,
)

DAY = timedelta(days=1)


def test_every_code_that_judges_a_host_is_in_the_table_of_outcomes() -> None:
    assert set(OUTCOMES) >= AGAINST_THE_HOST | SAYS_NOTHING
    assert not AGAINST_THE_HOST & SAYS_NOTHING
    assert not any(OUTCOMES[code].succeeded for code in AGAINST_THE_HOST)
    refused = {code for code, row in OUTCOMES.items() if row.counts is Counts.REFUSED}
    assert refused - SAYS_NOTHING == {"policy_redirect"}


def test_the_pause_between_two_fetches_is_one_to_one_and_a_half_seconds() -> None:
    pauses = [gap(rng=random.Random(seed)).total_seconds() for seed in range(200)]
    assert min(pauses) >= 1.0
    assert max(pauses) <= 1.5
    assert max(pauses) - min(pauses) > 0.4


@pytest.mark.parametrize(
    ("code", "asked", "expected"),
    [
        ("http_429", timedelta(hours=2), timedelta(hours=2)),
        ("http_503", timedelta(hours=2), timedelta(hours=2)),
        ("http_429", timedelta(days=9), DAY),
        ("http_429", timedelta(seconds=-5), timedelta()),
        ("http_503", None, timedelta()),
        ("http_404", timedelta(hours=2), timedelta()),
        ("ok", timedelta(hours=2), timedelta()),
    ],
)
def test_a_whole_site_is_left_alone_for_as_long_as_it_asks_up_to_a_day(
    code: str, asked: timedelta | None, expected: timedelta
) -> None:
    assert patience(code, asked) == expected


def test_a_site_that_does_not_say_for_how_long_is_left_alone_for_up_to_a_minute() -> None:
    pauses = [patience("http_429", None, rng=random.Random(seed)) for seed in range(50)]
    assert timedelta(seconds=30) <= min(pauses) < max(pauses) <= timedelta(minutes=1)


def test_failures_in_a_row_are_counted_until_the_site_answers() -> None:
    failures = 0
    for code in ("connect_refused", "tls_expired", "http_5xx", "internal", "policy_private_address"):
        failures = failures_after(failures, code)
    assert failures == 3
    assert failures_after(failures, "http_404") == 0
    assert failures_after(failures, "http_403") == 0
    assert failures_after(failures, "ok") == 0


def test_the_circuit_opens_at_the_fifth_failure_for_times_that_double_up_to_an_hour() -> None:
    assert [closed_for(failures) for failures in range(5)] == [None] * 5
    for failures, minutes in ((5, 2), (6, 4), (7, 8), (8, 16), (9, 32), (10, 60), (50, 60)):
        waits = [closed_for(failures, rng=random.Random(seed)) for seed in range(50)]
        assert all(wait is not None for wait in waits)
        seconds = [wait.total_seconds() for wait in waits if wait]
        assert minutes * 30 <= min(seconds) < max(seconds) <= minutes * 60
