"""Proof of captures: its kinds and states, and what other archives answer."""
