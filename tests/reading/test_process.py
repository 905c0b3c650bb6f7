import os
import signal
import threading
from collections.abc import Iterator

import pytest

from annotations.reading import Read, ReadLimits, read_page
from annotations.reading.process import _idle
from tests.fakes.site import ARTICLE


@pytest.fixture(autouse=True)
def _alone() -> Iterator[None]:
    """No reading process of another test, and none for the next."""
    _idle.close()
    yield
    _idle.close()


def test_a_reading_process_that_was_killed_is_replaced_unnoticed() -> None:
    read_page(ARTICLE, "text/html")
    [nursery] = _idle._waiting
    nursery._process.kill()
    nursery._process.wait()
    assert "41 million euros" in read_page(ARTICLE, "text/html").text
    assert [waiting is nursery for waiting in _idle._waiting] == [False]


def test_one_file_that_ends_its_reader_does_not_end_the_next() -> None:
    slow = b"<p>" + b"<p>x</p>" * 400_000
    assert read_page(slow, "text/html", limits=ReadLimits(wall_seconds=0.3)).warnings[0] == "read_timeout"
    [nursery] = _idle._waiting
    assert "41 million euros" in read_page(ARTICLE, "text/html").text
    assert _idle._waiting == [nursery]


def test_threads_read_beside_each_other() -> None:
    found: list[Read] = []
    readers = [
        threading.Thread(target=lambda: found.append(read_page(ARTICLE, "text/html"))) for _ in range(3)
    ]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert [read.title for read in found] == ["The bridge opened on Monday"] * 3
    assert 1 <= len(_idle._waiting) <= 2


def test_a_fork_of_this_process_never_talks_to_its_parents_reader() -> None:
    read_page(ARTICLE, "text/html")
    [nursery] = _idle._waiting
    nursery.owner = os.getpid() + 1
    assert _idle.take() is None
    os.kill(nursery._process.pid, signal.SIGTERM)
    nursery.close()
