"""Fetches: one fetch as people see it, and the numbers of all fetches."""
