"""The tabs above a list or a page, each a link with its own address."""

from dataclasses import dataclass

from annotations.queries.paging import CappedCount


@dataclass(frozen=True)
class Tab:
    """One tab; a `count` of None shows no number."""

    label: str
    url: str
    current: bool
    count: CappedCount | int | None = None
