"""The only package with outgoing sockets."""

from annotations.fetching.client import fetch
from annotations.fetching.failures import FetchFailed
from annotations.fetching.fetched import Conditional, Fetched, Hop, Limits, Recorder

__all__ = ["Conditional", "FetchFailed", "Fetched", "Hop", "Limits", "Recorder", "fetch"]
