"""Fetches: their outcomes, politeness towards sites, and the watch over pages."""
