"""The only package with outgoing sockets."""

from annotations.fetching.client import EXCHANGE_LIMITS, exchange, fetch
from annotations.fetching.failures import FetchFailed
from annotations.fetching.fetched import Conditional, Fetched, Limits, Recorder

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
