"""Alerts about sources that changed: opened for a verdict, decided by a person."""
