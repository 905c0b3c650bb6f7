"""Captures: one capture, two side by side, and the time line of an address."""
