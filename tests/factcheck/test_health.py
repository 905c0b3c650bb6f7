"""/health/live and /health/ready."""

from unittest.mock import patch

import pytest
from django.db import connection
from django.test import Client, override_settings
from kombu.exceptions import OperationalError

from annotations.models import WorkerHeartbeat
from factcheck import health


def _beat(seconds_ago: int) -> None:
    WorkerHeartbeat.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO annotations_workerheartbeat (name, beat_at) "
            "VALUES ('one', clock_timestamp() - make_interval(secs => %s))",
            [seconds_ago],
        )


def test_live_asks_nothing_of_any_other_part(client: Client) -> None:
    answer = client.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@override_settings(SECURE_SSL_REDIRECT=True, ALLOWED_HOSTS=["check.example.org"])
def test_probes_need_neither_https_nor_a_known_host(client: Client) -> None:
    assert client.get("/health/live", HTTP_HOST="10.1.2.3:8000").status_code == 200


@pytest.mark.django_db
def test_ready_when_database_migrations_broker_and_worker_are(client: Client) -> None:
    _beat(5)
    answer = client.get("/health/ready")
    parts = {"database": "ok", "migrations": "ok", "broker": "ok", "worker": "ok"}
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "parts": parts})
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_not_ready_while_no_worker_has_ever_reported(client: Client) -> None:
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["parts"]["worker"] == "no worker has reported yet"


@pytest.mark.django_db
def test_not_ready_after_a_worker_has_been_silent(client: Client) -> None:
    _beat(health.WORKER_SILENCE + 60)
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["parts"]["worker"] == "no worker has reported for 90 seconds"


@pytest.mark.django_db
def test_not_ready_without_a_broker_and_the_reason_stays_inside(client: Client) -> None:
    _beat(0)
    with patch.object(health.app, "connection_for_write", side_effect=OperationalError("at 10.0.0.7")):
        answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["parts"]["broker"] == "unreachable"
    assert "10.0.0.7" not in answer.content.decode()


@pytest.mark.django_db
def test_not_ready_before_the_tables_are_migrated(client: Client) -> None:
    _beat(0)
    with patch("factcheck.health.MigrationExecutor") as executor:
        executor.return_value.migration_plan.return_value = [object(), object()]
        answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["parts"]["migrations"] == "2 not applied"


def test_every_answer_bears_the_id_of_its_request(client: Client) -> None:
    assert client.get("/health/live", headers={"X-Request-ID": "abc-123"})["X-Request-ID"] == "abc-123"
    made = client.get("/health/live", headers={"X-Request-ID": "two\nlines" * 20})["X-Request-ID"]
    assert len(made) == 32
