"""What those who run a deployment can watch."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from annotations.models import FetchJob, Host, KeptFile, WorkerHeartbeat
from tests.factories import Team, make_reference

pytestmark = pytest.mark.django_db
TOKEN = "a-token-of-the-tests"


def read(text: str) -> dict[str, dict[str, float]]:
    """Every sample by its name and the values of its labels, read by the library that tools use."""
    found: dict[str, dict[str, float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[",".join(sample.labels.values())] = sample.value
    return found


@pytest.fixture
def scraped(client: Client, settings: Any) -> Any:
    settings.METRICS_TOKEN = TOKEN

    def scrape() -> dict[str, dict[str, float]]:
        # No name of this copy, no https, no session: as a scraper comes.
        answer = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}", "host": "10.1.2.3:8000"})
        assert answer.status_code == 200
        return read(answer.content.decode())

    return scrape


def test_operators_see_what_waits_what_ended_and_who_works(team: Team, scraped: Any, settings: Any) -> None:
    settings.STORAGE_QUOTA = 5000
    waiting = make_reference(team, "https://slow.example.org/a")
    FetchJob.objects.create(reference=waiting, host="slow.example.org")
    later = Now() + timedelta(hours=1)
    Host.objects.create(name="slow.example.org", failures=5, open_until=later)
    gone = make_reference(team, "https://example.org/gone")
    FetchJob.objects.create(
        reference=gone, host="example.org", state="failed", error_code="http_410", finished_at=Now()
    )
    WorkerHeartbeat.objects.create(name="fetch@one", beat_at=Now())
    KeptFile.objects.create(key="captures/ab/cd", size=1234)

    found = scraped()

    assert found["factcheck_fetches_open"] == {"due": 1, "later": 0, "fetching": 0, "held_up": 1}
    assert found["factcheck_fetches_ended_last_hour"] == {"http_410": 1}
    assert found["factcheck_hosts_resting"] == {"": 1}
    assert found["factcheck_kept_bytes"] == {"": 1234}
    assert found["factcheck_quota_bytes"] == {"": 5000}
    assert 0 <= found["factcheck_worker_silence_seconds"]["fetch@one"] < 60
    assert 0 <= found["factcheck_part_silence_seconds"]["default"] < 60
    assert found["factcheck_fetch_oldest_due_seconds"][""] >= 0


def test_a_scrape_costs_the_same_however_much_there_is(
    team: Team, scraped: Any, django_assert_num_queries: Any
) -> None:
    for number in range(20):
        FetchJob.objects.create(
            reference=make_reference(team, f"https://example.org/{number}"), host="example.org"
        )

    with django_assert_num_queries(5):
        scraped()


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer wrong", TOKEN])
def test_nobody_without_the_token_sees_them(client: Client, settings: Any, header: str) -> None:
    settings.METRICS_TOKEN = TOKEN

    answer = client.get("/metrics", headers={"authorization": header})

    assert answer.status_code == 401
    assert "METRICS_TOKEN" in answer.content.decode()
    assert "factcheck_" not in answer.content.decode()


def test_without_a_token_there_is_no_such_page(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = ""

    assert client.get("/metrics", headers={"authorization": "Bearer "}).status_code == 404
