"""Fetches: requested, queued, leased, run, finished, swept up, and repeated by the watch."""
