"""Desks and their people, API tokens, saved filters."""
