"""The parts of a copy that work in the background."""

from enum import StrEnum


class BackgroundPart(StrEnum):
    """A part that gives signs of life. The value of a worker's part is the queue that it takes from."""

    CLOCK = "clock"
    WORKER = "default"
    FETCHER = "fetch"
