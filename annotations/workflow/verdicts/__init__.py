"""Verdicts and the second person's review of them."""
