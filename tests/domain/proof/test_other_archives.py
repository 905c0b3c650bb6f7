"""What the answers of other archives mean, and when they are asked again."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from annotations.domain.proof.other_archives import (
    MAX_TRIES,
    OUTCOMES,
    Answer,
    accept_datetime,
    ask_again_at,
    memento_found,
    save_begun,
    save_ended,
)

NOW = datetime(2026, 4, 30, 12, tzinfo=UTC)
BASE = "https://archive.example.org"
PAGE = "https://example.org/a?b=1"


def ended(values: object, status: int = 200) -> Answer:
    return save_ended(status, values, base=BASE, asked_url=PAGE, seen_at=NOW)


def found(status: int, url: str, moment: str) -> Answer:
    return memento_found(status, url, moment, asked_url=PAGE)


@pytest.mark.parametrize(
    ("status", "values", "code"),
    [
        (200, {"url": "https://example.org/", "job_id": "spn2-0a1b"}, "witness_pending"),
        (200, {"job_id": "../../admin"}, "witness_strange"),
        (200, {"job_id": ""}, "witness_strange"),
        (200, {"job_id": 7}, "witness_strange"),
        (200, {"status": "error", "status_ext": "error:too-many-daily-captures"}, "witness_busy"),
        (200, {"status": "error", "status_ext": "error:blocked-url"}, "witness_refused"),
        (200, {"status": "error", "message": "no reason"}, "witness_refused"),
        (401, {"status_ext": "error:unauthorized"}, "witness_unauthorised"),
        (403, None, "witness_unauthorised"),
        (429, None, "witness_busy"),
        (520, "<html>", "witness_busy"),
        (200, ["job"], "witness_strange"),
        (302, {}, "witness_strange"),
        (201, {"job_id": "spn2-0a1b"}, "witness_strange"),
        (429, {"job_id": "spn2-0a1b"}, "witness_busy"),
    ],
)
def test_each_answer_to_the_wish_to_save_has_one_meaning(status: int, values: object, code: str) -> None:
    assert save_begun(status, values).code == code


def test_a_saved_page_is_where_and_when_the_archive_says() -> None:
    values = {"status": "success", "timestamp": "20260430120102", "original_url": "https://example.org/a?b=1"}

    assert ended(values) == Answer(
        "witness_saved",
        found_url=f"{BASE}/web/20260430120102/https://example.org/a?b=1",
        found_at=datetime(2026, 4, 30, 12, 1, 2, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"status": "pending"}, "witness_pending"),
        ({"status": "success", "timestamp": "yesterday", "original_url": "x"}, "witness_strange"),
        ({"status": "success"}, "witness_strange"),
        ({"status": "error", "status_ext": "error:not-found"}, "witness_refused"),
        ({"status": "error", "status_ext": "error:gateway-timeout"}, "witness_busy"),
    ],
)
def test_each_answer_about_the_saving_has_one_meaning(values: object, code: str) -> None:
    assert ended(values).code == code


@pytest.mark.parametrize(
    ("original", "code"),
    [
        ("https://example.org/a?b=1", "witness_saved"),
        ("http://www.example.org/a?b=1", "witness_saved"),
        ("https://example.org/another", "witness_strange"),
        ("https://elsewhere.example/a?b=1", "witness_strange"),
    ],
)
def test_a_copy_of_another_page_is_no_witness(original: str, code: str) -> None:
    values = {"status": "success", "timestamp": "20260430120102", "original_url": original}

    assert ended(values).code == code


def test_a_copy_made_before_ours_was_found_and_not_made() -> None:
    values = {"status": "success", "timestamp": "20260430114000", "original_url": PAGE}

    assert ended(values).code == "witness_found"


def test_a_copy_found_elsewhere_counts_with_its_own_date() -> None:
    answer = found(200, f"{BASE}/web/2026/{PAGE}", "Thu, 30 Apr 2026 09:30:00 GMT")

    assert (answer.code, answer.found_at) == ("witness_found", datetime(2026, 4, 30, 9, 30, tzinfo=UTC))
    assert found(404, BASE, "").code == "witness_none"
    assert found(200, BASE, "").code == "witness_strange"
    assert found(200, BASE, "soon").code == "witness_strange"
    elsewhere = found(200, f"{BASE}/web/2026/https://example.org/b", "Thu, 30 Apr 2026 09:30:00 GMT")
    assert elsewhere.code == "witness_strange"


def test_the_moment_asked_for_is_written_as_the_standard_wants() -> None:
    summer = datetime.fromisoformat("2026-04-30T14:00:00+02:00")

    assert accept_datetime(summer) == "Thu, 30 Apr 2026 12:00:00 GMT"


@pytest.mark.parametrize("code", ["witness_saved", "witness_found", "witness_none", "witness_refused"])
def test_what_is_settled_is_not_asked_again(code: str) -> None:
    assert ask_again_at(Answer(code), tries_made=1, asked_first=NOW, now=NOW) is None


def test_a_saving_under_way_is_polled_for_half_a_day() -> None:
    pending = Answer("witness_pending")

    assert ask_again_at(pending, tries_made=9, asked_first=NOW, now=NOW) == NOW + timedelta(minutes=2)
    late = NOW + timedelta(hours=12)
    assert ask_again_at(pending, tries_made=9, asked_first=NOW, now=late) is None


@pytest.mark.parametrize("tries", range(1, MAX_TRIES))
def test_trouble_is_met_with_growing_patience(tries: int) -> None:
    again = ask_again_at(
        Answer("witness_busy"), tries_made=tries, asked_first=NOW, now=NOW, rng=random.Random(4)
    )

    assert again is not None
    assert (
        timedelta(seconds=30)
        <= again - NOW
        <= min(timedelta(hours=6), timedelta(minutes=5) * 2 ** (tries - 1))
    )


def test_trouble_without_end_is_given_up() -> None:
    busy = Answer("witness_busy")

    assert ask_again_at(busy, tries_made=MAX_TRIES, asked_first=NOW, now=NOW) is None
    assert ask_again_at(busy, tries_made=2, asked_first=NOW, now=NOW + timedelta(days=3)) is None


def test_every_outcome_is_a_sentence() -> None:
    assert all(sentence.endswith(".") for sentence in OUTCOMES.values())
