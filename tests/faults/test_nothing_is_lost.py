"""Real processes, killed for real: what was asked for is done once, whatever dies meanwhile."""

import pytest

from factcheck.bench.stack import Stack, until
from tests.fakes.site import Site
from tests.faults.conftest import attach

pytestmark = pytest.mark.endtoend

# As many addresses as one click may attach.
MOST_AT_ONCE = 50
LAPSE = "UPDATE annotations_fetchjob SET lease_until = now() - interval '1 second' WHERE state = 'fetching'"
LAPSE_HOST = "UPDATE annotations_host SET busy_until = now() - interval '1 second'"
STATES = "SELECT state, attempt FROM annotations_fetchjob ORDER BY id"
CAPTURES = "SELECT job_id, count(*) FROM annotations_capture GROUP BY job_id HAVING count(*) <> 1"


def test_a_worker_killed_in_the_middle_of_a_fetch_loses_nothing(stack: Stack, site: Site) -> None:
    attach(stack, site.url("/gate"))
    doomed = stack.start_worker()
    stack.sweep()
    until(lambda: len(site.requests) == 1, "the page is being fetched")
    stack.kill(doomed)
    assert stack.rows(STATES) == [("fetching", 1)]
    stack.rows(LAPSE)
    stack.rows(LAPSE_HOST)
    site.opened.set()
    stack.start_worker()
    stack.sweep()
    until(lambda: stack.rows(STATES) == [("fetched", 2)], "the page is fetched")
    assert stack.rows(CAPTURES) == []


def test_a_database_restarted_in_the_middle_of_a_fetch_loses_nothing(stack: Stack, site: Site) -> None:
    attach(stack, site.url("/gate"))
    stack.start_worker()
    stack.sweep()
    until(lambda: len(site.requests) == 1, "the page is being fetched")
    stack.restart_database()
    site.opened.set()
    until(lambda: stack.rows(STATES) == [("fetched", 1)], "the page is fetched")
    assert len(site.requests) == 1
    assert stack.rows(CAPTURES) == []


def test_every_message_flushed_away_costs_one_sweep(stack: Stack, site: Site) -> None:
    addresses = [site.url(f"/article?{number}", host=f"127.0.0.{number}") for number in range(1, 9)]
    attach(stack, *addresses)
    stack.forget_messages()
    stack.start_worker()
    assert stack.rows(STATES) == [("queued", 0)] * 8
    stack.sweep()
    until(lambda: stack.rows(STATES) == [("fetched", 1)] * 8, "all pages are fetched")
    assert len(site.requests) == 8
    assert stack.rows(CAPTURES) == []


@pytest.mark.parametrize("road", ["workflow", "page", "api"])
def test_a_frozen_broker_holds_no_page_up_and_what_was_asked_for_is_done_later(
    stack: Stack, site: Site, road: str
) -> None:
    addresses = [site.url("/article", host=f"127.0.0.{number}") for number in range(1, MOST_AT_ONCE + 1)]
    with stack.frozen_broker():
        assert attach(stack, *addresses, road=road) < 2.0
        assert stack.rows(STATES) == [("queued", 0)] * MOST_AT_ONCE
    stack.start_worker()
    stack.sweep()
    until(lambda: stack.rows(STATES) == [("fetched", 1)] * MOST_AT_ONCE, "all pages", seconds=90)


@pytest.mark.parametrize("road", ["workflow", "page", "api"])
def test_a_broker_that_is_gone_holds_no_page_up(stack: Stack, site: Site, road: str) -> None:
    assert stack.services.valkey is not None
    stack.services.valkey.stop()
    assert attach(stack, site.url("/article"), road=road) < 2.0
    assert stack.rows(STATES) == [("queued", 0)]
    stack.services.valkey.start()
    stack.start_worker()
    stack.sweep()
    until(lambda: stack.rows(STATES) == [("fetched", 1)], "the page is fetched")


def test_the_pages_of_one_host_are_fetched_one_after_another(stack: Stack, site: Site) -> None:
    attach(stack, *[site.url(f"/gate?{number}") for number in range(4)])
    stack.start_worker(concurrency=4)
    stack.sweep()
    until(lambda: len(site.requests) == 1, "the first page is being fetched")
    stack.sweep()
    in_flight = "SELECT count(*) FROM annotations_fetchjob WHERE state = 'fetching'"
    assert stack.rows(in_flight) == [(1,)]
    site.opened.set()
    until(lambda: stack.rows(STATES) == [("fetched", 1)] * 4, "all pages are fetched")
