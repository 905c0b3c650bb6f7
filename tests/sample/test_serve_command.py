"""The command that serves the sample sources starts, waits for a busy port, and stops when told."""

import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.conf import settings

from annotations.sample.site import HOST, SampleSite

COMMAND = [sys.executable, "-u", "manage.py", "serve_sample_site", "--port"]


@pytest.fixture
def busy() -> Iterator[SampleSite]:
    """A site that holds its port without answering."""
    site = SampleSite(0)
    yield site
    site.server_close()


def started(port: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*COMMAND, str(port)], cwd=settings.BASE_DIR, env=os.environ, stdout=subprocess.PIPE, text=True
    )


def ended(process: "subprocess.Popen[str]") -> int:
    process.send_signal(signal.SIGTERM)
    status = process.wait(20)
    assert process.stdout is not None
    process.stdout.close()
    return status


def test_it_serves_until_sigterm_and_ends_without_an_error() -> None:
    process = started(0)
    assert process.stdout is not None
    port = int(process.stdout.readline().rsplit(":", 1)[1].strip().strip("/"))
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    connection.request("GET", "/gazette/appointment")
    assert connection.getresponse().status == 200
    connection.close()
    assert ended(process) == 0


def test_it_waits_for_a_busy_port_and_then_serves(busy: SampleSite) -> None:
    process = started(busy.server_port)
    assert process.stdout is not None
    assert process.stdout.readline().startswith(f"{HOST}:{busy.server_port} is in use; waiting for it.")
    busy.server_close()
    assert process.stdout.readline() == f"Sample sources at http://{HOST}:{busy.server_port}/\n"
    assert ended(process) == 0


def test_it_can_be_stopped_while_it_waits(busy: SampleSite) -> None:
    process = started(busy.server_port)
    assert process.stdout is not None
    assert "waiting for it" in process.stdout.readline()
    assert ended(process) == 0
