"""No process of a copy starts with settings that would break a promise of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.conftest import database_url_of_the_tests

pytestmark = pytest.mark.django_db

GOOD = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "TzQ0y4Zb1nK8sX2vW7cR5mL9pJ3hG6fD0aS4qE8uI1oY",
    "PUBLIC_URL": "https://check.example.org",
    "FETCH_ALLOWED_NETWORKS": "",
}
BROKEN = {
    "annotations.E001": {"FETCH_ALLOWED_NETWORKS": "10.0.0.0/8"},
    "annotations.E002": {"SECRET_KEY": "short"},
    "annotations.E003": {"PUBLIC_URL": "http://check.example.org"},
}
PROCESSES = {
    "web": ["-m", "gunicorn", "-c", "python:factcheck.webserver", "--bind", "127.0.0.1:0"],
    "worker": ["-m", "celery", "-A", "factcheck", "worker", "--concurrency=1"],
    "clock": ["-m", "celery", "-A", "factcheck", "beat", "--pidfile=", "--schedule={folder}/beat"],
}


def ended(command: list[str], folder: Path, changes: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """Start a process of a production copy and wait for it to refuse."""
    (folder / "static").mkdir()
    kept = {name: value for name, value in os.environ.items() if name not in ("DEBUG", "PORT")}
    return subprocess.run(
        [sys.executable, *(part.format(folder=folder) for part in command)],
        cwd=settings.BASE_DIR,
        env=kept | GOOD | {"DATA_DIR": str(folder), "DATABASE_URL": database_url_of_the_tests()} | changes,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("process", "code"),
    [("web", "annotations.E001"), ("worker", "annotations.E002"), ("clock", "annotations.E003")],
)
def test_a_process_refuses_to_start_with_a_broken_promise(process: str, code: str, tmp_path: Path) -> None:
    refused = ended(PROCESSES[process], tmp_path, BROKEN[code])

    assert refused.returncode != 0
    assert refused.stderr.strip().endswith(f"({code})")
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_refuses_to_start_as_the_owner_of_the_tables(process: str, tmp_path: Path) -> None:
    as_the_owner = {"DATABASE_URL": database_url_of_the_tests(settings.DATABASES["default"]["USER"])}

    refused = ended(PROCESSES[process], tmp_path, as_the_owner)

    assert refused.returncode != 0
    assert refused.stderr.strip().endswith("docs/how-to/run-in-production.md. (factcheck.E001)")
    assert "owns tables" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_command_refuses_to_work_as_the_owner_of_the_tables(tmp_path: Path) -> None:
    as_the_owner = {"DATABASE_URL": database_url_of_the_tests(settings.DATABASES["default"]["USER"])}

    refused = ended(["manage.py", "sign_captures"], tmp_path, as_the_owner)

    assert refused.returncode == 1
    assert refused.stderr.strip().endswith("(factcheck.E001)")
    assert "Traceback" not in refused.stderr


def test_a_command_works_as_the_application(tmp_path: Path) -> None:
    done = ended(["manage.py", "sign_captures"], tmp_path, {})
    assert done.returncode == 0, done.stderr


def test_all_that_is_wrong_is_said_at_once_each_with_its_remedy(tmp_path: Path) -> None:
    everything = {name: value for broken in BROKEN.values() for name, value in broken.items()}

    refused = ended(["-c", "import factcheck.wsgi"], tmp_path, everything)

    assert refused.returncode == 1
    lines = refused.stderr.strip().splitlines()
    assert [line[line.rindex("(") + 1 : -1] for line in lines] == sorted(BROKEN)
    assert all("Set it to" in line or "Remove it" in line or "Make one" in line for line in lines)


def test_good_settings_are_passed_in_silence(tmp_path: Path) -> None:
    passed = ended(["-c", "import factcheck.wsgi"], tmp_path, {})

    assert (passed.returncode, passed.stderr) == (0, "")
