"""Queries: the only code that reads more than one row. Each screen has one function with a fixed number of
queries."""
