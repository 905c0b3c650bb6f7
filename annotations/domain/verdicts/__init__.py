"""Verdicts: the scale they are given on, and the record that a reviewer signs."""
