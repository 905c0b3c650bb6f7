"""Captures: the differences between two captures of one page."""
