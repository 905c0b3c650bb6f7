"""Tests with a live server leave nothing behind that could meet the emptying of the tables."""

import threading
from typing import Any

import httpx
import pytest
from django.core.handlers.base import BaseHandler

from tests.conftest import LIVE
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_is_asked_after_a_test_is_refused(live_server: Any) -> None:
    address = f"{live_server.url}/health/live"
    assert httpx.get(address).status_code == 200
    with LIVE.taken():
        pass
    assert httpx.get(address).status_code == 500


def test_what_is_in_hand_when_a_test_ends_is_waited_for(
    live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    order: list[str] = []
    answer = BaseHandler.get_response

    def held(handler: BaseHandler, request: Any) -> Any:
        begun.set()
        go_on.wait(10)
        response = answer(handler, request)
        order.append("answered")
        return response

    monkeypatch.setattr(BaseHandler, "get_response", held)

    def end() -> None:
        with LIVE.taken():
            pass
        order.append("emptied")

    asking = threading.Thread(target=httpx.get, args=(f"{live_server.url}/health/live",))
    ending = threading.Thread(target=end)
    asking.start()
    assert begun.wait(10)
    ending.start()
    until(lambda: not LIVE.are_taken)
    go_on.set()
    for thread in (asking, ending):
        thread.join()
    assert order == ["answered", "emptied"]
