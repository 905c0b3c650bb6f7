"""The application as Django knows it."""

from django.apps import AppConfig
from django.core.checks import Tags, register

from annotations.checks import (
    PROMISES,
    check_allowed_hosts,
    check_debug,
    check_fetch_networks,
    check_kept_signing_key,
    check_public_url,
    check_secret_key,
    check_signing_key,
)


class AnnotationsConfig(AppConfig):
    """Claims, sources, verdicts, reviews and reports."""

    name = "annotations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks of settings, run at each start and by `manage.py check --deploy`."""
        register(check_fetch_networks, Tags.security, PROMISES)
        register(check_secret_key, Tags.security, PROMISES)
        register(check_public_url, Tags.urls, PROMISES)
        register(check_signing_key, Tags.security, PROMISES)
        register(check_kept_signing_key, Tags.security, PROMISES)
        register(check_debug, Tags.security, PROMISES)
        register(check_allowed_hosts, Tags.security, PROMISES)
