"""Proof of a fetched page: the recorded exchange, the signed statement about it, and the checks of both."""
