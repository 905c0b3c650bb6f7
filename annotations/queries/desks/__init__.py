"""Desks, their people, and the account page."""
