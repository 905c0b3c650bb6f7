import random
from datetime import UTC, datetime, timedelta

import pytest

from annotations.domain.fetches.outcomes import (
    MAX_TRIES,
    OUTCOMES,
    WARNINGS,
    Counts,
    code_for_status,
    next_try,
    sentence_of,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def when(code: str, tries_made: int, **options: object) -> datetime | None:
    settings = {"first_asked": NOW, "now": NOW, "rng": random.Random(1)} | options
    return next_try(code, tries_made=tries_made, **settings)  # type: ignore[arg-type]


def test_every_outcome_has_a_sentence_and_a_number_of_tries() -> None:
    for code, row in OUTCOMES.items():
        assert row.sentence.endswith("."), code
        assert 1 <= row.tries <= MAX_TRIES
        assert sentence_of(code) == row.sentence
    assert not OUTCOMES.keys() & WARNINGS.keys()


def test_refusals_and_pages_that_are_gone_for_good_are_not_tried_again() -> None:
    for code in ("policy_private_address", "url_port", "http_410", "http_451", "redirect_loop", "ok"):
        assert when(code, 1) is None
    assert all(when(code, 1) is None for code, row in OUTCOMES.items() if row.counts is Counts.REFUSED)


def test_a_missing_page_is_tried_three_times_and_trouble_eight_times() -> None:
    assert [when("http_404", tries) is None for tries in (1, 2, 3)] == [False, False, True]
    assert [when("http_5xx", tries) is None for tries in (7, 8)] == [False, True]


def test_waits_double_up_to_six_hours_and_are_never_below_a_second() -> None:
    class Longest(random.Random):
        def random(self) -> float:
            return 1.0

    class Shortest(random.Random):
        def random(self) -> float:
            return 0.0

    waits = [when("http_5xx", tries, rng=Longest()) for tries in (1, 2, 3)]
    assert waits == [NOW + timedelta(seconds=seconds) for seconds in (30, 60, 120)]
    assert when("bot_block", 1, rng=Longest()) == NOW + timedelta(hours=6)
    assert when("http_5xx", 1, rng=Shortest()) == NOW + timedelta(seconds=1)


def test_what_the_site_asks_for_is_honoured_up_to_a_day() -> None:
    assert when("http_429", 1, retry_after=timedelta(hours=2)) == NOW + timedelta(hours=2)
    assert when("http_503", 1, retry_after=timedelta(days=30)) == NOW + timedelta(days=1)


def test_doors_are_not_knocked_at_again_and_again() -> None:
    for code in ("login_wall", "login_redirect", "paywall_block", "consent_wall", "http_401", "http_407"):
        assert OUTCOMES[code].counts is Counts.BLOCKED
        assert when(code, 1) is None
        assert sentence_of(code).endswith("upload what you see.")
    assert [when("bot_block", tries) is None for tries in (1, 2)] == [False, True]


def test_what_fails_on_our_side_is_tried_again() -> None:
    for code in ("storage_full", "storage_failed", "worker_lost", "circuit_open"):
        assert when(code, MAX_TRIES - 1) is not None
    assert when("policy_denylist", 1) is None
    assert when("policy_redirect", 1) is None


def test_a_site_that_is_not_ready_yet_is_asked_again() -> None:
    assert when("http_425", 7) is not None
    assert [when("http_421", tries) is None for tries in (2, 3)] == [False, True]


def test_nothing_is_planned_later_than_a_day_after_it_was_asked_for_unless_the_site_asks() -> None:
    yesterday = NOW - timedelta(hours=24)
    assert when("http_5xx", 1, first_asked=yesterday) is None
    assert when("http_503", 1, first_asked=yesterday, retry_after=timedelta(hours=1)) == NOW + timedelta(
        hours=1
    )


@pytest.mark.parametrize(
    ("status", "code"),
    [(200, "ok"), (206, "ok"), (304, "not_modified"), (404, "http_404"), (418, "http_4xx"), (502, "http_5xx"),
     (503, "http_503"), (302, "http_unexpected"), (601, "http_unexpected"), (407, "http_407"),
     (408, "http_408"), (421, "http_421"), (423, "http_423"), (425, "http_425"), (999, "http_unexpected")],
)  # fmt: skip
def test_a_status_has_one_outcome(status: int, code: str) -> None:
    assert code_for_status(status) == code
