"""docker-compose.yml and the Dockerfile against the code: names, commands, ports and queues."""

import importlib.util
import re
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from factcheck.embedded.postgres import APPLICATION, MAJOR

ROOT = Path(settings.BASE_DIR)
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
OURS = {
    name: service
    for name, service in COMPOSE["services"].items()
    if service.get("image") == "factcheck-workbench"
}


def _documented() -> set[str]:
    page = (ROOT / "docs/reference/settings.md").read_text()
    return set(re.findall(r"^\| `([A-Z0-9_]+)` \|", page, flags=re.MULTILINE))


def test_the_parts_of_make_run_are_all_there() -> None:
    assert set(OURS) == {"migrate", "web", "worker", "fetcher", "clock"}
    assert set(COMPOSE["services"]) - set(OURS) == {"postgres", "valkey"}


def test_every_variable_given_to_a_container_is_a_setting() -> None:
    given = {name for service in OURS.values() for name in service["environment"]}
    assert given <= _documented()


def test_every_variable_to_fill_in_stands_in_the_example() -> None:
    asked = set(re.findall(r"\$\{([A-Z0-9_]+):\?", (ROOT / "docker-compose.yml").read_text()))
    example = set(re.findall(r"^([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE))
    assert asked <= example
    assert example <= _documented() | {"POSTGRES_PASSWORD", "APPLICATION_PASSWORD"}


def test_every_command_names_a_program_or_module_that_exists() -> None:
    for service in OURS.values():
        program, *rest = service["command"]
        if program == "python":
            assert (ROOT / rest[0]).is_file()
        else:
            assert importlib.util.find_spec(program) is not None
    assert "python:factcheck.webserver" in OURS["web"]["command"]
    assert importlib.util.find_spec("factcheck.webserver") is not None
    for name in ("worker", "fetcher", "clock"):
        assert OURS[name]["command"][1:3] == ["-A", "factcheck"]


def test_the_workers_take_every_queue_that_tasks_are_sent_to() -> None:
    taken = {
        queue
        for service in OURS.values()
        for part in service["command"]
        if part.startswith("--queues=")
        for queue in part.split("=", 1)[1].split(",")
    }
    sent = {settings.CELERY_TASK_DEFAULT_QUEUE, *(r["queue"] for r in settings.CELERY_TASK_ROUTES.values())}
    assert taken == sent


def test_exactly_one_clock_runs() -> None:
    assert [name for name, service in OURS.items() if "beat" in service["command"]] == ["clock"]


def test_the_web_port_is_the_same_everywhere() -> None:
    bound = OURS["web"]["command"][-1].rsplit(":", 1)[1]
    published = OURS["web"]["ports"][0].rsplit(":", 1)[1]
    probed = re.search(r":(\d+)/health/live", OURS["web"]["healthcheck"]["test"][-1])
    exposed = re.search(r"^EXPOSE (\d+)$", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    assert probed is not None
    assert exposed is not None
    assert {bound, published, probed[1], exposed[1]} == {"8000"}


def test_database_and_broker_are_the_ones_the_settings_name() -> None:
    environment = OURS["web"]["environment"]
    assert "@postgres:5432/factcheck" in environment["DATABASE_URL"]
    assert f"//{APPLICATION}:" in environment["DATABASE_URL"]
    assert environment["CELERY_BROKER_URL"].startswith("redis://valkey:6379/")
    assert COMPOSE["services"]["postgres"]["image"] == f"postgres:{MAJOR}"
    assert COMPOSE["services"]["postgres"]["environment"]["POSTGRES_DB"] == "factcheck"


def test_only_the_migration_knows_the_owner_of_the_tables() -> None:
    knows = [name for name, service in OURS.items() if "OWNER_DATABASE_URL" in service["environment"]]
    assert knows == ["migrate"]
    owner = COMPOSE["services"]["postgres"]["environment"]["POSTGRES_USER"]
    assert f"//{owner}:" in OURS["migrate"]["environment"]["OWNER_DATABASE_URL"]
    assert owner != APPLICATION


def test_nothing_starts_before_its_database_is_migrated() -> None:
    for name in ("web", "worker", "fetcher", "clock"):
        assert OURS[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert OURS["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"


def test_every_volume_is_declared() -> None:
    used = {
        volume.split(":", 1)[0]
        for service in COMPOSE["services"].values()
        for volume in service.get("volumes", [])
    }
    assert used == set(COMPOSE["volumes"])


def test_the_image_gets_every_folder_it_runs_from() -> None:
    copied = set(re.findall(r"^COPY (\w+) \w+$", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE))
    assert copied == {"factcheck", "annotations", "templates"}
    allowed = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), flags=re.MULTILINE))
    assert copied <= allowed
