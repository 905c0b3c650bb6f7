"""Outgoing HTTP. No other package opens sockets to the web."""

from annotations.fetching.client import EXCHANGE_LIMITS, exchange, fetch
from annotations.fetching.fetched import Conditional, Fetched, FetchFailed, Limits, Recorder

__all__ = [
    "EXCHANGE_LIMITS",
    "Conditional",
    "FetchFailed",
    "Fetched",
    "Limits",
    "Recorder",
    "exchange",
    "fetch",
]
