"""What a copy says of its health: alive, ready to answer, and how each part is."""

from contextlib import AbstractContextManager
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection
from django.test import Client, override_settings
from kombu.exceptions import OperationalError as BrokerAway

from annotations.models import WorkerHeartbeat
from factcheck import health

PARTS = {"clock": "clock", "worker": "default", "fetcher": "fetch"}


def silent_for(**seconds: int) -> None:
    """Let each of these parts have given its last sign of life that long ago, and no other any."""
    WorkerHeartbeat.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO annotations_workerheartbeat (name, part, beat_at) "
            "VALUES (%s, %s, clock_timestamp() - make_interval(secs => %s))",
            [(name, PARTS[name], ago) for name, ago in seconds.items()],
        )


def test_live_asks_nothing_of_any_other_part(client: Client) -> None:
    answer = client.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@override_settings(SECURE_SSL_REDIRECT=True, ALLOWED_HOSTS=["check.example.org"])
def test_probes_need_neither_https_nor_a_known_host(client: Client) -> None:
    assert client.get("/health/live", HTTP_HOST="10.1.2.3:8000").status_code == 200


@pytest.mark.django_db
def test_a_copy_is_ready_with_a_migrated_database_alone(client: Client) -> None:
    with broker_away():
        answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "ok", "parts": {"database": "ok", "migrations": "ok"}},
    )
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/health/ready", "/health/parts"])
def test_not_ready_before_the_tables_are_migrated(client: Client, address: str) -> None:
    with patch("factcheck.health.MigrationExecutor") as executor:
        executor.return_value.migration_plan.return_value = [object(), object()]
        answer = client.get(address)
    assert answer.status_code == 503
    assert answer.json()["parts"]["migrations"] == "2 not applied"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/health/ready", "/health/parts"])
def test_not_ready_without_the_database_and_the_reason_stays_inside(client: Client, address: str) -> None:
    with patch.object(connection, "cursor", side_effect=OperationalError("at 10.0.0.7")):
        answer = client.get(address)
    assert answer.status_code == 503
    said = answer.json()["parts"]
    assert (said["database"], said["migrations"]) == ("unreachable", "unreachable")
    if "clock" in said:
        assert said["clock"] == said["fetcher"] == "cannot be told while the database is away"
    assert "10.0.0.7" not in answer.content.decode()


@pytest.mark.django_db
def test_every_part_is_named_and_fine(client: Client) -> None:
    silent_for(clock=5, worker=5, fetcher=5)
    answer = client.get("/health/parts")
    names = ["database", "migrations", "broker", "clock", "worker", "fetcher"]
    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "ok", "parts": dict.fromkeys(names, "ok")},
    )
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["clock", "worker", "fetcher"])
def test_a_part_that_never_reported_or_fell_silent_is_named(client: Client, name: str) -> None:
    others = {other: 5 for other in PARTS if other != name}
    silent_for(**others)
    never = client.get("/health/parts")
    silent_for(**others, **{name: health.SILENCE + 60})
    silent = client.get("/health/parts")

    assert (never.status_code, silent.status_code) == (503, 503)
    assert never.json()["parts"][name].startswith("has not reported yet")
    assert silent.json()["parts"][name].startswith("has not reported for 90 seconds")
    assert {said for other, said in silent.json()["parts"].items() if other != name} == {"ok"}


@pytest.mark.django_db
def test_workers_that_nobody_asks_are_not_called_missing(client: Client) -> None:
    silent_for(clock=90, worker=90, fetcher=90)
    without_clock = client.get("/health/parts").json()["parts"]
    silent_for(clock=5, worker=90, fetcher=5)
    with broker_away():
        without_broker = client.get("/health/parts").json()["parts"]

    assert without_clock["worker"] == ("has not reported for 90 seconds; the clock, which asks it, is away")
    assert without_broker["broker"] == "unreachable"
    assert without_broker["worker"].endswith("; the broker, which asks it, is away")
    assert without_broker["fetcher"] == "ok"


def broker_away() -> AbstractContextManager[object]:
    return patch.object(health.app, "connection_for_write", side_effect=BrokerAway("at 10.0.0.7"))


@pytest.mark.django_db
def test_why_the_broker_is_away_stays_inside(client: Client) -> None:
    with broker_away():
        assert "10.0.0.7" not in client.get("/health/parts").content.decode()


def test_every_answer_bears_the_id_of_its_request(client: Client) -> None:
    assert client.get("/health/live", headers={"X-Request-ID": "abc-123"})["X-Request-ID"] == "abc-123"
    made = client.get("/health/live", headers={"X-Request-ID": "two\nlines" * 20})["X-Request-ID"]
    assert len(made) == 32
