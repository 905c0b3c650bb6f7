"""Whoever acts on what somebody else has in hand waits before reading it, on two real connections.

An act that reads first and waits only when it writes would rest on what it read: of two people, one undoes
what the other has just done. So each act is shown to stop at the statement that locks, and none further on.
"""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from types import ModuleType
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from annotations.models import (
    Reference,
)
from tests.factories import (
    Team,
)
from tests.workflow.meetings import background, claims, fetching, people, proof
from tests.workflow.meetings.meeting import Meeting

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("open_loopback")]


def _meetings(*modules: ModuleType) -> list[Callable[[Team], Meeting]]:
    return [
        found
        for module in modules
        for name, found in vars(module).items()
        if getattr(found, "__annotations__", {}).get("return") is Meeting and not name.startswith("_")
    ]


@contextmanager
def in_anothers_hand(rows: QuerySet[Any]) -> Iterator[None]:
    held, over = Event(), Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                assert list(rows.select_for_update(of=("self",)))
                held.set()
                over.wait(30)
        finally:
            held.set()
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        assert held.wait(30)
        try:
            yield
        finally:
            over.set()
            holding.result(30)


def stops_at(act: Callable[[], object]) -> str:
    """Return the statement at which an act waits longer than a moment."""
    said: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *given: Any) -> Any:
        said.append(" ".join(str(sql).split()))
        return execute(sql, *given)

    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '300ms'")
    try:
        with connection.execute_wrapper(note), pytest.raises(OperationalError, match="lock timeout"):
            act()
    finally:
        connection.close()
    return said[-1]


@pytest.mark.parametrize("meet", _meetings(claims, people, fetching, proof), ids=lambda meet: meet.__name__)
def test_an_act_waits_before_it_reads_what_somebody_else_has_in_hand(
    team: Team, meet: Callable[[Team], Meeting], settings: Any
) -> None:
    settings.EMAIL_HOST = "mail.example.org"
    meeting = meet(team)

    with in_anothers_hand(meeting.in_hand):
        statement = stops_at(meeting.act)

    assert re.search(r"SELECT .* FOR (NO KEY )?UPDATE", statement), statement
    assert f'"{meeting.in_hand.model._meta.db_table}"' in statement
    # Nobody has it in hand any more: now it is done.
    meeting.act()


@pytest.mark.parametrize("meet", _meetings(background), ids=lambda meet: meet.__name__)
def test_what_is_done_in_the_background_passes_by_what_somebody_has_in_hand(
    team: Team, meet: Callable[[Team], Meeting]
) -> None:
    meeting = meet(team)
    before = list(meeting.in_hand.values())

    with in_anothers_hand(meeting.in_hand):
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '300ms'")
        meeting.act()
        assert list(meeting.in_hand.values()) == before
        connection.close()

    meeting.act()
    assert list(meeting.in_hand.values()) != before or meeting.in_hand.model is Reference
