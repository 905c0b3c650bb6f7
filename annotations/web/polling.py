"""What a page asks again about while fetches are under way."""

from collections.abc import Mapping
from dataclasses import dataclass

from annotations.domain.background import BackgroundPart
from annotations.queries.fetches.views import FetchView
from annotations.queries.heartbeats import part_alive

SOON, LATER = 2, 15
"""Seconds until a page asks again: while a fetch may end any moment, and while the next try is planned."""


@dataclass(frozen=True)
class Waiting:
    """The fetches under way on a page. `marks` goes back with the question; it changes when they do."""

    marks: str
    seconds: int
    worker_missing: bool


def waiting_for(
    fetches: Mapping[int, FetchView], *, worker_missing: bool | None = None, soon: int = SOON
) -> Waiting | None:
    """Return what a page asks again about, None when every fetch has ended.

    `fetches` are those on the page, by the id of the row that shows each. Asks the database for a worker
    only where something waits and `worker_missing` is not given.
    """
    under_way = {row_id: fetch for row_id, fetch in fetches.items() if fetch.waiting}
    if not under_way:
        return None
    missing = not part_alive(BackgroundPart.FETCHER) if worker_missing is None else worker_missing
    hurry = missing or any(fetch.next_at is None for fetch in under_way.values())
    marks = ",".join([f"w{int(missing)}", *(mark_of(row_id, fetch) for row_id, fetch in under_way.items())])
    return Waiting(marks, soon if hurry else LATER, missing)


def mark_of(row_id: int, fetch: FetchView) -> str:
    """Return what changes whenever the fetch does something that a person can see."""
    at = int(fetch.next_at.timestamp()) if fetch.next_at else 0
    return f"{row_id}.{fetch.state.value}.{at}"
