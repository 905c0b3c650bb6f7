"""Assembles and runs the workbench: settings, addresses, processes, embedded services."""

from factcheck.celery import app as celery_app

__all__ = ["celery_app"]
