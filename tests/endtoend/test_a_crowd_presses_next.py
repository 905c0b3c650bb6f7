"""Two hundred people press Next in the same moment, over HTTP, on the web server as it is deployed."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest
from django.conf import settings

from annotations.domain.desks.roles import Role
from annotations.models import Claim, Membership, Origin
from annotations.workflow.desks.api_tokens import create_token
from tests.conftest import database_url_of_the_tests
from tests.factories import Team, make_document, make_team, make_user
from tests.waiting import until_up

pytestmark = [pytest.mark.endtoend, pytest.mark.django_db(transaction=True)]

PEOPLE = 200
# Sixty requests are in the database at a time, more than a newsroom's machine runs; the rest stand in line.
WORKERS, THREADS = 3, 20
SECONDS = 60


@pytest.fixture
def keys(transactional_db: None) -> list[str]:
    """The keys of two hundred editors of one desk, on which as many claims wait and ten more."""
    team: Team = make_team()
    document = make_document(team)
    Claim.objects.bulk_create(
        Claim(
            desk=team.desk,
            document=document,
            state="open",
            origin=Origin.PROPOSED,
            statement=f"Claim {number}",
        )
        for number in range(PEOPLE + 10)
    )
    editors = [make_user("crowd") for _ in range(PEOPLE)]
    Membership.objects.bulk_create(
        Membership(desk=team.desk, user=editor, role=Role.EDITOR) for editor in editors
    )
    return [create_token(user=editor, name="crowd").key for editor in editors]


@pytest.fixture
def port(transactional_db: None, tmp_path: Path) -> Iterator[int]:
    """The port of a web server on the test database."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "gunicorn", "-c", "python:factcheck.webserver"]
    log = tmp_path / "web.log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [*command, f"--workers={WORKERS}", f"--threads={THREADS}"],
            env=os.environ | {"DATABASE_URL": database_url_of_the_tests(), "PORT": str(port)},
            cwd=settings.BASE_DIR,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    until_up(server, log, lambda: _answers(port))
    yield port
    os.killpg(server.pid, signal.SIGTERM)
    server.wait(15)


def _answers(port: int) -> bool:
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as asked:
            asked.request("GET", "/health/live")
            return asked.getresponse().status == 200
    except OSError:
        return False


@pytest.mark.timeout(120)
def test_two_hundred_people_pressing_next_in_one_moment_get_two_hundred_claims(
    port: int, keys: list[str]
) -> None:
    start = Barrier(PEOPLE)

    def press(key: str) -> tuple[int, int | None]:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)) as asking:
            asking.connect()
            start.wait(SECONDS)
            asking.request(
                "POST",
                "/api/v1/queue/next/",
                json.dumps({"work": "check"}),
                {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
            )
            answer = asking.getresponse()
            handed = json.loads(answer.read()).get("next")
            return answer.status, handed and handed["claim"]

    with ThreadPoolExecutor(PEOPLE) as pool:
        answers = list(pool.map(press, keys))

    assert Counter(status for status, _ in answers) == {200: PEOPLE}
    given = Counter(claim for _, claim in answers)
    assert None not in given
    assert max(given.values()) == 1
    held = Claim.objects.filter(lease_holder__isnull=False)
    assert set(held.values_list("pk", flat=True)) == set(given)
    assert len(set(held.values_list("lease_holder", flat=True))) == PEOPLE
