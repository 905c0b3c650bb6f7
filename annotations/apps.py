"""The application as Django knows it."""

from django.apps import AppConfig


class AnnotationsConfig(AppConfig):
    """Claims, sources, verdicts, reviews and reports."""

    name = "annotations"
    default_auto_field = "django.db.models.BigAutoField"
