"""Fetches: one as people see it, and all of them in numbers."""
