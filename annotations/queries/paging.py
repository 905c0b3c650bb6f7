"""Pages by key. A page ends at the key of its last row, so a deep page costs as much as the first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db import models

from annotations.domain.errors import Invalid

Row = TypeVar("Row")
Record = TypeVar("Record", bound=models.Model)

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200
COUNT_CAP = 1000
"""Counts stop here and are shown as “1000+”. People need no more, and counting further is costly."""


class BadCursor(Invalid):
    """The address of the page is damaged."""

    code = "bad_cursor"


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of rows; `after` is the cursor of the next page, empty on the last."""

    rows: Sequence[Row]
    after: str = ""


@dataclass(frozen=True)
class CappedCount:
    """A number of rows that is counted only up to COUNT_CAP."""

    number: int

    @property
    def is_capped(self) -> bool:
        return self.number >= COUNT_CAP

    def __str__(self) -> str:
        return f"{COUNT_CAP}+" if self.is_capped else str(self.number)


def numbers_of(cursor: str, *, length: int) -> tuple[int, ...]:
    """Return the numbers in a cursor such as `3_17`; raises BadCursor unless there are `length`."""
    try:
        numbers = tuple(int(part) for part in cursor.split("_"))
    except ValueError:
        numbers = ()
    if len(numbers) != length:
        raise BadCursor("This link to a later page is damaged. Start from the first page.")
    return numbers


def page_size(wanted: int | None) -> int:
    """Return a page size within bounds."""
    return max(1, min(wanted or PAGE_SIZE, MAX_PAGE_SIZE))


def newest_first(rows: models.QuerySet[Record], *, after: str = "", size: int | None = None) -> Page[Record]:
    """Return one page of rows by descending id. The cursor is the last id. Raises BadCursor."""
    if after:
        rows = rows.filter(pk__lt=numbers_of(after, length=1)[0])
    count = page_size(size)
    found = list(rows.order_by("-pk")[: count + 1])
    return Page(found[:count], str(found[count - 1].pk) if len(found) > count else "")
