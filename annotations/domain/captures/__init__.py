"""Captures: what differs between two of one page."""
