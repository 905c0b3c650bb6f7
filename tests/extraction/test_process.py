import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from annotations.extraction import Extracted, ExtractionLimits, extract_page
from annotations.extraction import fork_server as nursery_module
from annotations.extraction.process import _idle
from tests.fakes.site import ARTICLE


@pytest.fixture(autouse=True)
def _alone() -> Iterator[None]:
    """No fork server of another test, and none for the next."""
    _idle.close()
    yield
    _idle.close()


def test_a_reading_process_that_was_killed_is_replaced_unnoticed() -> None:
    extract_page(ARTICLE, "text/html")
    [fork_server] = _idle._waiting
    fork_server._process.kill()
    fork_server._process.wait()
    assert "41 million euros" in extract_page(ARTICLE, "text/html").text
    assert [waiting is fork_server for waiting in _idle._waiting] == [False]


def test_one_file_that_ends_its_reader_does_not_end_the_next() -> None:
    slow = b"<p>" + b"<p>x</p>" * 400_000
    assert (
        extract_page(slow, "text/html", limits=ExtractionLimits(wall_seconds=0.3)).warnings[0]
        == "read_timeout"
    )
    [fork_server] = _idle._waiting
    assert "41 million euros" in extract_page(ARTICLE, "text/html").text
    assert _idle._waiting == [fork_server]


def test_a_reader_that_was_killed_leaves_no_process_behind() -> None:
    slow = b"<p>" + b"<p>x</p>" * 400_000
    extract_page(slow, "text/html", limits=ExtractionLimits(wall_seconds=0.3))
    [fork_server] = _idle._waiting
    own = fork_server._process.pid
    assert Path(f"/proc/{own}/task/{own}/children").read_text() == ""


def test_no_reader_takes_more_than_300_megabytes_whatever_the_page() -> None:
    rows = b"<tr><td>41</td><td>x</td></tr>" * 100_000
    code = (
        "import resource, sys\n"
        "from annotations.extraction import fork_server\n"
        "from annotations.extraction.process import MEMORY_BYTES\n"
        "options = {'media_type': 'text/html', 'memory_bytes': MEMORY_BYTES}\n"
        "options |= {'wall_seconds': 20, 'cpu_seconds': 20}\n"
        "answer = fork_server._fork_child(sys.stdin.buffer.read(), options)\n"
        "print(len(answer['read']['text']) > 1000, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    page = b"<html><body><p>Some words of it.</p><table>" + rows + b"</table>"
    done = subprocess.run([sys.executable, "-c", code], input=page, capture_output=True, check=True)
    read, kilobytes = done.stdout.split()
    assert read == b"True"
    assert int(kilobytes) < 300 * 1024


def test_an_answer_that_is_no_reading_is_not_taken_in() -> None:
    here, there = os.pipe()

    def flood() -> None:
        try:
            while True:
                os.write(there, bytes(1024 * 1024))
        except BrokenPipeError:
            os.close(there)

    writer = threading.Thread(target=flood)
    writer.start()
    assert nursery_module._listen(here, time.monotonic() + 60) == b""
    os.close(here)
    writer.join()


def test_threads_read_beside_each_other() -> None:
    found: list[Extracted] = []
    readers = [
        threading.Thread(target=lambda: found.append(extract_page(ARTICLE, "text/html"))) for _ in range(3)
    ]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert [read.title for read in found] == ["The bridge opened on Monday"] * 3
    assert 1 <= len(_idle._waiting) <= 2


def test_a_fork_of_this_process_never_talks_to_its_parents_reader() -> None:
    extract_page(ARTICLE, "text/html")
    [fork_server] = _idle._waiting
    fork_server.owner = os.getpid() + 1
    assert _idle.take() is None
    os.kill(fork_server._process.pid, signal.SIGTERM)
    fork_server.close()
