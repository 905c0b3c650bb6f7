"""System checks: settings that would break a promise are refused at start and in deployment."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error

from annotations.archiving.signing import KEY_FILE, KEY_FOLDER, SigningKey
from annotations.storing.owner import as_owner_of

PROMISES = "promises"
"""The tag of these checks; web server, workers and clock do not start while one of them fails."""

# Django warns of a weak key in its deployment check only; the workbench does not start with one.
SHORTEST_SECRET = 40


def check_fetch_networks(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Return annotations.E001 where private networks may be fetched outside development."""
    if settings.ENVIRONMENT == "development" or not settings.FETCH_ALLOWED_NETWORKS:
        return []
    return [
        Error(
            "FETCH_ALLOWED_NETWORKS opens private networks to whoever may attach a source.",
            hint="Remove it; it is for the sample and the tests, with ENVIRONMENT=development.",
            id="annotations.E001",
        )
    ]


def check_secret_key(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Return annotations.E002 for a short or well-known secret key."""
    key = settings.SECRET_KEY
    if len(key) >= SHORTEST_SECRET and len(set(key)) > 10 and not key.startswith("change-me"):
        return []
    return [
        Error(
            f"SECRET_KEY has to be at least {SHORTEST_SECRET} random characters.",
            hint='Make one: python -c "import secrets; print(secrets.token_urlsafe(50))"',
            id="annotations.E002",
        )
    ]


def check_public_url(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Return annotations.E003 where PUBLIC_URL, which reports link to for years, is not https."""
    parts = urlsplit(settings.PUBLIC_URL)
    fitting = ("http", "https") if settings.ENVIRONMENT == "development" else ("https",)
    if parts.scheme in fitting and not parts.query and not parts.fragment:
        return []
    return [
        Error(
            f"PUBLIC_URL is {settings.PUBLIC_URL!r}; readers need an https address.",
            hint="Set it to the address this copy is reached by, such as https://check.example.org",
            id="annotations.E003",
        )
    ]


def check_signing_key(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Return annotations.E004 where machines share a bucket but are given no common signing key."""
    if settings.ENVIRONMENT == "development" or settings.SIGNING_KEY:
        return []
    if settings.STORAGES["default"]["BACKEND"].endswith(".KeptFolder"):
        return []
    return [
        Error(
            "Kept files lie in a bucket, but no SIGNING_KEY is given: each machine would make its own.",
            hint='Make one: python -c "import base64, os; print(base64.b64encode(os.urandom(32)).decode())"',
            id="annotations.E004",
        )
    ]


def check_debug(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Return annotations.E005 for DEBUG outside development: its error pages show settings and data."""
    if settings.ENVIRONMENT == "development" or not settings.DEBUG:
        return []
    return [
        Error(
            "DEBUG shows settings and data on each error page.",
            hint="Remove DEBUG; it goes with ENVIRONMENT=development.",
            id="annotations.E005",
        )
    ]


def check_allowed_hosts(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Return annotations.E006 where any name a visitor sends is believed outside development."""
    if settings.ENVIRONMENT == "development" or not {"*", "."} & set(settings.ALLOWED_HOSTS):
        return []
    return [
        Error(
            "ALLOWED_HOSTS believes any name that a visitor sends, and links are made of it.",
            hint="Name the hosts this copy is reached by, or leave it out: the host of PUBLIC_URL is enough.",
            id="annotations.E006",
        )
    ]


def check_kept_signing_key(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Return annotations.E007 where the signing key kept in DATA_DIR is no key; without one, one is made."""
    path = Path(settings.DATA_DIR) / KEY_FOLDER / KEY_FILE
    if settings.SIGNING_KEY:
        return []
    try:
        with as_owner_of(Path(settings.DATA_DIR)):
            SigningKey(path.read_text())
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as problem:
        return [
            Error(
                f"The signing key in {path} cannot be used: {problem}.",
                hint="Put it back from a backup, or remove the file: then a new key is made. Captures signed "
                "so far still hold, as each carries its public key.",
                id="annotations.E007",
            )
        ]
    return []
