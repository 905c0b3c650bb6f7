"""Captures: one, two side by side, and everything that came of an address."""
