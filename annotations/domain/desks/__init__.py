"""Desks: their roles."""
