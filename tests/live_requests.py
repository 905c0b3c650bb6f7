"""The requests that a live server is handling: accepted while a test runs, refused once it has ended.

A page that is left still releases its claim. Such a late request would meet the emptying of the tables, and
the two could wait for each other.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started

from tests.waiting import PATIENCE


class LiveRequests:
    """The requests of this process's live server. Requests of Django's test client do not count."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._in_hand = 0
        self.are_taken = False
        request_started.connect(self._started)
        request_finished.connect(self._finished)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Accept requests until the block ends, refuse later ones, and wait for those in progress."""
        with self._changed:
            self.are_taken = True
        try:
            yield
        finally:
            with self._changed:
                self.are_taken = False
                ended = self._changed.wait_for(lambda: self._in_hand == 0, PATIENCE)
            assert ended, f"{self._in_hand} requests did not end"

    def _started(self, sender: Any, **kwargs: Any) -> None:
        if not _is_live(sender):
            return
        with self._changed:
            if not self.are_taken:
                raise RuntimeError("The test that asked for this page has ended.")
            self._in_hand += 1

    def _finished(self, sender: Any, **kwargs: Any) -> None:
        if not _is_live(sender):
            return
        with self._changed:
            self._in_hand -= 1
            self._changed.notify_all()


def _is_live(sender: Any) -> bool:
    return isinstance(sender, type) and issubclass(sender, WSGIHandler)
